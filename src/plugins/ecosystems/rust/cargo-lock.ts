import { isRecord } from '../../../formats/json.ts'
import { gapsOf, quoted, shown } from '../../../formats/problems.ts'
import { parseToml } from '../../../formats/toml.ts'
import type { Component, Occurrence } from '../../../model/component.ts'
import type { Extractor } from '../../../model/seams.ts'
import { crateOf, MOST_NEEDS, qualifiersOf } from './component.ts'
import { ofProject } from './places.ts'

/** Crates of one lock; a thousand is much. */
const MOST = 100_000

type Locked = {
  readonly component: Component
  /** Without a source it is the project's own: a member of its workspace, or a folder it names. */
  readonly own: boolean
  readonly needs: readonly string[]
  readonly checksum?: string
}

/** What a project was built with. Format: Cargo.lock of versions 1 to 4, as cargo's `encode.rs` writes them. */
export const cargoLock = {
  id: 'rust/cargo-lock',
  version: 2,
  title: 'Cargo.lock',
  names: ['Cargo.lock'],
  wants: ({ path }) => ofProject(path, 'Cargo.lock'),
  async read(file) {
    const problems: string[] = []
    const lock = parseToml(await file.text())
    if (!isRecord(lock)) return { occurrences: [], gaps: gapsOf(this.id, file.path, ['expected a TOML table']) }
    const version = lock['version'] ?? 1
    if (typeof version !== 'number' || version > 4) problems.push(`a lock of version ${shown(version)}; those up to 4 are known`)
    const locked = lockedIn(lock, problems)
    const needs = locked.reduce((sum, one) => sum + one.needs.length, 0)
    if (needs > MOST_NEEDS) problems.push(`${needs} dependencies between crates, at most ${MOST_NEEDS} are told: none is`)
    return { occurrences: occurrencesOf(locked, file.path, needs <= MOST_NEEDS), gaps: gapsOf(this.id, file.path, problems) }
  },
} satisfies Extractor

function lockedIn(lock: Record<string, unknown>, problems: string[]): readonly Locked[] {
  const packages = lock['package'] ?? []
  const root = lock['root']
  const all = Array.isArray(packages) ? packages : [packages]
  if (all.length > MOST) problems.push(`${all.length} crates, at most ${MOST} are read`)
  const sums = isRecord(lock['metadata']) ? lock['metadata'] : {}
  return [...(root === undefined ? [] : [root]), ...all.slice(0, MOST)].flatMap((entry: unknown) => {
    const name = isRecord(entry) ? entry['name'] : undefined
    const version = isRecord(entry) ? entry['version'] : undefined
    if (!isRecord(entry) || typeof name !== 'string' || typeof version !== 'string' || version === '') {
      problems.push('expected a name and a version of each crate')
      return []
    }
    const source = typeof entry['source'] === 'string' ? entry['source'] : undefined
    const component = crateOf(name, version, source === undefined ? {} : qualifiersOf(source))
    if (component === undefined) {
      problems.push(`expected the name of a crate and a version, got ${quoted(`${name} ${version}`)}`)
      return []
    }
    const needs = Array.isArray(entry['dependencies']) ? entry['dependencies'].filter((need) => typeof need === 'string') : []
    // Version 1 keeps all checksums together at the end.
    const sum = entry['checksum'] ?? sums[`checksum ${name} ${version} (${source ?? ''})`]
    const checksum = typeof sum === 'string' && /^[0-9a-f]{64}$/.test(sum) ? sum : undefined
    return [{ component, own: source === undefined, needs, ...(checksum !== undefined && { checksum }) }]
  })
}

function occurrencesOf(locked: readonly Locked[], path: string, withNeeds: boolean): readonly Occurrence[] {
  const byName = new Map<string, Locked>()
  for (const one of locked) {
    const { name, version } = one.component
    byName.set(name, one)
    byName.set(`${name} ${version}`, one)
  }
  // `name`, `name version` where there are several, `name version (source)` where even these are.
  const find = (need: string) => byName.get(need) ?? byName.get(need.split(' ', 2).join(' '))
  const direct = new Set(locked.filter(({ own }) => own).flatMap(({ needs }) => needs.map(find)))
  return locked.flatMap((one): readonly Occurrence[] => {
    if (one.own) return []
    const needs = !withNeeds ? [] : [...new Set(one.needs.flatMap((need) => find(need)?.component.purl ?? []))].sort()
    return [
      {
        component: one.component,
        at: { path },
        extractor: cargoLock.id,
        direct: direct.has(one),
        ...(needs.length > 0 && { dependsOn: needs }),
        ...(one.checksum !== undefined && { hashes: [`sha256:${one.checksum}`] }),
      },
    ]
  })
}
