import { sql } from 'kysely'
import type { Db } from '../../store/connection.ts'
import { lockShared } from '../../store/locks.ts'
import { type Join, settleJob } from './join.ts'
import { refreshInventory } from './refresh.ts'
import { settleFindings } from './settle.ts'

/** Resources settled in one transaction: about 5,000 findings. */
const chunkResources = 10

/** A change that concerns whole resources; `subject` is shown to people and names what is needed to go on. */
export type ResourceDelta = {
  readonly kind: string
  readonly subject: Readonly<Record<string, unknown>>
  readonly resources: readonly number[]
}

/** Notes, in the transaction of the change itself, that these resources are to be settled, and wakes who does it. */
export async function switchResources(trx: Db, join: Join, delta: ResourceDelta): Promise<number> {
  const { rows } = await sql<{ id: number }>`
    insert into delta (kind, subject, state, cursor, created_at)
    values (${delta.kind}, ${JSON.stringify(delta.subject)}::jsonb, 'switched', ${JSON.stringify({ resources: delta.resources })}::jsonb, ${join.now()})
    returning id`.execute(trx)
  await join.store.queue.enqueue(settleJob, {}, trx)
  const id = rows[0]?.id
  if (id === undefined) throw new Error('a delta was not stored')
  return id
}

/** Settles the resources of every switched delta, oldest first, until nothing is left. Returns findings changed. */
export async function settleSwitched(join: Join, signal?: AbortSignal): Promise<number> {
  let changed = 0
  while (!signal?.aborted) {
    const { rows } = await sql<{ id: number; resources: number[] }>`
      select id, array(select jsonb_array_elements_text(cursor -> 'resources')::int) as resources
      from delta where state = 'switched' and cursor ? 'resources' order by id limit 1`.execute(join.store.db)
    const delta = rows[0]
    if (delta === undefined) break
    changed += await settleDelta(join, delta.id, delta.resources, signal)
  }
  return changed
}

async function settleDelta(join: Join, delta: number, resources: readonly number[], signal?: AbortSignal): Promise<number> {
  const { db } = join.store
  let changed = 0
  let left = resources
  while (left.length > 0 && !signal?.aborted) {
    const chunk = left.slice(0, chunkResources)
    const rest = left.slice(chunkResources)
    const told = await db.transaction().execute(async (trx) => {
      await lockForSettling(trx, chunk)
      const findings = await settleLocked(trx, join, chunk, delta)
      if (findings === undefined) return undefined
      await sql`update delta set cursor = ${JSON.stringify({ resources: rest })}::jsonb where id = ${delta}`.execute(trx)
      return findings
    })
    if (told === undefined) {
      await refreshInventoriesOf(join, chunk)
      continue
    }
    changed += told
    left = rest
  }
  if (left.length === 0) await sql`update delta set state = 'done', done_at = ${join.now()} where id = ${delta}`.execute(db)
  return changed
}

/** Takes the locks of a settlement, in the order everybody takes them. What the resources' rows say may be written after it. */
export async function lockForSettling(trx: Db, resources: readonly number[]): Promise<void> {
  await lockShared(trx, 'knowledge')
  await lockShared(trx, 'policy')
  await sql`select 1 from resource where id = any(${resources}::int[]) order by id for no key update`.execute(trx)
}

/**
 * Settles resources that the transaction has locked. Returns findings changed, or undefined, with nothing written, when one
 * of their inventories has yet to be refreshed: that takes the lock `refresh`, which comes before row locks.
 */
export async function settleLocked(trx: Db, join: Join, resources: readonly number[], delta: number): Promise<number | undefined> {
  const { rows } = await sql<{ stale: boolean }>`
    select i.stale from inventory i where i.id in (select inventory_id from resource where id = any(${resources}::int[])) order by i.id for share`.execute(
    trx,
  )
  if (rows.some(({ stale }) => stale)) return undefined
  const now = join.now()
  const changed = await settleFindings(trx, { resources, now, delta })
  await sql`update resource set scanned_at = ${now} where id = any(${resources}::int[]) and inventory_id is not null`.execute(trx)
  return changed
}

/** Refreshes the stale inventories of some resources. */
export async function refreshInventoriesOf(join: Join, resources: readonly number[]): Promise<void> {
  const { rows } = await sql<{ id: number }>`
    select distinct i.id from inventory i join resource r on r.inventory_id = i.id where i.stale and r.id = any(${resources}::int[]) order by i.id`.execute(
    join.store.db,
  )
  for (const { id } of rows) await refreshInventory(join, id)
}
