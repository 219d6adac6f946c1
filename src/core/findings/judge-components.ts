import { sql } from 'kysely'
import type { Affected } from '../../model/advisory.ts'
import type { VersionScheme } from '../../model/seams.ts'
import type { Db } from '../../store/connection.ts'
import { decide, groupNames, judge, type Candidate, type Judgement, type NameGroups, weaknessesOf } from '../matching/index.ts'

export type StoredComponent = {
  readonly id: number
  readonly ecosystem: string | null
  readonly lookup_name: string | null
  readonly lookup_version: string | null
}

/** One weakness of one component, by the weakness's preferred name. */
export type ComponentJudgement = Judgement & { readonly vendorSeverity?: string }

export type Judged = {
  readonly byComponent: ReadonlyMap<number, readonly ComponentJudgement[]>
  /** Complete for every weakness that was found. */
  readonly groups: NameGroups
}

type SchemeOf = (ecosystem: string) => VersionScheme | undefined

/** Judges components against the visible advisories. Reads only. */
export async function judgeComponents(db: Db, components: readonly StoredComponent[], schemeOf: SchemeOf): Promise<Judged> {
  const candidates = await candidatesOf(db, components)
  const relevant = new Map(components.map((component) => [component.id, relevantTo(component, candidates, schemeOf)]))
  const groups = groupNames(await connectedRecords(db, [...relevant.values()].flat()))
  const byComponent = new Map(
    components.map((component) => [component.id, judgeOne(component, relevant.get(component.id) ?? [], groups, schemeOf)]),
  )
  return { byComponent, groups }
}

type StoredAdvisory = { readonly name: string; readonly names: string[]; readonly bundles: string[] }
type StoredCandidate = StoredAdvisory & {
  readonly source: string
  readonly ecosystem: string
  readonly package: string
  readonly vendor_severity: string | null
  readonly affected: Affected
}

/**
 * The candidates that can decide: those that do not call the version unaffected, and where one of them is a bundle, all
 * records of the package, for what they are about is then not the bundle's to say. Most advisories of a package are long
 * fixed: grouping their names as well would be nine tenths of the work.
 */
function relevantTo(
  component: StoredComponent,
  candidates: ReadonlyMap<string, readonly StoredCandidate[]>,
  schemeOf: SchemeOf,
): readonly StoredCandidate[] {
  const scheme = component.ecosystem === null ? undefined : schemeOf(component.ecosystem)
  const held = candidates.get(lookup(component.ecosystem, component.lookup_name))
  const version = component.lookup_version
  if (scheme === undefined || held === undefined || version === null) return []
  const deciding = held.filter(({ affected }) => decide({ version }, affected, scheme).is !== 'unaffected')
  return deciding.some(({ bundles }) => bundles.length > 0)
    ? [...new Set([...deciding, ...held.filter(({ bundles }) => bundles.length === 0)])]
    : deciding
}

const lookup = (ecosystem: string | null, name: string | null): string => `${ecosystem}\0${name}`

async function candidatesOf(db: Db, components: readonly StoredComponent[]): Promise<Map<string, StoredCandidate[]>> {
  const wanted = new Map(components.filter((one) => one.ecosystem !== null).map((one) => [lookup(one.ecosystem, one.lookup_name), one]))
  const keys = [...wanted.values()].map(({ ecosystem, lookup_name }) => ({ ecosystem, name: lookup_name }))
  const { rows } = await sql<Omit<StoredCandidate, 'affected'> & { ranges: string }>`
    select a.name, a.source, a.names, a.bundles, d.ecosystem, d.name as package, d.ranges, d.vendor_severity
    from jsonb_to_recordset(${JSON.stringify(keys)}::jsonb) as k(ecosystem text, name text)
    join affected d on d.ecosystem = k.ecosystem and d.name = k.name
    join visible_advisory a on a.id = d.advisory_id where not a.withdrawn`.execute(db)
  const candidates = new Map<string, StoredCandidate[]>()
  for (const { ranges, ...row } of rows) {
    const key = lookup(row.ecosystem, row.package)
    const stored = JSON.parse(ranges) as Pick<Affected, 'ranges' | 'versions'>
    const candidate = { ...row, affected: { ecosystem: row.ecosystem, name: row.package, ...stored } }
    const held = candidates.get(key)
    if (held === undefined) candidates.set(key, [candidate])
    else held.push(candidate)
  }
  return candidates
}

/** The candidates and every record that can be reached from them over shared names: what grouping needs to be complete. */
async function connectedRecords(
  db: Db,
  candidates: readonly StoredAdvisory[],
): Promise<{ id: string; aliases: string[]; bundles: string[] }[]> {
  const asked = new Set<string>()
  const records = new Map<string, { id: string; aliases: string[]; bundles: string[] }>()
  let frontier = new Set(candidates.flatMap(({ names, bundles }) => [...names, ...bundles]))
  while (frontier.size > 0) {
    for (const name of frontier) asked.add(name)
    const { rows } = await sql<StoredAdvisory & { feed: string }>`
      select a.feed, a.name, a.names, a.bundles from visible_advisory a where not a.withdrawn and a.id in (
        select n.advisory_id from unnest(${[...frontier]}::text[]) given(name) join advisory_name n using (name) where not n.bundled)`.execute(
      db,
    )
    const next = new Set<string>()
    for (const { feed, name, names, bundles } of rows) {
      records.set(`${feed}\0${name}`, { id: name, aliases: names.filter((other) => other !== name), bundles })
      for (const other of [...names, ...bundles]) if (!asked.has(other)) next.add(other)
    }
    frontier = next
  }
  return [...records.values()]
}

function judgeOne(
  { ecosystem, lookup_name, lookup_version }: StoredComponent,
  candidates: readonly StoredCandidate[],
  groups: NameGroups,
  schemeOf: SchemeOf,
): ComponentJudgement[] {
  const scheme = ecosystem === null ? undefined : schemeOf(ecosystem)
  if (ecosystem === null || lookup_name === null || lookup_version === null || scheme === undefined || candidates.length === 0) return []
  const words = new Map(candidates.map(({ name, vendor_severity }) => [name, vendor_severity]))
  const key = { ecosystem, name: lookup_name, version: lookup_version }
  return judge(
    key,
    candidates.map((one) => candidateOf(one, groups)),
    scheme,
  ).map((judgement) => {
    const vendorSeverity = judgement.evidence.map(({ id }) => words.get(id)).find((word) => word !== null && word !== undefined)
    return { ...judgement, ...(vendorSeverity !== undefined && vendorSeverity !== null && { vendorSeverity }) }
  })
}

function candidateOf({ name, names, bundles, source, affected }: StoredCandidate, groups: NameGroups): Candidate {
  const record = { id: name, aliases: names.filter((other) => other !== name), bundles }
  return { advisory: { id: name, source, isBundle: bundles.length > 0 }, weaknesses: weaknessesOf(record, groups), affected }
}
