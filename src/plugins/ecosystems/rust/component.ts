import { purlOf } from '../../../formats/purl.ts'
import type { Component } from '../../../model/component.ts'

const LONGEST = 256
/** Cargo's own rule for names, and SemVer, which it demands of versions. */
const isName = (text: string): boolean => text.length <= LONGEST && /^[\p{L}_][\p{L}\p{N}_-]*$/u.test(text)
const isVersion = (text: string): boolean => text.length <= LONGEST && /^\d+\.\d+\.\d+(?:-[\w.-]+)?(?:\+[\w.-]+)?$/.test(text)

/** A crate at a version; an empty one where it is only declared. `from` tells where it comes from, if not from crates.io. */
export function crateOf(name: string, version: string, from: Readonly<Record<string, string>> = {}): Component | undefined {
  if (!isName(name) || (version !== '' && !isVersion(version))) return undefined
  return { purl: purlOf('cargo', undefined, name, version, from), type: 'cargo', name, version }
}

/**
 * Qualifiers of the purl for a source as Cargo writes it: none for crates.io, an address without user, password and query for
 * another registry or a repository.
 */
export function qualifiersOf(source: string): Readonly<Record<string, string>> {
  const [, kind = '', address = ''] = /^(registry|sparse|git)\+(.{1,500})$/.exec(source) ?? []
  const place = URL.parse(address)
  if (place === null || place.host === 'index.crates.io' || address === 'https://github.com/rust-lang/crates.io-index') return {}
  const bare = `${place.protocol}//${place.host}${place.pathname}`
  const revision = /^#[0-9a-f]{7,64}$/.test(place.hash) ? `@${place.hash.slice(1)}` : ''
  return kind === 'git' ? { vcs_url: `git+${bare}${revision}` } : { repository_url: bare }
}

/** Needs of all crates of one file that are told: each is spelt out as a purl, and a file can name some million. */
export const MOST_NEEDS = 200_000
