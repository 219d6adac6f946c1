import type { Advisory, Affected, Proof } from '../../model/advisory.ts'
import type { Occurrence } from '../../model/component.ts'
import type { AdvisoryKey, VersionScheme } from '../../model/seams.ts'
import { decide, newer } from './decide.ts'

/** What judging needs of an advisory, and of one of its `affected` entries for the component's (ecosystem, name). */
export type Candidate<W extends string | number = string> = {
  readonly advisory: Pick<Advisory, 'id' | 'source' | 'withdrawn'> & { readonly isBundle: boolean }
  /** The weaknesses the advisory speaks for, by whatever names them: a preferred name, a row's id. */
  readonly weaknesses: readonly W[]
  readonly affected: Affected
}

/** One advisory's word on one component. */
export type Evidence =
  | { readonly id: string; readonly source: string; readonly is: 'affected'; readonly why: Proof; readonly fixedIn?: string }
  | { readonly id: string; readonly source: string; readonly is: 'undecided'; readonly because: string }

/** One weakness on one component, with all advisories that say so. */
export type Judgement<W extends string | number = string> = {
  readonly weakness: W
  readonly verdict: 'affected' | 'undecided'
  /** The newest fixing version that evidence names; absent when none names one. */
  readonly fixedIn?: string
  /** Sorted by source, then id; for `affected` without those that are undecided. */
  readonly evidence: readonly Evidence[]
}

/**
 * All advisories for one component's (ecosystem, name), brought to one judgement for each weakness that is affected or
 * undecided; sorted by weakness, whatever the order of the candidates. Withdrawn advisories never count. A bundle speaks
 * for a weakness only where no other record does, whatever that other record says. Affected wins over undecided, and both
 * over unaffected: advisories of one weakness add up.
 */
export function judge<W extends string | number>(
  key: AdvisoryKey,
  candidates: readonly Candidate<W>[],
  scheme: Pick<VersionScheme, 'compare'>,
): Judgement<W>[] {
  const covered = coveredByRecords(candidates)
  const found = new Map<W, Map<string, Evidence>>()
  for (const { advisory, weaknesses, affected } of candidates) {
    if (advisory.withdrawn !== undefined) continue
    if (advisory.isBundle && weaknesses.every((weakness) => covered.has(weakness))) continue
    const verdict = decide(key, affected, scheme)
    if (verdict.is === 'unaffected') continue
    const evidence: Evidence = { id: advisory.id, source: advisory.source, ...verdict }
    for (const weakness of weaknesses) if (!advisory.isBundle || !covered.has(weakness)) keep(found, weakness, evidence, scheme)
  }
  return [...found]
    .map(([weakness, byAdvisory]) => judgementOf(weakness, [...byAdvisory.values()], scheme))
    .sort((a, b) => (a.weakness < b.weakness ? -1 : 1))
}

/**
 * Is the occurrence judged by advisories of its own ecosystem? Distro first: what a package of the operating system owns
 * is judged through that package alone. The packages of the operating system themselves always are.
 */
export function applies({ component, ownedBy }: Occurrence): boolean {
  return ownedBy === undefined || component.distro !== undefined
}

/** Weaknesses of which a record that is no bundle speaks. Bundles are rare: without one nothing is looked up. */
function coveredByRecords<W extends string | number>(candidates: readonly Candidate<W>[]): ReadonlySet<W> {
  const covered = new Set<W>()
  if (!candidates.some(({ advisory }) => advisory.isBundle)) return covered
  for (const { advisory, weaknesses } of candidates)
    if (!advisory.isBundle && advisory.withdrawn === undefined) for (const weakness of weaknesses) covered.add(weakness)
  return covered
}

/** One piece of evidence for each advisory, though it may hold the component in several entries. */
function keep<W>(found: Map<W, Map<string, Evidence>>, weakness: W, evidence: Evidence, scheme: Pick<VersionScheme, 'compare'>): void {
  const advisory = `${evidence.source}\0${evidence.id}`
  const byAdvisory = found.get(weakness)
  const held = byAdvisory?.get(advisory)
  if (!byAdvisory) found.set(weakness, new Map([[advisory, evidence]]))
  else if (held === undefined || isStronger(evidence, held, scheme)) byAdvisory.set(advisory, evidence)
}

/** Affected before undecided, then the newer fix, then the text of the reason, so that order of entries does not matter. */
function isStronger(one: Evidence, other: Evidence, scheme: Pick<VersionScheme, 'compare'>): boolean {
  if (one.is !== other.is) return one.is === 'affected'
  if (one.is === 'affected' && other.is === 'affected' && one.fixedIn !== other.fixedIn) {
    if (one.fixedIn === undefined || other.fixedIn === undefined) return one.fixedIn !== undefined
    const order = scheme.compare(one.fixedIn, other.fixedIn)
    if (order === 1 || order === -1) return order === 1
  }
  return JSON.stringify(one) < JSON.stringify(other)
}

function judgementOf<W extends string | number>(
  weakness: W,
  all: readonly Evidence[],
  scheme: Pick<VersionScheme, 'compare'>,
): Judgement<W> {
  const affected = all.filter(({ is }) => is === 'affected')
  const evidence = (affected.length > 0 ? affected : [...all]).sort((a, b) => (a.source + a.id < b.source + b.id ? -1 : 1))
  const fixes = evidence.map((one) => ('fixedIn' in one ? one.fixedIn : undefined)).filter((fix) => fix !== undefined)
  const fixedIn = fixes.length === 0 ? undefined : fixes.sort().reduce((newest, fix) => newer(newest, fix, scheme))
  return { weakness, verdict: affected.length > 0 ? 'affected' : 'undecided', ...(fixedIn !== undefined && { fixedIn }), evidence }
}
