import { sql } from 'kysely'
import { lockExclusively } from '../../store/locks.ts'
import { type Join, refreshJob } from '../findings/index.ts'
import { componentOf, type KeyOf, type StoredComponent } from './stage.ts'

const chunkComponents = 2_500

/**
 * Gives stored components the advisory keys that today's units give them, where `units` (their ids and versions) are not
 * those of the last time: a release that somebody can judge now is judged, without a new look at any resource.
 */
export async function rekeyComponents(join: Join, keyOf: KeyOf, units: string): Promise<void> {
  const { db, queue } = join.store
  const { rows: settings } = await sql<{
    value: string
  }>`select value #>> '{}' as value from setting where name = 'component-keys'`.execute(db)
  if (settings[0]?.value === units) return
  for (let after = 0; ; ) {
    const { rows } = await sql<StoredComponent & { id: number }>`
      select id, purl, type, name, version, distro, source_name, source_version, arch from component where id > ${after} order by id limit ${chunkComponents}`.execute(
      db,
    )
    const last = rows.at(-1)
    if (last === undefined) break
    const keys = rows.map((row) => {
      const key = keyOf(componentOf(row))
      return { id: row.id, ecosystem: key?.ecosystem, lookup_name: key?.name, lookup_version: key?.version }
    })
    await db.transaction().execute(async (trx) => {
      await lockExclusively(trx, 'knowledge')
      await sql`
        with changed as (
          update component c set ecosystem = k.ecosystem, lookup_name = k.lookup_name, lookup_version = k.lookup_version, stale = true
          from jsonb_to_recordset(${JSON.stringify(keys)}::jsonb) as k(id int, ecosystem text, lookup_name text, lookup_version text)
          where c.id = k.id and (c.ecosystem, c.lookup_name, c.lookup_version) is distinct from (k.ecosystem, k.lookup_name, k.lookup_version) returning c.id)
        update inventory set stale = true where not stale and id in (select inventory_id from occurrence where component_id in (select id from changed))`.execute(
        trx,
      )
    })
    after = last.id
  }
  await db.transaction().execute(async (trx) => {
    await sql`
      insert into setting (name, value) values ('component-keys', to_jsonb(${units}::text)) on conflict (name) do update set value = excluded.value`.execute(
      trx,
    )
    await queue.enqueue(refreshJob, {}, trx)
  })
}
