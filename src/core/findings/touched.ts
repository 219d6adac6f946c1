import { type RawBuilder, sql } from 'kysely'
import type { Db } from '../../store/connection.ts'

/** Queries of one text column (names of weaknesses) and of two (OSV ecosystem, package name). */
export type Touched = { readonly names: RawBuilder<unknown>; readonly packages?: RawBuilder<unknown> }

/**
 * Marks what a switch of knowledge leaves behind: components that its packages name or that are matched to its weaknesses,
 * and the inventories that hold them. Whatever is decided from now on uses the new knowledge (law 5). The caller holds the
 * lock `knowledge` exclusively.
 */
export async function markTouched(trx: Db, { names, packages }: Touched): Promise<void> {
  await sql`
    with touched_name(name) as materialized (${names}),
    touched_vulnerability as materialized (
      select vulnerability_id as id from vulnerability_name join touched_name using (name)),
    touched_package(ecosystem, name) as materialized (${packages ?? sql`select null::text, null::text where false`}),
    stale_component as (
      update component c set stale = true
      where not stale and (exists (select 1 from touched_package p where p.ecosystem = c.ecosystem and p.name = c.lookup_name)
        or c.id in (select component_id from match where vulnerability_id in (select id from touched_vulnerability)))
      returning id)
    update inventory i set stale = true
    where not i.stale and i.id in (
      select o.inventory_id from occurrence o where o.component_id in (select id from stale_component union all select id from component where stale)
      union select ii.inventory_id from inventory_issue ii where ii.vulnerability_id in (select id from touched_vulnerability))`.execute(
    trx,
  )
}

/**
 * Marks what holds vulnerabilities of which the probability changed, where a suppression rule looks at it; elsewhere no
 * finding depends on it. The caller holds the lock `knowledge` exclusively.
 */
export async function markProbable(trx: Db, vulnerabilities: readonly number[]): Promise<void> {
  const { rows } = await sql`select 1 from filter where action = 'SUPPRESS' and criteria ? 'epssScore' limit 1`.execute(trx)
  if (rows.length === 0) return
  await sql`update issue set rev = rev + 1 where vulnerability_id = any(${vulnerabilities}::int[])`.execute(trx)
  await sql`
    update inventory set stale = true where not stale
      and id in (select inventory_id from inventory_issue where vulnerability_id = any(${vulnerabilities}::int[]))`.execute(trx)
}
