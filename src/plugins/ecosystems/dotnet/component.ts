import { purlOf } from '../../../formats/purl.ts'
import type { Component } from '../../../model/component.ts'

const LONGEST = 512

/** The component of a NuGet package; an empty version for one that is only declared. undefined: not the name or version of one. */
export function nugetComponent(name: string, version: string): Component | undefined {
  if (name.length > LONGEST || !/^\w+(?:[.-]\w+)*$/.test(name)) return undefined
  if (version !== '' && !isVersion(version)) return undefined
  return { purl: purlOf('nuget', undefined, name, version), type: 'nuget', name, version }
}

/** One version, and no range: not `[1.0,2.0)`, not `1.*`, not `$(Version)`. */
export const isVersion = (text: string): boolean =>
  text.length <= LONGEST && /^\d+(?:\.\d+){0,3}(?:-[0-9A-Za-z.-]+)?(?:\+[0-9A-Za-z.-]+)?$/.test(text)
