import { isRecord, textOf } from '../../../formats/json.ts'
import { quoted } from '../../../formats/problems.ts'
import { hashesOf } from './integrity.ts'
import type { LockedGraph, LockedPackage, LockScope, Need } from './locked-graph.ts'

type Fields = Readonly<Record<string, unknown>>

/** Why an importer asks for what stands in each of its members. pnpm's own tools are no part of what runs. */
const reasons: Readonly<Record<string, LockScope>> = {
  dependencies: 'runtime',
  optionalDependencies: 'optional',
  devDependencies: 'dev',
  configDependencies: 'dev',
  packageManagerDependencies: 'dev',
}

/** One document of a lock, read with all its scalars as text. */
export function pnpmGraph(lock: Fields, problems: string[]): LockedGraph {
  const major = Number.parseInt(textOf(lock, 'lockfileVersion') ?? '', 10)
  if (!(major >= 5 && major <= 9))
    problems.push(`expected lockfileVersion 5 to 9, got ${JSON.stringify(lock['lockfileVersion'] ?? null).slice(0, 80)}`)
  const described = recordIn(lock, 'packages', problems)
  // From version 9 on, what a package is stands apart from what it was installed with.
  const installed = lock['snapshots'] === undefined ? described : recordIn(lock, 'snapshots', problems)
  const packages = new Map<string, LockedPackage>()
  const ids = new Set(Object.keys(installed))
  for (const [id, value] of Object.entries(installed)) {
    const told = installed === described ? value : Object.hasOwn(described, withoutPeers(id)) ? described[withoutPeers(id)] : undefined
    if (!isRecord(value) || !isRecord(told)) problems.push(`${quoted(id)}: expected a package with its resolution`)
    else packages.set(id, packageOf(id, told, value, ids, major, problems))
  }
  const importers = lock['importers'] === undefined ? { '.': lock } : recordIn(lock, 'importers', problems)
  const asked = Object.values(importers).flatMap((importer) =>
    isRecord(importer) ? Object.entries(reasons).flatMap(([member, as]) => needsIn(importer[member], as, ids)) : [],
  )
  return { packages, asked, whole: true }
}

function recordIn(lock: Fields, member: string, problems: string[]): Fields {
  const value = lock[member]
  if (isRecord(value)) return value
  // a project without dependencies
  if (value !== undefined && value !== '') problems.push(`expected a map in ${member}`)
  return {}
}

function packageOf(id: string, told: Fields, value: Fields, ids: ReadonlySet<string>, major: number, problems: string[]): LockedPackage {
  const needs = [...needsIn(value['dependencies'], 'runtime', ids), ...needsIn(value['optionalDependencies'], 'optional', ids)]
  const resolution = isRecord(told['resolution']) ? told['resolution'] : {}
  const parts = partsOf(withoutPeers(id), major)
  const name = textOf(told, 'name') ?? parts?.name
  const version = textOf(told, 'version') ?? parts?.version
  if (name === undefined || version === undefined) {
    problems.push(`${quoted(id)}: expected the name and the version of a package`)
    return { needs }
  }
  if (version.startsWith('runtime:') || parts?.version.startsWith('runtime:')) {
    problems.push(`${quoted(id)}: a runtime that pnpm installs is no npm package, and is not judged`)
    return { needs }
  }
  // a folder of the project
  if (textOf(resolution, 'type') === 'directory' || version.startsWith('link:')) return { needs }
  return { installed: { name, version }, needs, hashes: hashesOf(resolution['integrity']) }
}

/** The members of a map of dependencies: `name: version`, or for importers from version 6 on `name: { specifier, version }`. */
function needsIn(wanted: unknown, as: LockScope, ids: ReadonlySet<string>): readonly Need[] {
  if (!isRecord(wanted)) return []
  return Object.entries(wanted).flatMap(([name, value]) => {
    const version = typeof value === 'string' ? value : isRecord(value) ? textOf(value, 'version') : undefined
    if (version === undefined || version.startsWith('link:')) return []
    const to = [`${name}@${version}`, `/${name}@${version}`, `/${name}/${version}`, version, `/${version}`].find((id) => ids.has(id))
    return to === undefined ? [] : [{ to, as }]
  })
}

/** `react-dom@18.2.0(react@18.3.1)(patch_hash=...)`: what a package was installed with stands in brackets behind it. */
const withoutPeers = (id: string): string => {
  const bracket = id.indexOf('(')
  return bracket < 0 ? id : id.slice(0, bracket)
}

/**
 * `/name/1.0.0_peers` (5), `/name@1.0.0` (6), `name@1.0.0` (9), each perhaps with a scope; up to 6 with another registry's host in
 * front. For what is not from a registry the version is an address.
 */
function partsOf(id: string, major: number): { readonly name: string; readonly version: string } | undefined {
  if (id.startsWith('file:')) return undefined
  const slash = id.indexOf('/')
  const path = major >= 9 || slash < 0 ? id : id.slice(slash + 1)
  if (major >= 6) {
    const at = path.indexOf('@', 1)
    return at < 0 ? undefined : { name: path.slice(0, at), version: path.slice(at + 1) }
  }
  const [first = '', second = '', third] = path.split('/', 3)
  const [name, version] = path.startsWith('@') ? [`${first}/${second}`, third] : [first, second]
  return version === undefined || version === '' ? undefined : { name, version: version.split('_', 1)[0] ?? '' }
}
