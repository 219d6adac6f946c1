import { purlOf } from '../../../formats/purl.ts'
import type { Component } from '../../../model/component.ts'

const LONGEST = 256
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

/**
 * The component of a Julia package, or undefined when name, uuid or version cannot be those of one. Two packages of one name may
 * exist: the purl specification has the uuid tell them apart.
 */
export function juliaComponent(name: string, uuid: string, version: string): Component | undefined {
  if (name.length > LONGEST || version.length > LONGEST || !/^[\p{L}_][\p{L}\p{N}_!]*$/u.test(name)) return undefined
  if (!UUID.test(uuid) || !/^[!-~]*$/.test(version)) return undefined
  return { purl: purlOf('julia', undefined, name, version, { uuid }), type: 'julia', name, version }
}
