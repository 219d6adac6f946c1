import { sql } from 'kysely'
import type { Advisory } from '../../model/advisory.ts'
import type { Db } from '../../store/connection.ts'
import { probabilityOf } from '../context/index.ts'
import type { NameGroups } from '../matching/index.ts'
import { describe } from './describe.ts'

/** Ids by preferred name; `moved`: weaknesses merged or split, so that other inventories became stale. */
export type Assigned = { readonly ids: ReadonlyMap<string, number>; readonly moved: boolean }

/** A weakness and every name that means it alone. */
export type Weakness = { readonly name: string; readonly names: readonly string[] }

/** Weaknesses of groups; a name that stands for several weaknesses identifies none. */
export function weaknessesIn(groups: NameGroups, wanted: Iterable<string>): Weakness[] {
  return [...new Set(wanted)].sort().map((name) => {
    const names = (groups.names.get(name) ?? [name]).filter((other) => other === name || groups.weaknesses.get(other)?.length === 1)
    return { name, names }
  })
}

/**
 * Ids of weaknesses, minted for new ones. A weakness is the vulnerability whose first name is among its names; of several
 * the oldest, which takes the others in: their issues move to it, and their findings follow at the next settlement. One
 * that no longer belongs to another gets its issues back. The caller holds the lock `refresh`.
 */
export async function assignVulnerabilities(trx: Db, weaknesses: readonly Weakness[]): Promise<Assigned> {
  const given = JSON.stringify(weaknesses.flatMap(({ name, names }) => names.map((alias) => ({ weakness: name, name: alias }))))
  await sql`
    insert into vulnerability (origin, name)
    select distinct g.weakness, g.weakness from jsonb_to_recordset(${given}::jsonb) as g(weakness text, name text)
    where not exists (select 1 from jsonb_to_recordset(${given}::jsonb) as o(weakness text, name text) join vulnerability v on v.origin = o.name where o.weakness = g.weakness)
    order by 1`.execute(trx)
  const { rows } = await sql<{ weakness: string; id: number; winner: number; merged_into: number | null }>`
    select g.weakness, v.id, v.merged_into, min(v.id) over (partition by g.weakness) as winner
    from jsonb_to_recordset(${given}::jsonb) as g(weakness text, name text) join vulnerability v on v.origin = g.name`.execute(trx)
  const moved = rows.filter(({ id, winner, merged_into }) => merged_into !== (id === winner ? null : winner))
  if (moved.length > 0) await moveIssues(trx, moved)
  await sql`
    insert into vulnerability_name (name, vulnerability_id)
    select g.name, min(w.id) from jsonb_to_recordset(${given}::jsonb) as g(weakness text, name text)
      join jsonb_to_recordset(${JSON.stringify(rows.map(({ weakness, winner }) => ({ weakness, id: winner })))}::jsonb) as w(weakness text, id int) using (weakness)
    group by g.name order by 1
    on conflict (name) do update set vulnerability_id = excluded.vulnerability_id where vulnerability_name.vulnerability_id <> excluded.vulnerability_id`.execute(
    trx,
  )
  const ids = new Map(rows.map(({ weakness, winner }) => [weakness, winner]))
  await sql`
    delete from vulnerability_name where vulnerability_id = any(${[...ids.values()]}::int[])
      and name not in (select name from jsonb_to_recordset(${given}::jsonb) as g(weakness text, name text))`.execute(trx)
  return { ids, moved: moved.length > 0 }
}

