import { sql } from 'kysely'
import { findingStatus } from '../../model/finding.ts'
import { changeCode } from '../../store/codes.ts'
import type { Db } from '../../store/connection.ts'
import { type Join, lockForSettling, suppressedBy, tallied } from '../findings/index.ts'

type Nothing = Record<string, never>
/** Tells findings of rules that were made, changed or removed. */
export const policyJob = { name: 'policy.apply', key: () => 'all' } satisfies { name: string; key(payload: Nothing): string }

/** Findings judged in one transaction, unless a single resource has more. */
const chunkFindings = 5_000
/** Resources looked at to fill a chunk. */
const chunkResources = 250

/** Notes, in the transaction that changes a rule, that present findings have to hear of it. */
export async function stagePolicy(
  trx: Db,
  join: Join,
  subject: { readonly account: string; readonly region: string; readonly filter: string },
): Promise<void> {
  await sql`insert into delta (kind, subject, state, cursor, created_at)
    values ('policy', ${JSON.stringify(subject)}::jsonb, 'switched', '{"after": 0}', ${join.now()})`.execute(trx)
  await join.store.queue.enqueue(policyJob, {}, trx)
}

/**
 * Judges present findings anew for every rule changed and not yet told, chunk by chunk; what is right already is not
 * written. Goes on where an earlier run ended. Returns how many findings changed.
 */
export async function applyPolicies(join: Join, signal?: AbortSignal): Promise<number> {
  let changed = 0
  while (!signal?.aborted) {
    const { rows } = await sql<{ id: number; account: string; region: string }>`
      select id, subject->>'account' as account, subject->>'region' as region from delta
      where kind = 'policy' and state = 'switched' order by id limit 1`.execute(join.store.db)
    const [delta] = rows
    if (delta === undefined) break
    changed += await applyPolicy(join, delta, signal)
  }
  return changed
}

async function applyPolicy(
  join: Join,
  delta: { readonly id: number; readonly account: string; readonly region: string },
  signal?: AbortSignal,
): Promise<number> {
  const { db } = join.store
  let changed = 0
  while (!signal?.aborted) {
    const chunk = await nextResources(db, delta)
    if (chunk.length === 0) {
      await sql`update delta set state = 'done', done_at = ${join.now()} where id = ${delta.id}`.execute(db)
      break
    }
    changed += await db.transaction().execute(async (trx) => {
      await lockForSettling(trx, chunk)
      const found = await judgeAnew(trx, join.now(), delta, chunk)
      await sql`update delta set cursor = ${JSON.stringify({ after: chunk.at(-1) })}::jsonb where id = ${delta.id}`.execute(trx)
      return found
    })
  }
  return changed
}

async function nextResources(
  db: Db,
  { id, account, region }: { readonly id: number; readonly account: string; readonly region: string },
): Promise<readonly number[]> {
  const { rows } = await sql<{ id: number }>`
    select id from (
      select id, sum(held) over (order by id) - held as before from (
        select r.id, (select count(*) from finding f where f.account_id = r.account_id and f.resource_id = r.id
          and f.status in (${findingStatus.ACTIVE}, ${findingStatus.SUPPRESSED})) as held
        from resource r where r.account_id = ${account}::bigint and r.region = ${region}
          and r.id > (select (cursor->>'after')::int from delta where id = ${id}) order by r.id limit ${chunkResources}) next) chunk
    where before < ${chunkFindings} order by id`.execute(db)
  return rows.map((row) => row.id)
}

/** Rules see an open finding as if it were ACTIVE and written now, so that what they did does not change what they match. */
async function judgeAnew(
  trx: Db,
  now: Date,
  delta: { readonly id: number; readonly account: string },
  resources: readonly number[],
): Promise<number> {
  const { ACTIVE, SUPPRESSED } = findingStatus
  const { rows } = await sql<{ changed: number }>`
    with f as materialized (
      select account_id, n, id, first_observed_at, ${now}::timestamptz as updated_at, closed_at, resource_id, issue_id, score, severity,
        ${ACTIVE}::smallint as status, status as old_status
      from finding where account_id = ${delta.account}::bigint and resource_id = any(${resources}::int[]) and status in (${ACTIVE}, ${SUPPRESSED})),
    changed as materialized (
      select f.account_id, f.id, f.resource_id, f.issue_id, f.issue_id as old_issue, f.old_status, f.severity, f.severity as old_severity, f.score,
        r.type, i.fix, s.status
      from f join resource r on r.id = f.resource_id join issue i on i.id = f.issue_id left join vulnerability v on v.id = i.vulnerability_id
      cross join lateral (select case when ${await suppressedBy(trx)} then ${SUPPRESSED}::smallint else ${ACTIVE}::smallint end as status offset 0) s
      where s.status <> f.old_status),
    updated as (
      update finding f set status = c.status, updated_at = ${now}::timestamptz from changed c where f.account_id = c.account_id and f.id = c.id),
    events as (
      insert into finding_event (at, account_id, finding_id, resource_id, issue_id, delta_id, change, status, severity, score, fix)
      select ${now}::timestamptz, account_id, id, resource_id, issue_id, ${delta.id}::int,
        case when status = ${SUPPRESSED} then ${changeCode.SUPPRESSED}::smallint else ${changeCode.RESTORED}::smallint end, status, severity, score, fix
      from changed order by account_id, resource_id, id),
    ${tallied(sql`changed`)}
    select count(*)::int as changed from changed`.execute(trx)
  return rows[0]?.changed ?? 0
}
