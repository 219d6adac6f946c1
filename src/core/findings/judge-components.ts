import { sql } from 'kysely'
import type { Affected } from '../../model/advisory.ts'
import type { VersionScheme } from '../../model/seams.ts'
import type { Db } from '../../store/connection.ts'
import { groupNames, judge, type Candidate, type Judgement, type NameGroups, weaknessesOf } from '../matching/index.ts'

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
  const groups = groupNames(await connectedRecords(db, [...candidates.values()].flat()))
  const byComponent = new Map(components.map((component) => [component.id, judgeOne(component, candidates, groups, schemeOf)]))
  return { byComponent, groups }
}

type StoredAdvisory = {
  readonly name: string
  readonly source: string
  readonly names: string[]
  readonly bundles: string[]
  readonly withdrawn: boolean
}
type StoredCandidate = StoredAdvisory & {
  readonly ecosystem: string
  readonly package: string
  readonly ranges: string
  readonly vendor_severity: string | null
}

const lookup = (ecosystem: string | null, name: string | null): string => `${ecosystem}\0${name}`

async function candidatesOf(db: Db, components: readonly StoredComponent[]): Promise<Map<string, StoredCandidate[]>> {
  const wanted = new Map(components.filter((one) => one.ecosystem !== null).map((one) => [lookup(one.ecosystem, one.lookup_name), one]))
  const keys = [...wanted.values()].map(({ ecosystem, lookup_name }) => ({ ecosystem, name: lookup_name }))
  const { rows } = await sql<StoredCandidate>`
    select a.name, a.source, a.names, a.bundles, a.withdrawn, d.ecosystem, d.name as package, d.ranges, d.vendor_severity
    from jsonb_to_recordset(${JSON.stringify(keys)}::jsonb) as k(ecosystem text, name text)
    join affected d on d.ecosystem = k.ecosystem and d.name = k.name
    join visible_advisory a on a.id = d.advisory_id`.execute(db)
  const candidates = new Map<string, StoredCandidate[]>()
  for (const row of rows) {
    const key = lookup(row.ecosystem, row.package)
    const held = candidates.get(key)
    if (held === undefined) candidates.set(key, [row])
    else held.push(row)
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
      select feed, name, names, bundles from visible_advisory where not withdrawn and names && ${[...frontier]}::text[]`.execute(db)
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
  candidates: ReadonlyMap<string, readonly StoredCandidate[]>,
  groups: NameGroups,
  schemeOf: SchemeOf,
): ComponentJudgement[] {
  const scheme = ecosystem === null ? undefined : schemeOf(ecosystem)
  const held = candidates.get(lookup(ecosystem, lookup_name))
  if (ecosystem === null || lookup_name === null || lookup_version === null || scheme === undefined || held === undefined) return []
  const words = new Map(held.map(({ name, vendor_severity }) => [name, vendor_severity]))
  const judgements = judge(
    { ecosystem, name: lookup_name, version: lookup_version },
    held.map((one) => candidateOf(one, groups)),
    scheme,
  )
  return judgements.map((judgement) => {
    const vendorSeverity = judgement.evidence.map(({ id }) => words.get(id)).find((word) => word !== null && word !== undefined)
    return { ...judgement, ...(vendorSeverity !== undefined && vendorSeverity !== null && { vendorSeverity }) }
  })
}

function candidateOf(row: StoredCandidate, groups: NameGroups): Candidate {
  const { ranges, versions } = JSON.parse(row.ranges) as Pick<Affected, 'ranges' | 'versions'>
  const record = { id: row.name, aliases: row.names.filter((name) => name !== row.name), bundles: row.bundles }
  return {
    advisory: { id: row.name, source: row.source, isBundle: row.bundles.length > 0, ...(row.withdrawn && { withdrawn: 'withdrawn' }) },
    weaknesses: weaknessesOf(record, groups),
    affected: { ecosystem: row.ecosystem, name: row.package, ranges, versions },
  }
}