/** Merges and splits: issues follow their vulnerability, and whoever holds them is refreshed. */
async function moveIssues(trx: Db, moved: readonly { readonly id: number; readonly winner: number }[]): Promise<void> {
  const rows = JSON.stringify(moved.map(({ id, winner }) => ({ id, winner })))
  await sql`
    update vulnerability v set merged_into = nullif(m.winner, m.id) from jsonb_to_recordset(${rows}::jsonb) as m(id int, winner int) where v.id = m.id`.execute(
    trx,
  )
  // Those who still hold a weakness under its former id have to be told of both.
  await sql`
    update inventory i set stale = true from inventory_issue ii
    where ii.inventory_id = i.id and not i.stale and ii.vulnerability_id in (select id from jsonb_to_recordset(${rows}::jsonb) as m(id int, winner int))`.execute(
    trx,
  )
  await sql`
    update component c set stale = true from match x
    where x.component_id = c.id and not c.stale and x.vulnerability_id in (select id from jsonb_to_recordset(${rows}::jsonb) as m(id int, winner int))`.execute(
    trx,
  )
  await sql`
    update issue i set vulnerability_id = m.winner from jsonb_to_recordset(${rows}::jsonb) as m(id int, winner int) where i.origin_id = m.id`.execute(
    trx,
  )
}

export type Description = {
  readonly name: string
  readonly source: string | undefined
  readonly vendorSeverity: string | undefined
  readonly facts: Readonly<Record<string, unknown>>
}

/** What the visible advisories say of weaknesses, by their preferred name. Reads only. */
export async function describeWeaknesses(db: Db, weaknesses: readonly Weakness[]): Promise<Map<string, Description>> {
  const names = [...new Set(weaknesses.flatMap((weakness) => weakness.names))]
  const { rows } = await sql<{ doc: string }>`
    select doc from visible_advisory where not withdrawn
      and id in (select n.advisory_id from unnest(${names}::text[]) given(name) join advisory_name n using (name))
    order by source, name, feed`.execute(db)
  const docs = rows.map(({ doc }) => JSON.parse(doc) as Omit<Advisory, 'affected'>)
  const byName = new Map<string, Omit<Advisory, 'affected'>[]>()
  for (const doc of docs) {
    for (const name of new Set([doc.id, ...doc.aliases, ...doc.bundles])) {
      const held = byName.get(name)
      if (held === undefined) byName.set(name, [doc])
      else held.push(doc)
    }
  }
  return new Map(
    weaknesses.map((weakness) => {
      const about = [...new Set(weakness.names.flatMap((name) => byName.get(name) ?? []))]
      return [weakness.name, describe(weakness, about)]
    }),
  )
}

/**
 * Writes what changed of the descriptions; whether it is exploited and how probable that is comes from the context tables.
 * Issues of a changed vulnerability count as changed, for suppression rules may look at it.
 */
export async function storeDescriptions(
  trx: Db,
  descriptions: ReadonlyMap<string, Description>,
  ids: ReadonlyMap<string, number>,
): Promise<void> {
  const rows = [...descriptions].map(([weakness, { name, source, vendorSeverity, facts }]) => ({
    id: ids.get(weakness),
    ...{ name, source, vendor_severity: vendorSeverity, facts },
  }))
  const { rows: changed } = await sql<{ id: number }>`
    update vulnerability v set name = g.name, source = g.source, vendor_severity = g.vendor_severity, facts = g.facts, exploit = g.exploit,
      epss = g.epss, epss_percentile = g.epss_percentile
    from (
      select d.*, exists (select 1 from exploit e join vulnerability_name n on n.name = e.vulnerability where n.vulnerability_id = d.id) as exploit,
        coalesce(p.score, -1)::real as epss, coalesce(p.percentile, -1)::real as epss_percentile
      from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as d(id int, name text, source text, vendor_severity text, facts jsonb)
      left join lateral (${probabilityOf(sql`d.name`)}) p on true) g
    where v.id = g.id and (v.name, v.source, v.vendor_severity, v.facts, v.exploit, v.epss, v.epss_percentile)
      is distinct from (g.name, g.source, g.vendor_severity, g.facts, g.exploit, g.epss, g.epss_percentile)
    returning v.id`.execute(trx)
  await sql`update issue set rev = rev + 1 where vulnerability_id = any(${changed.map(({ id }) => id)}::int[])`.execute(trx)
}
