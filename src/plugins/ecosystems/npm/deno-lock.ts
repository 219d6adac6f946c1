import type { Component } from '../../../model/component.ts'
import type { Extractor } from '../../../model/seams.ts'
import { isRecord, namesIn, parseJson, textOf } from '../../../formats/json.ts'
import { gapsOf, quoted } from '../../../formats/problems.ts'
import { jsrComponent, npmComponent } from './component.ts'
import { hashesOf } from './integrity.ts'
import { occurrencesOf, type LockedPackage, type Need } from './locked-graph.ts'

type Fields = Readonly<Record<string, unknown>>

/**
 * What Deno locked (docs.deno.com, "Integrity checking and lock files"; versions 2 to 5): packages of npm and of JSR. Whether one
 * is for development it does not say.
 */
export const denoLock = {
  id: 'npm/deno-lock',
  version: 1,
  title: 'deno.lock',
  names: ['deno.lock'],
  wants: ({ path }) => (path === 'deno.lock' || path.endsWith('/deno.lock')) && !`/${path}`.includes('/node_modules/'),
  async read(file) {
    const lock = parseJson(await file.text())
    if (!isRecord(lock)) return { occurrences: [], gaps: gapsOf(this.id, file.path, ['expected a JSON object']) }
    const problems: string[] = []
    if (!['2', '3', '4', '5'].includes(String(lock['version'])))
      problems.push(`expected version 2, 3, 4 or 5, got ${JSON.stringify(lock['version'] ?? null).slice(0, 80)}`)
    const modules = namesIn(lock['remote']).length
    if (modules > 0) problems.push(`${modules} modules are loaded from web addresses: whose they are, and in which version, is not told`)
    const { npm, jsr, specifiers } = sectionsOf(lock)
    const packages = new Map<string, LockedPackage>([
      ...entriesOf('npm', npm, specifiers, problems),
      ...entriesOf('jsr', jsr, specifiers, problems),
    ])
    const asked = [...askedIn(lock)].flatMap((wanted) => needed(specifiers.get(wanted)))
    const graph = { packages, asked, whole: false, componentOf }
    const found = occurrencesOf(graph, { at: { path: file.path }, extractor: this.id }, problems)
    // without a word on development, no way says that a package runs
    const occurrences = found.map(({ scope: _, ...occurrence }) => occurrence)
    return { occurrences, gaps: gapsOf(this.id, file.path, problems) }
  },
} satisfies Extractor

/** Names of JSR are marked, as in the lock's own specifiers: both registries may have a package of one name. */
const componentOf = (name: string, version: string): Component | undefined =>
  name.startsWith('jsr:') ? jsrComponent(name.slice('jsr:'.length), version) : npmComponent(name, version)

const needed = (to: string | undefined): readonly Need[] => (to === undefined ? [] : [{ to, as: 'runtime' }])

/** The packages of each registry, and the id (`npm:chalk@5.0.0`) that answers to each specifier (`npm:chalk@5`). */
function sectionsOf(lock: Fields) {
  const record = (value: unknown): Fields => (isRecord(value) ? value : {})
  const inside = record(lock['packages'])
  const old = record(lock['npm'])
  // Version 2 knows npm alone, and has both parts in one member; version 3 has all in `packages`; from 4 on they stand apart.
  const npm = isRecord(lock['packages']) ? record(inside['npm']) : isRecord(old['packages']) ? old['packages'] : old
  const jsr = isRecord(lock['packages']) ? record(inside['jsr']) : record(lock['jsr'])
  const specifiers = new Map<string, string>()
  const told = [...Object.entries(record(lock['specifiers'])), ...Object.entries(record(inside['specifiers']))]
  if (isRecord(old['packages']))
    told.push(...Object.entries(record(old['specifiers'])).map(([key, id]): [string, unknown] => [`npm:${key}`, id]))
  for (const [key, value] of told) {
    const wanted = /^(npm|jsr):\/?((?:@[^/@]+\/)?[^/@]+)/.exec(key.slice(0, 1024))
    if (wanted === null || typeof value !== 'string') continue
    const [, registry = '', name = ''] = wanted
    // the whole id, with its registry from version 3 on; from version 4 on what stands behind the name
    const id = value.startsWith(`${name}@`) ? value : `${name}@${value}`
    specifiers.set(key, /^(?:npm|jsr):/.test(value) ? value : `${registry}:${id}`)
  }
  return { npm, jsr, specifiers }
}

/** What the project and its members ask for. */
function* askedIn(lock: Fields): Generator<string, void> {
  const open: unknown[] = [lock['workspace']]
  for (let one = open.pop(); one !== undefined; one = open.pop()) {
    if (!isRecord(one)) continue
    for (const wanted of Array.isArray(one['dependencies']) ? one['dependencies'] : []) if (typeof wanted === 'string') yield wanted
    open.push(one['packageJson'])
    if (one === lock['workspace'] && isRecord(one['members'])) open.push(...Object.values(one['members']))
  }
}

function* entriesOf(
  registry: 'npm' | 'jsr',
  section: Fields,
  specifiers: ReadonlyMap<string, string>,
  problems: string[],
): Generator<[string, LockedPackage], void> {
  const alone = idsByName(section)
  for (const [key, value] of Object.entries(section)) {
    const at = key.indexOf('@', 1)
    if (at < 0 || !isRecord(value)) {
      problems.push(`${registry}: expected "name@version" with what it needs, got ${quoted(key)}`)
      continue
    }
    // the peers it was installed with follow the version: `18.2.0_react@18.3.1`
    const version = key.slice(at + 1).split('_', 1)[0] ?? ''
    const needs = ['dependencies', 'optionalDependencies'].flatMap((member) =>
      namesOf(value[member]).flatMap((wanted): readonly Need[] => {
        if (/^(?:npm|jsr):/.test(wanted)) return needed(specifiers.get(wanted) ?? alonePrefixed(wanted, registry, alone))
        const id = wanted.indexOf('@', 1) < 0 ? alone.get(wanted) : wanted.replace(/^.*@npm:(?=.)/, '')
        return needed(id === undefined ? undefined : `${registry}:${id}`)
      }),
    )
    const integrity = textOf(value, 'integrity')
    const hashes = registry === 'npm' ? hashesOf(integrity) : /^[0-9a-f]{64}$/.test(integrity ?? '') ? [`sha256:${integrity}`] : []
    const name = key.slice(0, at)
    yield [`${registry}:${key}`, { installed: { name: registry === 'jsr' ? `jsr:${name}` : name, version }, needs, hashes }]
  }
}

/** A dependency named alone is that of the only version there is. */
function idsByName(section: Fields): ReadonlyMap<string, string> {
  return new Map(Object.keys(section).map((key) => [key.slice(0, Math.max(key.indexOf('@', 1), 0)), key]))
}

const alonePrefixed = (wanted: string, registry: string, alone: ReadonlyMap<string, string>): string | undefined => {
  const id = wanted.startsWith(`${registry}:`) ? alone.get(wanted.slice(registry.length + 1)) : undefined
  return id === undefined ? undefined : `${registry}:${id}`
}

/** A list of ids, or in versions 2 and 3 ids by the name they are wanted under. */
function namesOf(value: unknown): readonly string[] {
  return (Array.isArray(value) ? value : isRecord(value) ? Object.values(value) : []).filter((one) => typeof one === 'string')
}
