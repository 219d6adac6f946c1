import { purlOf } from '../../../formats/purl.ts'
import type { Component } from '../../../model/component.ts'

const LONGEST = 256

/** The component of a Dart package, or undefined when name or version cannot be those of one (dart.dev, "The pubspec file"). */
export function dartComponent(name: string, version: string): Component | undefined {
  const lower = name.toLowerCase()
  if (lower.length > LONGEST || version.length > LONGEST || !/^[a-z_][a-z0-9_]*$/.test(lower) || !/^[!-~]*$/.test(version)) return undefined
  return { purl: purlOf('pub', undefined, lower, version), type: 'pub', name: lower, version }
}
