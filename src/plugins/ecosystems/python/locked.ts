import { quoted } from '../../../formats/problems.ts'
import type { Component, Occurrence, Scope } from '../../../model/component.ts'
import { normalName, pythonComponent } from './component.ts'

/** One package a lock names. */
export type Locked = {
  readonly name: string
  /** Empty where the lock gives none, as for a package by its address; `asked` then says what it gives. */
  readonly version: string
  readonly asked?: string
  /** Packages it needs; a version is given where the lock holds several of that name. */
  readonly needs: readonly { readonly name: string; readonly version?: string }[]
  /** Where the lock itself says what it is there for. */
  readonly scope?: Scope
  readonly hashes?: readonly string[]
}

/** What the project itself asks for, by normalised name; undefined where nobody says. */
export type Asked = { readonly runtime: ReadonlySet<string>; readonly optional: ReadonlySet<string>; readonly dev: ReadonlySet<string> }

type Place = { readonly path: string; readonly extractor: string }
type Held = {
  readonly component: Component
  readonly asked: string | undefined
  readonly needs: Set<string>
  readonly hashes: Set<string>
  scope: Scope | undefined
}

/** Versions of one package that a need may mean; a lock holds a few, for several platforms. */
const MOST_VERSIONS = 32

/** Weakest first: of several reasons to be there the strongest counts. */
const strength: readonly (Scope | undefined)[] = [undefined, 'dev', 'optional', 'runtime']

/** One occurrence for each package and version, with its strongest scope; what cannot be a package is told in `problems`. */
export function occurrencesOf(place: Place, locked: readonly Locked[], asked: Asked | undefined, problems: string[]): Occurrence[] {
  const held = new Map<string, Held>()
  const byName = new Map<string, Held[]>()
  const entries: { readonly entry: Locked; readonly of: Held }[] = []
  for (const entry of locked) {
    const component = pythonComponent(entry.name, entry.version)
    if (component === undefined || (component.version === '' && entry.asked === undefined)) {
      problems.push(`${quoted(entry.name)} ${quoted(entry.version)}: expected the name and the version of a Python package`)
      continue
    }
    const known = held.get(component.purl)
    const of = known ?? { component, asked: entry.asked, needs: new Set<string>(), hashes: new Set<string>(), scope: undefined }
    if (known === undefined) {
      held.set(component.purl, of)
      const named = byName.get(component.name)
      if (named === undefined) byName.set(component.name, [of])
      else if (named.length < MOST_VERSIONS) named.push(of)
    }
    for (const hash of entry.hashes ?? []) of.hashes.add(hash)
    of.scope = stronger(of.scope, entry.scope)
    entries.push({ entry, of })
  }
  for (const { entry, of } of entries)
    for (const need of entry.needs)
      for (const { component } of byName.get(normalName(need.name)) ?? [])
        if (need.version === undefined || need.version === component.version) of.needs.add(component.purl)
  if (asked !== undefined) reach(asked, byName, held)
  const direct = (name: string) => asked !== undefined && [asked.runtime, asked.optional, asked.dev].some((names) => names.has(name))
  return [...held.values()].map(({ component, asked: requirement, needs, hashes, scope }) => ({
    component,
    at: { path: place.path },
    extractor: place.extractor,
    ...(component.version === '' ? declared(requirement) : scope !== undefined && { scope }),
    ...(direct(component.name) && { direct: true }),
    ...(needs.size > 0 && { dependsOn: [...needs].sort() }),
    ...(hashes.size > 0 && { hashes: [...hashes].sort() }),
  }))
}

const declared = (requirement = '') => ({ scope: 'declared' as const, ...(requirement !== '' && { requirement }) })

const stronger = (a: Scope | undefined, b: Scope | undefined) => (strength.indexOf(a) < strength.indexOf(b) ? b : a)

/** Where the lock is silent, a package is there for whatever of the project's wishes leads to it. */
function reach(asked: Asked, byName: ReadonlyMap<string, readonly Held[]>, held: ReadonlyMap<string, Held>): void {
  const open = [...held.values()].filter(({ scope }) => scope === undefined)
  const silent = new Set(open)
  for (const scope of ['runtime', 'optional', 'dev'] as const) {
    const seen = new Set<Held>()
    const waiting = [...asked[scope]].flatMap((name) => byName.get(name) ?? [])
    for (let of = waiting.pop(); of !== undefined; of = waiting.pop()) {
      if (seen.has(of)) continue
      seen.add(of)
      if (silent.has(of)) of.scope = stronger(of.scope, scope)
      for (const purl of of.needs) {
        const next = held.get(purl)
        if (next !== undefined) waiting.push(next)
      }
    }
  }
}
