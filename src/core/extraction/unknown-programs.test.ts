import { describe, expect, it } from 'vitest'
import type { Occurrence } from '../../model/component.ts'
import { settleInventory, type Extraction } from './settle-inventory.ts'

const component = (type: string, name: string) => ({ purl: `pkg:${type}/${name}@1`, type, name, version: '1' })
const occurrence = (type: string, name: string, path: string): Occurrence => ({
  component: component(type, name),
  at: { path },
  extractor: 'x',
})
const program = (path: string, occurrences: readonly Occurrence[] = []): Extraction => ({
  extractor: 'binaries/program',
  path,
  occurrences,
  gaps: [],
  program: 'program',
})
const owned = (...paths: readonly string[]): Extraction => ({
  extractor: 'db',
  path: 'db',
  occurrences: [],
  gaps: [],
  owned: [{ owner: 'pkg', paths }],
})
const settled = (...extractions: readonly Extraction[]) => {
  const { occurrences, gaps } = settleInventory(extractions, [])
  return {
    found: occurrences.map(({ component: c, at, ownedBy = '' }) => `${c.name} ${at.path} ${ownedBy}`.trim()),
    gaps: gaps.map(({ reason }) => reason),
  }
}

describe('programs that nothing tells the kind of', () => {
  it('are one gap with their number and the first of them', () => {
    const many = Array.from({ length: 12 }, (_, at) => program(`opt/${String(at).padStart(2, '0')}`))
    const first = '12 programs of which nothing tells what it is, and that no package owns: '
    expect(settled(...many.toReversed()).gaps).toEqual([
      `${first}opt/00, opt/01, opt/02, opt/03, opt/04, opt/05, opt/06, opt/07, opt/08, opt/09 ...`,
    ])
    expect(settled(program('opt/a')).gaps).toEqual(['1 program of which nothing tells what it is, and that no package owns: opt/a'])
  })
  it('are not those that a package owns, /usr merged or not', () => {
    expect(settled(program('usr/bin/a'), program('bin/b'), owned('bin/a', 'usr/bin/b')).gaps).toEqual([])
  })
  it('are not those of which something else is told', () => {
    const gap = { path: 'opt/b', extractor: 'go/program', reason: 'a Go program without build information' }
    const told: Extraction = { extractor: 'go/program', path: 'opt/a', occurrences: [occurrence('golang', 'stdlib', 'opt/a')], gaps: [gap] }
    expect(settled(program('opt/a'), program('opt/b'), told).gaps).toEqual(['a Go program without build information'])
  })
  it('are not those of a runtime that is known, nor of a package of a language', () => {
    const jdk: Extraction = {
      extractor: 'jdk',
      path: 'opt/jdk/release',
      occurrences: [occurrence('generic', 'java', 'opt/jdk/release')],
      gaps: [],
      covers: true,
    }
    const modules = program('app/node_modules/x/bin/x')
    expect(settled(jdk, modules, program('opt/jdk/bin/java'), program('opt/jdk2/bin/java')).gaps).toEqual([
      '1 program of which nothing tells what it is, and that no package owns: opt/jdk2/bin/java',
    ])
  })
})

describe('folders that a database tells of', () => {
  it('have no unknown programs', () => {
    const store: Extraction = { extractor: 'nix', path: 'nix/var/nix/db/db.sqlite', occurrences: [], gaps: [], covers: ['nix/store/a'] }
    expect(settled(store, program('nix/store/a/bin/x'), program('nix/store/b/bin/x')).gaps).toEqual([
      '1 program of which nothing tells what it is, and that no package owns: nix/store/b/bin/x',
    ])
  })
})

describe('what a program says of the package it was built for', () => {
  it('stands where no package database has the program', () => {
    const library: Extraction = { ...program('lib/c.so', [occurrence('rpm', 'glibc', 'lib/c.so')]), program: 'library' }
    expect(
      settled(
        library,
        program('opt/a', [occurrence('rpm', 'coreutils', 'opt/a')]),
        program('bin/b', [occurrence('rpm', 'bash', 'bin/b')]),
        owned('bin/b', 'lib/c.so'),
      ),
    ).toEqual({
      found: ['coreutils opt/a'],
      gaps: [],
    })
  })
  it('is no package database', () => {
    const release: Extraction = { extractor: 'os', path: 'etc/os-release', occurrences: [], gaps: [], os: { id: 'fedora', version: '40' } }
    expect(settled(release, program('opt/a', [occurrence('rpm', 'coreutils', 'opt/a')])).gaps).toEqual([
      'this is fedora 40, but no package database of it could be read: its packages are unknown',
    ])
  })
  it('nor is what tells of packages of another system', () => {
    const on: Extraction = { extractor: 'os', path: 'etc/os-release', occurrences: [], gaps: [], os: { id: 'debian', version: '12' } }
    const { component: libc, ...rest } = occurrence('deb', 'libc6', 'snap/a/1/snap/manifest.yaml')
    const brought: Extraction = {
      ...{ extractor: 'snap', path: rest.at.path, gaps: [] },
      occurrences: [{ ...rest, component: { ...libc, distro: 'ubuntu:22.04' } }],
    }
    expect(settled(on, brought).gaps).toEqual(['this is debian 12, but no package database of it could be read: its packages are unknown'])
  })
  it('is none of another kind, but where all packages of a system are of that kind', () => {
    const on = (id: string): Extraction => ({ extractor: 'os', path: 'etc/os-release', occurrences: [], gaps: [], os: { id } })
    const store: Extraction = { extractor: 'nix', path: 'db', occurrences: [occurrence('nix', 'curl', 'db')], gaps: [] }
    expect(settled(on('nixos'), store).gaps).toEqual([])
    expect(settled(on('ubuntu'), store).gaps).toEqual([
      'this is ubuntu, but no package database of it could be read: its packages are unknown',
    ])
  })
})
