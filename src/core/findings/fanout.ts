import { sql } from 'kysely'
import { lockShared } from '../../store/locks.ts'
import type { Join } from './join.ts'
import { refreshInventory } from './refresh.ts'
import { settleFindings } from './settle.ts'

/** Findings looked at in one transaction: a reader of the embedded database waits for no more. */
const chunkPairs = 5_000

/**
 * Tells resources what refreshes of their inventories changed, until nothing is left or `signal` aborts. Each chunk is one
 * transaction with its cursor, so a killed process goes on where it was; several may run at once. Returns findings changed.
 */
export async function fanOut(join: Join, signal?: AbortSignal): Promise<number> {
  let changed = 0
  while (!signal?.aborted) {
    const chunk = await fanOutChunk(join)
    if (chunk === undefined) break
    if ('stale' in chunk) await refreshInventory(join, chunk.stale)
    else changed += chunk.changed
  }
  return changed
}

async function fanOutChunk({ store, now }: Join): Promise<{ readonly changed: number } | { readonly stale: number } | undefined> {
  return store.db.transaction().execute(async (trx) => {
    await lockShared(trx, 'knowledge')
    await lockShared(trx, 'policy')
    const { rows: changes } = await sql<{
      id: string
      inventory_id: number
      vulnerabilities: number[]
      cursor: number
      delta_id: number | null
    }>`
      select id, inventory_id, vulnerabilities, cursor, delta_id from inventory_change order by id limit 1 for update skip locked`.execute(
      trx,
    )
    const change = changes[0]
    if (change === undefined) return undefined
    const limit = Math.max(1, Math.floor(chunkPairs / change.vulnerabilities.length))
    const { rows: resources } = await sql<{ id: number }>`
      select id from resource where inventory_id = ${change.inventory_id} and id > ${change.cursor} order by id limit ${limit} for no key update`.execute(
      trx,
    )
    const { rows: inventories } = await sql<{
      stale: boolean
    }>`select stale from inventory where id = ${change.inventory_id} for share`.execute(trx)
    if (inventories[0]?.stale === true) return { stale: change.inventory_id }
    const ids = resources.map(({ id }) => id)
    const changed =
      ids.length === 0
        ? 0
        : await settleFindings(trx, {
            resources: ids,
            vulnerabilities: change.vulnerabilities,
            now: now(),
            ...(change.delta_id !== null && { delta: change.delta_id }),
          })
    const last = ids.at(-1)
    if (last === undefined || ids.length < limit) await sql`delete from inventory_change where id = ${change.id}`.execute(trx)
    else await sql`update inventory_change set cursor = ${last} where id = ${change.id}`.execute(trx)
    if (ids.length > 0) await sql`update resource set scanned_at = ${now()} where id = any(${ids}::int[])`.execute(trx)
    return { changed }
  })
}
