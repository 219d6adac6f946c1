import { sql } from 'kysely'
import type { Db } from '../../store/connection.ts'

/** Tells, in the transaction of the change, that coverage says something else of these resources: live changes and sinks read it. */
export async function tellCoverage(trx: Db, resources: readonly number[], at: Date): Promise<void> {
  await sql`
    insert into notice_event (at, account_id, kind, subject, doc)
    select ${at}, account_id, 'coverage', arn, jsonb_build_object('status', status, 'reason', reason)
    from resource where id = any(${resources}::int[]) order by id`.execute(trx)
}
