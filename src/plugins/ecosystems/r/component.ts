import { purlOf } from '../../../formats/purl.ts'
import type { Component } from '../../../model/component.ts'

const LONGEST = 256

/** Where a package of R was published: advisories and purls keep the two apart. */
export type Publisher = 'cran' | 'bioconductor'

/** The component of an R package, or undefined when name or version cannot be those of one ("Writing R Extensions", DESCRIPTION). */
export function rComponent(publisher: Publisher, name: string, version: string): Component | undefined {
  if (name.length > LONGEST || version.length > LONGEST) return undefined
  if (!/^[a-z][a-z0-9.]*$/i.test(name) || !/^(?:\d[\d.-]*)?$/.test(version)) return undefined
  return { purl: purlOf(publisher, undefined, name, version), type: publisher, name, version }
}
