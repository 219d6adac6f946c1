import { sql } from 'kysely'
import { findingStatus } from '../../model/finding.ts'
import { lockExclusively } from '../../store/locks.ts'
import { makeEventMonths } from '../../store/months.ts'
import type { Join } from './join.ts'
import { tallied } from './settle.ts'

/** How long a closed finding stays, and how long when its resource is gone (Inspector user guide, finding states). */
const keepClosed = '30 days'
const keepOfGone = '3 days'
/** Findings removed in one transaction. */
const chunkFindings = 5_000

/** How long it is kept what happened to coverage. */
const keepNotices = '90 days'

/** An inventory nobody holds may still be on its way to its first resource; after this long it is not. */
const keepUnheld = '1 day'

/**
 * Removes closed findings whose time is over (their events stay), and the inventories and issues nobody has any
 * more. Repeating it changes nothing.
 */
export async function applyRetention(join: Join, signal?: AbortSignal): Promise<void> {
  const { db } = join.store
  await makeEventMonths(db, join.now())
  await sql`delete from notice_event where at < ${join.now()}::timestamptz - ${keepNotices}::interval`.execute(db)
  while (!signal?.aborted) if ((await removeChunk(join)) < chunkFindings) break
  await db.transaction().execute(async (trx) => {
    await lockExclusively(trx, 'refresh')
    await sql`
      delete from inventory i where staged_at < ${join.now()}::timestamptz - ${keepUnheld}::interval
        and not exists (select 1 from resource r where r.inventory_id = i.id) and not exists (select 1 from observation o where o.inventory_id = i.id)`.execute(
      trx,
    )
    await sql`
      delete from issue i where not exists (select 1 from finding f where f.issue_id = i.id)
        and not exists (select 1 from inventory_issue ii where ii.issue_id = i.id) and not exists (select 1 from finding_event e where e.issue_id = i.id)`.execute(
      trx,
    )
  })
}

async function removeChunk({ store, now }: Join): Promise<number> {
  const { CLOSED, MERGED } = findingStatus
  const { rows } = await sql<{ removed: number }>`
    with over as materialized (
      select f.account_id, f.id, f.resource_id, f.issue_id, r.type, f.status as old_status, f.severity as old_severity, f.issue_id as old_issue
      from finding f join resource r on r.id = f.resource_id
      where f.status in (${CLOSED}, ${MERGED})
        and f.closed_at < ${now()}::timestamptz - case when r.gone_at is null then ${keepClosed} else ${keepOfGone} end::interval
      order by f.account_id, f.resource_id, f.id limit ${chunkFindings}),
    removed as (delete from finding f using over o where f.account_id = o.account_id and f.id = o.id),
    changed as (select o.*, null::smallint as status, null::smallint as severity from over o),
    ${tallied(sql`changed`)}
    select count(*)::int as removed from over`.execute(store.db)
  return rows[0]?.removed ?? 0
}
