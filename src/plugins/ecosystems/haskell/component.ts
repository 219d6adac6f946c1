import { purlOf } from '../../../formats/purl.ts'
import type { Component } from '../../../model/component.ts'

const LONGEST = 256

/** The component of a Haskell package, or undefined when name or version cannot be those of one (Cabal, "Package names and versions"). */
export function haskellComponent(name: string, version: string): Component | undefined {
  if (name.length > LONGEST || version.length > LONGEST) return undefined
  if (!/^[a-z0-9]+(?:-[a-z0-9]+)*$/i.test(name) || !/^\d+(?:\.\d+)*$/.test(version)) return undefined
  return { purl: purlOf('hackage', undefined, name, version), type: 'hackage', name, version }
}

/** `aeson-2.1.2.1` taken apart: the version follows the last dash. */
export function nameAndVersion(text: string): readonly [string, string] {
  const dash = text.lastIndexOf('-')
  return dash < 0 ? [text, ''] : [text.slice(0, dash), text.slice(dash + 1)]
}
