import { sql } from 'kysely'
import type { Db } from './connection.ts'

/** Makes the partitions of `finding_event` for the month of `now` and the two after it. Repeating it changes nothing. */
export async function makeEventMonths(db: Db, now: Date): Promise<void> {
  for (let ahead = 0; ahead < 3; ahead++) {
    const from = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + ahead, 1))
    const to = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + ahead + 1, 1))
    const name = `finding_event_${from.toISOString().slice(0, 7).replace('-', '_')}`
    await sql`create table if not exists ${sql.id(name)} partition of finding_event for values from (${sql.lit(from.toISOString())}) to (${sql.lit(to.toISOString())})`.execute(
      db,
    )
  }
}
