import { purlOf } from '../../../formats/purl.ts'
import type { Component } from '../../../model/component.ts'

/** Something that is in no registry of packages, under the name its project goes by. */
export const genericComponent = (name: string, version: string): Component => ({
  purl: purlOf('generic', undefined, name, version),
  type: 'generic',
  name,
  version,
})
