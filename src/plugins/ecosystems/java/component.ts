import { purlOf } from '../../../formats/purl.ts'
import type { Component } from '../../../model/component.ts'

/** Group, artifact and version: what Maven calls coordinates. A group nobody told stays away. */
export type Coordinates = { readonly group?: string | undefined; readonly artifact: string; readonly version: string }

/** Coordinates are names of folders in a repository; what is far longer than one is damage. */
const LONGEST = 256
/** Maven's own rule for ids, and what a folder's name may hold for versions. No property left unresolved passes. */
const isId = (text: string) => text.length <= LONGEST && /^[\w.-]+$/.test(text) && /\w/.test(text)
export const isVersion = (text: string) => text.length <= LONGEST && /^[\w.+~-]+$/.test(text) && /\w/.test(text)

/**
 * The component of these coordinates, or undefined when they cannot be some. Without a group it is none of Maven's: anybody may
 * call an artifact `core`, so it gets the purl of a thing without a registry, and no advisory is looked up for it.
 */
export function javaComponent({ group, artifact, version }: Coordinates): Component | undefined {
  if (!isId(artifact) || !isVersion(version) || (group !== undefined && !isId(group))) return undefined
  if (group === undefined) return { purl: purlOf('generic', undefined, artifact, version), type: 'generic', name: artifact, version }
  return { purl: purlOf('maven', group, artifact, version), type: 'maven', name: `${group}:${artifact}`, version }
}
/** A component that is asked for, and nobody says in which version. */
export function declaredComponent(group: string, artifact: string): Component | undefined {
  if (!isId(artifact) || !isId(group)) return undefined
  return { purl: purlOf('maven', group, artifact, ''), type: 'maven', name: `${group}:${artifact}`, version: '' }
}
