import { sql } from 'kysely'
import type { Db } from '../../store/connection.ts'

/** What happened in one account: findings changed, or notices (coverage, scans) of resources. */
export type EventGroup = {
  /** Twelve digits. */
  readonly account: string
  readonly is: 'findings' | 'notices'
  readonly count: number
  /** The newest, at most `listed`; finding ARNs, or the subjects of notices. */
  readonly arns: readonly string[]
}

const listed = 100

/** Start of the oldest transaction still open: everything before it is visible to all, so a window up to it misses nothing. */
export async function windowEnd(db: Db): Promise<string> {
  const { rows } = await sql<{ xmin: string }>`select pg_snapshot_xmin(pg_current_snapshot())::text as xmin`.execute(db)
  return rows[0]?.xmin ?? '0'
}

/** What was committed in the window from one end (included) to the next (excluded), by account. */
export async function eventsBetween(db: Db, from: string, to: string): Promise<readonly EventGroup[]> {
  if (from === to) return []
  const { rows } = await sql<EventGroup>`
    select lpad(e.account_id::text, 12, '0') as account, 'findings' as is, count(*)::int as count,
      (array_agg('arn:aws:inspector2:' || r.region || ':' || lpad(e.account_id::text, 12, '0') || ':finding/'
        || replace(e.finding_id::text, '-', '') order by e.seq desc))[1:${sql.lit(listed)}] as arns
    from finding_event e join resource r on r.id = e.resource_id
    where e.xid >= ${from}::xid8 and e.xid < ${to}::xid8
    group by e.account_id
    union all
    select lpad(n.account_id::text, 12, '0'), 'notices', count(*)::int, (array_agg(n.subject order by n.seq desc))[1:${sql.lit(listed)}]
    from notice_event n
    where n.xid >= ${from}::xid8 and n.xid < ${to}::xid8
    group by n.account_id`.execute(db)
  return rows
}
