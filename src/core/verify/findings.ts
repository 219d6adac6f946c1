import { sql } from 'kysely'
import { findingStatus } from '../../model/finding.ts'
import { coveredResource, suppressedBy } from '../findings/index.ts'
import type { Report, Verifying } from './verify.ts'

const chunkResources = 200

/** Compares the open findings of every resource, and each finding with its last event. */
export async function compareFindings({ store }: Verifying, report: Report): Promise<{ resources: number; findings: number }> {
  const { ACTIVE, SUPPRESSED } = findingStatus
  const total = { resources: 0, findings: 0 }
  for (let after = 0; ; ) {
    const { rows: ids } = await sql<{
      id: number
    }>`select id from resource where id > ${after} order by id limit ${chunkResources}`.execute(store.db)
    const last = ids.at(-1)
    if (last === undefined) return total
    const chunk = ids.map(({ id }) => id)
    const suppressed = await suppressedBy(store.db)
    const { rows } = await sql<{ subject: string; expected: unknown; stored: unknown }>`
      with desired as (
        select r.id as resource_id, r.arn, ii.vulnerability_id, ii.issue_id, ii.doubt
        from resource r join inventory_issue ii on ii.inventory_id = r.inventory_id
        where r.id = any(${chunk}::int[]) and ${coveredResource(sql`r`)}),
      open as (
        select f.*, i.vulnerability_id, i.score as issue_score, i.severity as issue_severity,
          count(*) over (partition by f.resource_id, i.vulnerability_id) as twins,
          case when ${suppressed} then ${SUPPRESSED}::smallint else ${ACTIVE}::smallint end as expected_status
        from finding f join resource r on r.id = f.resource_id join issue i on i.id = f.issue_id left join vulnerability v on v.id = i.vulnerability_id
        where f.resource_id = any(${chunk}::int[]) and f.status in (${ACTIVE}, ${SUPPRESSED}))
      select coalesce(o.id::text, d.arn || ' vulnerability ' || d.vulnerability_id) as subject,
        case when d.resource_id is not null and not d.doubt then jsonb_build_object('issue', d.issue_id, 'score', o.issue_score, 'severity', o.issue_severity, 'status', o.expected_status) end as expected,
        case when o.id is not null then jsonb_build_object('issue', o.issue_id, 'score', o.score, 'severity', o.severity, 'status', o.status, 'twins', o.twins) end as stored
      from desired d full join open o on o.resource_id = d.resource_id and o.vulnerability_id = d.vulnerability_id
      where (d.resource_id is null) or (o.id is null and not d.doubt) or o.twins > 1
        or (not d.doubt and (o.issue_id, o.score, o.severity, o.status) is distinct from (d.issue_id, o.issue_score, o.issue_severity, o.expected_status))
      union all
      select f.id || ' history', jsonb_build_object('status', f.status, 'severity', f.severity, 'score', f.score),
        jsonb_build_object('status', e.status, 'severity', e.severity, 'score', e.score)
      from finding f left join lateral (select * from finding_event e where e.finding_id = f.id order by seq desc limit 1) e on true
      where f.resource_id = any(${chunk}::int[]) and (f.status, f.severity, f.score) is distinct from (e.status, e.severity, e.score)`.execute(
      store.db,
    )
    for (const row of rows) report({ about: 'finding', ...row })
    const { rows: counted } = await sql<{ findings: number }>`
      select count(*)::int as findings from finding where resource_id = any(${chunk}::int[]) and status in (${ACTIVE}, ${SUPPRESSED})`.execute(
      store.db,
    )
    total.resources += chunk.length
    total.findings += counted[0]?.findings ?? 0
    after = last.id
  }
}
