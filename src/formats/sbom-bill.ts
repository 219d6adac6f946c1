import { createHash } from 'node:crypto'
import type { Component, Occurrence } from '../model/component.ts'
import type { Resource } from '../model/resource.ts'
import { placeLine } from './sbom-place.ts'

/** One entry of the bill: a component, and all places where it was found under the same owner. */
export type Entry = {
  /** Tells it from every other. */
  readonly ref: string
  readonly component: Component
  /** The package URL with what else is known of the package. */
  readonly purl: string
  readonly owner?: string
  readonly use: 'required' | 'optional' | 'excluded'
  readonly direct: boolean
  readonly paths: readonly string[]
  /** Lines that tell each place wholly. */
  readonly places: readonly string[]
  readonly licences: readonly string[]
  readonly hashes: readonly string[]
  /** References of the entries it needs. */
  readonly needs: readonly string[]
}

/** The entries of an inventory, sorted. */
export function entriesOf(occurrences: readonly Occurrence[]): readonly Entry[] {
  const grouped = Map.groupBy(
    occurrences,
    ({ component, ownedBy }) => fullPurl(component) + (ownedBy === undefined ? '' : `#owned-by-${encodeURIComponent(ownedBy)}`),
  )
  const refs = new Map<string, string[]>()
  for (const [ref, [first]] of grouped) refs.set(first!.component.purl, [...(refs.get(first!.component.purl) ?? []), ref])
  return [...grouped].sort(([a], [b]) => order(a, b)).map(([ref, found]) => entryOf(ref, found, refs))
}

function entryOf(ref: string, found: readonly Occurrence[], refs: ReadonlyMap<string, readonly string[]>): Entry {
  const { component, ownedBy } = found[0]!
  const needed = new Set(found.flatMap(({ dependsOn }) => dependsOn ?? []))
  return {
    ref,
    component,
    purl: fullPurl(component),
    ...(ownedBy !== undefined && { owner: ownedBy }),
    use: useOf(found),
    direct: found.some(({ direct }) => direct === true),
    paths: distinct(found.map(({ at }) => at.path)),
    places: distinct(found.map(placeLine)),
    licences: distinct(found.flatMap(({ licences }) => licences ?? [])),
    hashes: distinct(found.flatMap(({ hashes }) => hashes ?? [])),
    needs: distinct([...needed].flatMap((purl) => refs.get(purl) ?? [])),
  }
}

/** CycloneDX's words: whether the whole can do without it. */
function useOf(found: readonly Occurrence[]): Entry['use'] {
  const scopes = new Set(found.map(({ scope }) => scope))
  if (scopes.has(undefined) || scopes.has('runtime') || scopes.has('declared')) return 'required'
  return scopes.has('optional') || scopes.has('peer') ? 'optional' : 'excluded'
}

/** The package URL with what our component carries apart from it, so that another program can judge the package. */
export function fullPurl({ purl, distro, source, version, arch }: Component): string {
  const upstream = source && (source.version === version ? source.name : `${source.name}@${source.version}`)
  const [base = '', query = ''] = purl.split('?', 2)
  const held = query === '' ? [] : query.split('&')
  const added = [
    ...(arch === undefined || held.some((one) => one.startsWith('arch=')) ? [] : [`arch=${encodeURIComponent(arch)}`]),
    ...(distro === undefined ? [] : [`distro=${encodeURIComponent(distro.replace(':', '-'))}`]),
    ...(upstream === undefined ? [] : [`upstream=${encodeURIComponent(upstream)}`]),
  ]
  if (added.length === 0) return purl
  return `${base}?${[...held, ...added].sort().join('&')}`
}

/** CycloneDX's word, and in capitals SPDX's, for what a document is about. */
export function subjectType(type: Resource['type']): 'container' | 'device' | 'application' {
  if (type.endsWith('_IMAGE')) return 'container'
  return type === 'OPENINSPECTOR_HOST' || type === 'AWS_EC2_INSTANCE' ? 'device' : 'application'
}

/** RFC 9562, section 5.8: version 8, for identifiers made in one's own way. Here the same content has the same one. */
export function uuidOf(text: string): string {
  const bytes = createHash('sha256').update(text).digest().subarray(0, 16)
  bytes[6] = (bytes[6]! & 0x0f) | 0x80
  bytes[8] = (bytes[8]! & 0x3f) | 0x80
  const hex = bytes.toString('hex')
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-')
}

export const distinct = (values: readonly string[]): readonly string[] => [...new Set(values)].sort(order)
const order = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
