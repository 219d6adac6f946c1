import type { Component, Gap, Occurrence } from '../model/component.ts'
import type { AdvisoryKey } from '../model/seams.ts'
import type { AdvisoryFile, AdvisoryHead, Candidate } from '../core/advisories/index.ts'
import { applies, decide, groupNames, judge, type Judgement, weaknessesOf } from '../core/matching/index.ts'
import { familyOf, keyOf, schemeOf } from './units.ts'

/** A component that was found, wherever, and what is wrong with it. */
export type Judged = {
  readonly component: Component
  readonly places: readonly Occurrence[]
  readonly judgements: readonly Judgement[]
  /** The vendor's words for this package, by the id of the advisory that has one. */
  readonly words: ReadonlyMap<string, string>
}

export type Judging = {
  /** Components with at least one weakness, in the order of the inventory. */
  readonly judged: readonly Judged[]
  /** Every name of a weakness, by any of them, the preferred first. */
  namesOf(weakness: string): readonly string[]
  /** The records that speak for a weakness; bundles only where nothing else does. */
  recordsOf(weakness: string): readonly AdvisoryHead[]
  /** Components nobody can judge: unknown, not safe. */
  readonly gaps: readonly Gap[]
}

/** Families of OSV that publish advisories for what was found. */
export function familiesIn(occurrences: readonly Occurrence[]): readonly string[] {
  const families = new Set<string>()
  for (const { component } of occurrences) {
    const key = keyOf(component)
    if (key !== undefined) families.add(familyOf(key.ecosystem))
  }
  return [...families].toSorted()
}

/** Judges an inventory by a local advisory file: the same decisions as the server's, without a database. */
export function judgeInventory(occurrences: readonly Occurrence[], file: AdvisoryFile): Judging {
  const heads = headReader(file)
  const asked = [...distinct(occurrences.filter(applies))]
  const suspects = asked.flatMap(([component, places]) => {
    const key = keyOf(component)
    const scheme = key && schemeOf(key.ecosystem)
    if (key === undefined || scheme === undefined) return []
    const hits = suspectsOf(file.lookup(key.ecosystem, key.name), key, heads)
    return hits.length === 0 ? [] : [{ component, places, key, scheme, hits }]
  })
  const refs = suspects.flatMap(({ hits }) => hits.map(({ ref }) => ref))
  const records = connected(refs, file, heads)
  const groups = groupNames(records)
  const judged = suspects.flatMap(({ component, places, key, scheme, hits }) => {
    const candidates = hits.map(({ ref, affected }) => {
      const head = heads(ref)
      return { advisory: { ...head, isBundle: head.bundles.length > 0 }, weaknesses: weaknessesOf(head, groups), affected }
    })
    const judgements = judge(key, candidates, scheme)
    const words = new Map(
      hits.flatMap(({ id, affected: { vendorSeverity } }) => (vendorSeverity === undefined ? [] : [[id, vendorSeverity]])),
    )
    return judgements.length === 0 ? [] : [{ component, places, judgements, words }]
  })
  const byWeakness = new Map<string, AdvisoryHead[]>()
  for (const record of records) for (const weakness of weaknessesOf(record, groups)) append(byWeakness, weakness, record)
  return {
    judged,
    namesOf: (weakness) => groups.names.get(weakness) ?? [weakness],
    recordsOf: (weakness) => {
      const all = byWeakness.get(weakness) ?? []
      const own = all.filter(({ bundles }) => bundles.length === 0)
      return own.length > 0 ? own : all
    },
    gaps: [...unjudged(asked.map(([component]) => component)), ...undecided(judged)],
  }
}

function append<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  const held = map.get(key)
  if (held === undefined) map.set(key, [value])
  else held.push(value)
}

type HeadReader = (ref: number) => AdvisoryHead

/** Each head is read from the file once. */
function headReader(file: AdvisoryFile): HeadReader {
  const held = new Map<number, AdvisoryHead>()
  return (ref) => {
    const known = held.get(ref)
    if (known !== undefined) return known
    const head = file.head(ref)
    held.set(ref, head)
    return head
  }
}

/** The same component at several places is judged once. */
function distinct(occurrences: readonly Occurrence[]): Map<Component, Occurrence[]> {
  const byIdentity = new Map<string, { readonly component: Component; readonly places: Occurrence[] }>()
  for (const occurrence of occurrences) {
    const { component } = occurrence
    const identity = [component.purl, component.version, component.distro, component.source?.name, component.source?.version].join('\0')
    const held = byIdentity.get(identity)
    if (held === undefined) byIdentity.set(identity, { component, places: [occurrence] })
    else held.places.push(occurrence)
  }
  return new Map([...byIdentity.values()].map(({ component, places }) => [component, places]))
}

/**
 * Candidates that may lead to a judgement. What does not affect the component is left out before its advisory is read;
 * only beside a bundle does it count, for a bundle is silent where another record speaks.
 */
function suspectsOf(candidates: readonly Candidate[], key: AdvisoryKey, heads: HeadReader): readonly Candidate[] {
  const scheme = schemeOf(key.ecosystem)
  if (scheme === undefined) return []
  const hits = candidates.filter(({ affected }) => decide(key, affected, scheme).is !== 'unaffected')
  return hits.some(({ ref }) => heads(ref).bundles.length > 0) ? candidates : hits
}

/** All records that share a name with these, directly or through others, and those that a bundle among them names. */
function connected(refs: readonly number[], file: AdvisoryFile, heads: HeadReader): readonly AdvisoryHead[] {
  const seen = new Set<number>()
  const asked = new Set<string>()
  const open = [...refs]
  for (let ref = open.pop(); ref !== undefined; ref = open.pop()) {
    if (seen.has(ref)) continue
    seen.add(ref)
    const { id, aliases, bundles } = heads(ref)
    for (const name of [id, ...aliases, ...bundles]) {
      if (asked.has(name)) continue
      asked.add(name)
      open.push(...file.named(name))
    }
  }
  return [...seen].map(heads)
}

/** One gap for each kind of package that no feed speaks of, and for each of which no version is known. */
function unjudged(components: readonly Component[]): readonly Gap[] {
  const kinds = Map.groupBy(
    components.filter((component) => keyOf(component) === undefined),
    ({ type, distro, version }) =>
      (distro === undefined ? type : `${type} (${distro})`) +
      (version === '' ? ' are only declared, in no certain version: not judged' : ' are judged by no feed'),
  )
  return [...kinds]
    .map(([kind, of]) => ({ path: '', extractor: 'match', reason: `${of.length} components of type ${kind}` }))
    .toSorted((a, b) => (a.reason < b.reason ? -1 : 1))
}

function undecided(judged: readonly Judged[]): readonly Gap[] {
  return judged.flatMap(({ component, places, judgements }) =>
    judgements
      .filter(({ verdict }) => verdict === 'undecided')
      .map(({ weakness, evidence }) => ({
        path: places[0]?.at.path ?? '',
        extractor: 'match',
        reason: `${weakness} on ${component.name}: ${evidence.map((one) => ('because' in one ? one.because : '')).find(Boolean) ?? 'undecided'}`,
      })),
  )
}
