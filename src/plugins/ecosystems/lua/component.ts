import { purlOf } from '../../../formats/purl.ts'
import type { Component } from '../../../model/component.ts'

/** The component of a rock, or undefined for what cannot be the name, or the version and revision (`1.0-1`), of one. Names are in lower case. */
export function rockComponent(written: string, version: string): Component | undefined {
  const name = written.toLowerCase()
  if (!/^[a-z0-9_][\w.-]{0,200}$/.test(name) || !/^[\w.]{1,100}-\d{1,9}$/.test(version)) return undefined
  return { purl: purlOf('luarocks', undefined, name, version), type: 'luarocks', name, version }
}
