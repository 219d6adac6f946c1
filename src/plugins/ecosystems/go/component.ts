import { purlOf } from '../../../formats/purl.ts'
import type { Component, Occurrence } from '../../../model/component.ts'

/** A module at a version, as Go writes both. */
export type Module = { readonly path: string; readonly version: string }

const LONGEST = 512

/** Module paths and versions as Go allows them (golang.org/x/mod/module), loosely: what we hold is what was written. */
const isPath = (text: string): boolean => text.length <= LONGEST && /^[\w.~!+-]+(?:\/[\w.~!+-]+)*$/.test(text)
const isVersion = (text: string): boolean => text.length <= LONGEST && semver.test(text)
const semver =
  /^v(?:0|[1-9]\d*)(?:\.(?:0|[1-9]\d*)){2}(?:-(?:0|[1-9]\d*|\d*[A-Za-z-][\dA-Za-z-]*)(?:\.(?:0|[1-9]\d*|\d*[A-Za-z-][\dA-Za-z-]*))*)?(?:\+[\dA-Za-z.-]+)?$/

/** undefined: not a module at a version that somebody published. */
export function moduleComponent({ path, version }: Module): Component | undefined {
  return isPath(path) && isVersion(version) ? componentOf(path, version) : undefined
}

/** A module of which no version is known: `why` is what was written in its place. */
export function unversioned(path: string, why: string, extractor: string, at: string): Occurrence | undefined {
  if (!isPath(path)) return undefined
  return { component: componentOf(path, ''), at: { path: at }, extractor, scope: 'declared', requirement: why.slice(0, LONGEST) }
}

/** Go's own library, which is part of every program, and its tools; both go by the release of Go. */
export const standardLibrary = (release: string): Component => componentOf('stdlib', release)
export const toolchainOf = (release: string): Component => componentOf('toolchain', release)

function componentOf(path: string, version: string): Component {
  const slash = path.lastIndexOf('/')
  const namespace = slash === -1 ? undefined : path.slice(0, slash)
  return { purl: purlOf('golang', namespace, path.slice(slash + 1), version), type: 'golang', name: path, version }
}

/**
 * `go1.21.3` is 1.21.3; `go1.22rc1` stays 1.22rc1. What a distribution or an experiment adds (`go1.20.12 (Red Hat ...)`,
 * `go1.21.4 X:boringcrypto`, `go1.21.3-custom`) is left out. undefined: a development version, or none.
 */
export function releaseOf(written: string): string | undefined {
  return /^go(\d{1,4}(?:\.\d{1,4}){1,2}(?:(?:rc|beta|alpha)\d{1,4})?)(?=$|[\s+-])/.exec(written)?.[1]
}

/** A release of Go as its advisories write it: 1.20 is 1.20.0, 1.22rc1 is 1.22.0-rc.1. */
export function asSemver(release: string): string {
  const [, numbers = '', word, count] = /^([\d.]+)(?:([a-z]+)(\d+))?$/.exec(release) ?? []
  if (numbers === '') return release
  const whole = numbers.split('.').length === 2 ? `${numbers}.0` : numbers
  return word === undefined ? whole : `${whole}-${word}.${count}`
}
