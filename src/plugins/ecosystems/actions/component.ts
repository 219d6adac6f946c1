import { purlOf } from '../../../formats/purl.ts'
import type { Component } from '../../../model/component.ts'

const LONGEST = 256

/** The component of a repository of GitHub at a reference, or undefined for what can be neither. GitHub takes upper and lower case for the same. */
export function actionComponent(name: string, version: string): Component | undefined {
  if (name.length > LONGEST || version.length > LONGEST || !/^[A-Za-z0-9-]+\/[\w.-]+$/.test(name) || !/^[!-~]+$/.test(version))
    return undefined
  const lower = name.toLowerCase()
  const [owner = '', repository = ''] = lower.split('/')
  return { purl: purlOf('github', owner, repository, version), type: 'github', name: lower, version }
}
