import { purlOf } from '../../../formats/purl.ts'
import type { Component } from '../../../model/component.ts'

const LONGEST = 512

/** The component of a gem, or undefined when name or version (without platform) cannot be those of one. */
export function gemComponent(name: string, version: string): Component | undefined {
  if (name.length > LONGEST || !/^[A-Za-z0-9_.-]*[A-Za-z0-9_][A-Za-z0-9_.-]*$/.test(name)) return undefined
  if (version.length > LONGEST || !/^[0-9][0-9A-Za-z.]*$/.test(version)) return undefined
  return { purl: purlOf('gem', undefined, name, version), type: 'gem', name, version }
}
