import { isDeepStrictEqual } from 'node:util'
import { sql } from 'kysely'
import { verdictCode } from '../../store/codes.ts'
import type { Db } from '../../store/connection.ts'
import { probabilityOf } from '../context/index.ts'
import { describeWeaknesses, judgeComponents, type StoredComponent, type Weakness, weaknessesIn } from '../findings/index.ts'
import type { Report, Verifying } from './verify.ts'

const chunkComponents = 500

/** Judges every component in use anew and compares matches and descriptions. Returns how many components there are. */
export async function compareMatches(deps: Verifying, report: Report): Promise<number> {
  const { db } = deps.store
  let checked = 0
  for (let after = 0; ; ) {
    const { rows } = await sql<StoredComponent & { purl: string }>`
      select id, purl, ecosystem, lookup_name, lookup_version from component c
      where id > ${after} and exists (select 1 from occurrence o join resource r on r.inventory_id = o.inventory_id where o.component_id = c.id)
      order by id limit ${chunkComponents}`.execute(db)
    const last = rows.at(-1)
    if (last === undefined) return checked
    await compareChunk(deps, rows, report)
    checked += rows.length
    after = last.id
  }
}

async function compareChunk(deps: Verifying, components: readonly (StoredComponent & { purl: string })[], report: Report): Promise<void> {
  const { db } = deps.store
  const { byComponent, groups } = await judgeComponents(db, components, deps.schemeOf)
  const weaknesses = weaknessesIn(
    groups,
    [...byComponent.values()].flat().map(({ weakness }) => weakness),
  )
  const ids = await expectedIds(db, weaknesses)
  await compareDescriptions(db, weaknesses, ids, report)
  const stored = await storedMatches(
    db,
    components.map(({ id }) => id),
  )
  for (const { id, purl } of components) {
    const held = stored.get(id) ?? new Map<number, StoredMatch>()
    const expected = new Map((byComponent.get(id) ?? []).map((one) => [ids.get(one.weakness) ?? 0, one]))
    for (const [vulnerability, { weakness, verdict, fixedIn, vendorSeverity, evidence }] of expected) {
      const want = { verdict: verdictCode[verdict], fixed_in: fixedIn ?? null, vendor_severity: vendorSeverity ?? null, evidence }
      const have = held.get(vulnerability)
      if (!isDeepStrictEqual(plain(want), plain(have)))
        report({ about: 'match', subject: `${purl} on ${weakness}`, expected: want, stored: have ?? null })
    }
    for (const [vulnerability, have] of held) {
      if (!expected.has(vulnerability))
        report({ about: 'match', subject: `${purl} on vulnerability ${vulnerability}`, expected: null, stored: have })
    }
  }
}

type StoredMatch = {
  readonly verdict: number
  readonly fixed_in: string | null
  readonly vendor_severity: string | null
  readonly evidence: unknown
}

async function storedMatches(db: Db, components: readonly number[]): Promise<Map<number, Map<number, StoredMatch>>> {
  const { rows } = await sql<StoredMatch & { component_id: number; vulnerability_id: number }>`
    select component_id, vulnerability_id, verdict, fixed_in, vendor_severity, evidence from match where component_id = any(${components}::int[])`.execute(
    db,
  )
  const byComponent = new Map<number, Map<number, StoredMatch>>()
  for (const { component_id, vulnerability_id, ...match } of rows) {
    const held = byComponent.get(component_id) ?? new Map<number, StoredMatch>()
    byComponent.set(component_id, held.set(vulnerability_id, match))
  }
  return byComponent
}

/** The oldest vulnerability whose first name is one of the weakness's names. */
async function expectedIds(db: Db, weaknesses: readonly Weakness[]): Promise<Map<string, number>> {
  const given = JSON.stringify(weaknesses.flatMap(({ name, names }) => names.map((alias) => ({ weakness: name, name: alias }))))
  const { rows } = await sql<{ weakness: string; id: number }>`
    select g.weakness, min(v.id)::int as id from jsonb_to_recordset(${given}::jsonb) as g(weakness text, name text)
    join vulnerability v on v.origin = g.name group by g.weakness`.execute(db)
  return new Map(rows.map(({ weakness, id }) => [weakness, id]))
}

async function compareDescriptions(
  db: Db,
  weaknesses: readonly Weakness[],
  ids: ReadonlyMap<string, number>,
  report: Report,
): Promise<void> {
  const descriptions = await describeWeaknesses(db, weaknesses)
  const { rows } = await sql<{
    id: number
    name: string
    source: string | null
    vendor_severity: string | null
    facts: unknown
    context: boolean
  }>`
    select v.id, v.name, v.source, v.vendor_severity, v.facts,
      v.exploit = exists (select 1 from exploit e join vulnerability_name n on n.name = e.vulnerability where n.vulnerability_id = v.id)
        and v.epss = coalesce(p.score, -1)::real as context
    from vulnerability v left join lateral (${probabilityOf(sql`v.name`)}) p on true where v.id = any(${[...ids.values()]}::int[])`.execute(
    db,
  )
  const stored = new Map(rows.map((row) => [row.id, row]))
  for (const { name } of weaknesses) {
    const described = descriptions.get(name)
    const id = ids.get(name)
    const have = id === undefined ? undefined : stored.get(id)
    if (described === undefined || have === undefined) {
      report({ about: 'vulnerability', subject: name, expected: described ?? null, stored: have ?? null })
      continue
    }
    const want = {
      name: described.name,
      source: described.source ?? null,
      vendor_severity: described.vendorSeverity ?? null,
      facts: described.facts,
      context: true,
    }
    const { id: _, ...held } = have
    if (!isDeepStrictEqual(plain(want), plain(held))) report({ about: 'vulnerability', subject: name, expected: want, stored: held })
  }
}

/** As JSON keeps it, so that what was never stored and what was stored as nothing are the same. */
const plain = (value: unknown): unknown => (value === undefined ? undefined : (JSON.parse(JSON.stringify(value)) as unknown))
