import { purlOf } from '../../../formats/purl.ts'
import type { Component } from '../../../model/component.ts'

/** Homebrew's own taps: their names need no tap in front. */
const own: ReadonlySet<string> = new Set(['homebrew/core', 'homebrew/cask'])

/** A formula or cask under its name, or `user/tap/name`; the version is empty where it is only declared. */
export function brewComponent(fullName: string, version: string): Component | undefined {
  const [, tap, name] = /^(?:(\w[\w.-]{0,100}\/\w[\w.-]{0,100})\/)?(\w[\w@.+-]{0,200})$/.exec(fullName.slice(0, 512)) ?? []
  if (name === undefined || !/^[\w@.+,:~-]{0,200}$/.test(version)) return undefined
  const namespace = tap === undefined || own.has(tap) ? undefined : tap
  return {
    purl: purlOf('brew', namespace, name, version),
    type: 'brew',
    name: namespace === undefined ? name : `${namespace}/${name}`,
    version,
  }
}
