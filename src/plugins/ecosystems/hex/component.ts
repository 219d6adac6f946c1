import { purlOf } from '../../../formats/purl.ts'
import type { Component } from '../../../model/component.ts'

const LONGEST = 256

/**
 * The component of a package of Hex, or undefined for what cannot be the name or version of one. Packages of an organization
 * (`hexpm:acme`) have its name in front: they are not those that everybody sees.
 */
export function hexComponent(name: string, version: string, repository = 'hexpm'): Component | undefined {
  if (name.length > LONGEST || version.length > LONGEST || !/^[a-z][a-z0-9_]*$/.test(name) || !/^[!-~]+$/.test(version)) return undefined
  const owner = repository === 'hexpm' ? undefined : repository.replace(/^hexpm:/, '')
  if (owner !== undefined && !/^[\w.-]{1,256}$/.test(owner)) return undefined
  return { purl: purlOf('hex', owner, name, version), type: 'hex', name: owner === undefined ? name : `${owner}/${name}`, version }
}
