import { sql } from 'kysely'
import type { Db } from '../../store/connection.ts'

/** Inventories to be refreshed, changes to be told and deltas to be settled: 0 when every finding is up to date. */
export async function pendingWork(db: Db): Promise<number> {
  const { rows } = await sql<{ pending: number }>`
    select ((select count(*) from inventory i where stale and exists (select 1 from resource r where r.inventory_id = i.id))
      + (select count(*) from inventory_change) + (select count(*) from delta where state in ('staged', 'switched')))::int as pending`.execute(
    db,
  )
  return rows[0]?.pending ?? 0
}
