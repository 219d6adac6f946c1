import { purlOf } from '../../../formats/purl.ts'
import type { Component } from '../../../model/component.ts'

const LONGEST = 512
/** Composer's schema: vendor and project in lower case; older packages have capitals, which count as lower case. */
const name = /^[a-z0-9]+(?:[_.-]{1,2}[a-z0-9]+)*\/[a-z0-9]+(?:[_.-]{1,2}[a-z0-9]+)*$/
const version = /^[!-~]+$/

/** The component of a Composer package; an empty version for one that is only declared. undefined: not the name or version of one. */
export function composerComponent(written: string, its: string): Component | undefined {
  const full = written.toLowerCase()
  if (full.length > LONGEST || its.length > LONGEST || !name.test(full) || (its !== '' && !version.test(its))) return undefined
  const [vendor = '', project = ''] = full.split('/')
  return { purl: purlOf('composer', vendor, project, its), type: 'composer', name: full, version: its }
}

/** `php`, `ext-json`, `lib-curl`, `composer-runtime-api`: what the platform has, no package. */
export const isPlatform = (name: string): boolean => !name.includes('/')
