import { sql, type RawBuilder } from 'kysely'
import { findingStatus, fixState } from '../../model/finding.ts'
import { changeCode } from '../../store/codes.ts'
import type { Db } from '../../store/connection.ts'
import { coveredResource } from './covered.ts'
import { suppressedBy } from './suppression.ts'

/** A weakness that returns within this time of its closing is the same finding (Inspector user guide, finding states). */
const reopenWindow = '7 days'

/** Written into the statements: the type of a bound parameter would be guessed. */
const code = (value: number): RawBuilder<number> => sql`${sql.lit(value)}::smallint`
const status = {
  ACTIVE: code(findingStatus.ACTIVE),
  SUPPRESSED: code(findingStatus.SUPPRESSED),
  CLOSED: code(findingStatus.CLOSED),
  MERGED: code(findingStatus.MERGED),
}

export type SettleScope = {
  readonly resources: readonly number[]
  /** Only these weaknesses; all when absent. */
  readonly vulnerabilities?: readonly number[]
  readonly now: Date
  readonly delta?: number
}

/**
 * Makes the findings of some resources what their inventories say, in one statement: rows, history and counts together.
 * The caller holds the resources' row locks and shares the locks `knowledge` and `policy`. What is already right is not
 * written, so a repeated call changes nothing. Returns how many findings changed.
 *
 * desired: what the inventory has now. held: what we said until now, one leading row for each weakness: the open one,
 * else the last closed, else a merged one. A weakness under doubt neither opens nor closes.
 */
export async function settleFindings(trx: Db, scope: SettleScope): Promise<number> {
  const { now, delta } = scope
  const { ACTIVE, SUPPRESSED, CLOSED, MERGED } = status
  const only = (column: RawBuilder<unknown>): RawBuilder<boolean> =>
    scope.vulnerabilities === undefined ? sql`true` : sql`${column} = any(${scope.vulnerabilities}::int[])`
  const { rows } = await sql<{ changed: number }>`
    with touched as materialized (
      select r.*, ${coveredResource(sql`r`)} as covered from resource r where r.id = any(${scope.resources}::int[])),
    desired as materialized (
      select t.id as resource_id, ii.vulnerability_id, ii.issue_id, ii.doubt
      from touched t join inventory_issue ii on ii.inventory_id = t.inventory_id
      where t.covered and ${only(sql`ii.vulnerability_id`)}),
    told as (
      select f.*, i.vulnerability_id,
        row_number() over (partition by f.resource_id, i.vulnerability_id
          order by f.status in (${ACTIVE}, ${SUPPRESSED}) desc, f.status = ${CLOSED} desc, f.closed_at desc, f.n) as place
      from touched t join finding f on f.account_id = t.account_id and f.resource_id = t.id join issue i on i.id = f.issue_id
      where ${only(sql`i.vulnerability_id`)}),
    held as materialized (select * from told where place = 1 or status in (${ACTIVE}, ${SUPPRESSED})),
    plan as materialized (
      select d.resource_id, d.issue_id, h.id, h.n, h.first_observed_at, h.issue_id as old_issue, h.status as old_status,
        h.severity as old_severity, h.score as old_score,
        case when h.id is null then 'open' when h.status in (${ACTIVE}, ${SUPPRESSED}) then 'keep' else 'reopen' end as act
      from desired d left join held h on h.place = 1 and h.resource_id = d.resource_id and h.vulnerability_id = d.vulnerability_id
        and (h.status <> ${CLOSED} or h.closed_at > ${now}::timestamptz - ${reopenWindow}::interval)
      where not d.doubt
      union all
      select h.resource_id, h.issue_id, h.id, h.n, h.first_observed_at, h.issue_id, h.status, h.severity, h.score,
        case when h.place > 1 then 'merge' else 'close' end
      from held h left join desired d on d.resource_id = h.resource_id and d.vulnerability_id = h.vulnerability_id
      where h.status in (${ACTIVE}, ${SUPPRESSED}) and (d.resource_id is null or h.place > 1)),
    f as materialized (
      select t.account_id, p.resource_id, p.issue_id, p.old_issue, p.old_status, p.old_severity, p.old_score, p.act, p.n,
        case when p.act = 'open' then ${mintedId(now)} else p.id end as id,
        case when p.act = 'open' then ${now}::timestamptz else p.first_observed_at end as first_observed_at,
        ${now}::timestamptz as updated_at, null::timestamptz as closed_at,
        case when p.act in ('close', 'merge') then p.old_score else i.score end as score,
        case when p.act in ('close', 'merge') then p.old_severity else i.severity end as severity,
        ${ACTIVE} as status
      from plan p join touched t on t.id = p.resource_id join issue i on i.id = p.issue_id left join vulnerability v on v.id = i.vulnerability_id),
    next as materialized (
      select f.account_id, f.resource_id, f.issue_id, f.old_issue, f.old_status, f.old_severity, f.old_score, f.act, f.id, f.first_observed_at, f.score, f.severity,
        r.type, i.fix, i.exploit,
        case f.act when 'close' then ${CLOSED} when 'merge' then ${MERGED}
          else case when ${await suppressedBy(trx)} then ${SUPPRESSED} else ${ACTIVE} end end as status
      from f join resource r on r.id = f.resource_id join issue i on i.id = f.issue_id left join vulnerability v on v.id = i.vulnerability_id),
    changed as materialized (
      select * from next
      where act <> 'keep' or (issue_id, status, severity, score) is distinct from (old_issue, old_status, old_severity, old_score)),
    opened as (
      insert into finding (account_id, id, first_observed_at, updated_at, resource_id, issue_id, score, status, severity)
      select account_id, id, first_observed_at, ${now}::timestamptz, resource_id, issue_id, score, status, severity
      from changed where act = 'open' order by account_id, resource_id, id),
    updated as (
      update finding f set updated_at = ${now}::timestamptz, issue_id = c.issue_id, score = c.score, status = c.status, severity = c.severity,
        closed_at = case when c.act in ('close', 'merge') then ${now}::timestamptz end
      from changed c where c.act <> 'open' and f.account_id = c.account_id and f.id = c.id),
    events as (
      insert into finding_event (at, account_id, finding_id, resource_id, issue_id, delta_id, change, status, severity, score, fix)
      select ${now}::timestamptz, account_id, id, resource_id, issue_id, ${delta ?? null}::int, ${changeOf}, status, severity, score, fix
      from changed order by account_id, resource_id, id),
    ${tallied(sql`changed`)}
    select count(*)::int as changed from changed`.execute(trx)
  return rows[0]?.changed ?? 0
}

/**
 * The 32 hex of a new finding's ARN: 8 bytes of the weakness as first known, so that one advisory's findings lie side by
 * side in the primary key, then 8 bytes of the resource, its type and the moment, which tells episodes apart.
 */
const mintedId = (now: Date): RawBuilder<string> => sql`encode(
  substring(sha256(convert_to(coalesce(v.origin, i.origin_key), 'UTF8')) for 8) ||
  substring(sha256(convert_to(t.arn || ' ' || t.type || ' ' || ${now.toISOString()}, 'UTF8')) for 8), 'hex')::uuid`

const changeOf = sql`case act when 'open' then ${code(changeCode.OPENED)} when 'reopen' then ${code(changeCode.REOPENED)}
  when 'close' then ${code(changeCode.CLOSED)} when 'merge' then ${code(changeCode.MERGED)}
  else case when status = old_status then ${code(changeCode.CHANGED)} when status = ${status.SUPPRESSED} then ${code(changeCode.SUPPRESSED)}
    else ${code(changeCode.RESTORED)} end end`

/**
 * Keeps both tallies true for rows (resource_id, account_id, type, issue_id, status, severity, old_issue, old_status,
 * old_severity) of `changed`, old_* null for what is new: what a row counted as is taken away, what it counts as is added.
 */
export function tallied(changed: RawBuilder<unknown>): RawBuilder<unknown> {
  const { ACTIVE, SUPPRESSED, CLOSED } = status
  const active = (severity: number): RawBuilder<number> =>
    sql`sum(sign) filter (where counted.status = ${ACTIVE} and counted.severity = ${code(severity)})`
  const bands = sql`coalesce(${active(5)}, 0)::int as critical, coalesce(${active(4)}, 0)::int as high, coalesce(${active(3)}, 0)::int as medium,
    coalesce(${active(2)}, 0)::int as low, coalesce(${active(1)}, 0)::int as info, coalesce(${active(0)}, 0)::int as untriaged`
  const add = (table: string, columns: readonly string[]): RawBuilder<unknown> =>
    sql.join(columns.map((column) => sql`${sql.id(column)} = ${sql.id(table, column)} + ${sql.id('excluded', column)}`))
  const severities = ['critical', 'high', 'medium', 'low', 'info', 'untriaged']
  return sql`
    counted as materialized (
      select account_id, resource_id, type, issue_id, status, severity, 1 as sign from ${changed}
      union all
      select account_id, resource_id, type, old_issue, old_status, old_severity, -1 from ${changed} where old_status is not null),
    by_resource as (
      insert into resource_tally (resource_id, account_id, critical, high, medium, low, info, untriaged, fix, exploit)
      select resource_id, account_id, ${bands},
        coalesce(sum(sign) filter (where counted.status = ${ACTIVE} and i.fix = ${code(fixState.YES)}), 0)::int,
        coalesce(sum(sign) filter (where counted.status = ${ACTIVE} and i.exploit), 0)::int
      from counted join issue i on i.id = counted.issue_id group by resource_id, account_id order by resource_id
      on conflict (resource_id) do update set ${add('resource_tally', [...severities, 'fix', 'exploit'])}),
    by_issue as (
      insert into issue_tally (issue_id, resource_type, critical, high, medium, low, info, untriaged, suppressed, closed)
      select issue_id, type, ${bands}, coalesce(sum(sign) filter (where counted.status = ${SUPPRESSED}), 0)::int,
        coalesce(sum(sign) filter (where counted.status = ${CLOSED}), 0)::int
      from counted group by issue_id, type order by issue_id, type
      on conflict (issue_id, resource_type) do update set ${add('issue_tally', [...severities, 'suppressed', 'closed'])})`
}
