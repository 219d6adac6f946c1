import { sql } from 'kysely'
import { findingStatus, fixState } from '../../model/finding.ts'
import type { Db } from '../../store/connection.ts'
import type { Report } from './verify.ts'

/** Compares both tallies with a count of the findings. */
export async function compareTallies(db: Db, report: Report): Promise<void> {
  const { ACTIVE, SUPPRESSED, CLOSED } = findingStatus
  const band = (severity: number) => sql`count(*) filter (where f.status = ${ACTIVE} and f.severity = ${severity})::int`
  const bands = sql`${band(5)} as critical, ${band(4)} as high, ${band(3)} as medium, ${band(2)} as low, ${band(1)} as info, ${band(0)} as untriaged`
  const zero = sql`'{"critical":0,"high":0,"medium":0,"low":0,"info":0,"untriaged":0}'::jsonb`
  const { rows: resources } = await sql<{ subject: string; expected: unknown; stored: unknown }>`
    with counted as (
      select f.resource_id, ${bands}, count(*) filter (where f.status = ${ACTIVE} and i.fix = ${fixState.YES})::int as fix,
        count(*) filter (where f.status = ${ACTIVE} and i.exploit)::int as exploit
      from finding f join issue i on i.id = f.issue_id group by f.resource_id),
    expected as (select resource_id, to_jsonb(c) - 'resource_id' as doc from counted c),
    stored as (select resource_id, to_jsonb(t) - 'resource_id' - 'account_id' - 'network' as doc from resource_tally t),
    nothing as (select ${zero} || '{"fix":0,"exploit":0}' as doc)
    select 'resource ' || coalesce(e.resource_id, s.resource_id) as subject, e.doc as expected, s.doc as stored
    from expected e full join stored s using (resource_id) cross join nothing n where coalesce(e.doc, n.doc) <> coalesce(s.doc, n.doc)`.execute(
    db,
  )
  const { rows: issues } = await sql<{ subject: string; expected: unknown; stored: unknown }>`
    with counted as (
      select f.issue_id, r.type as resource_type, ${bands}, count(*) filter (where f.status = ${SUPPRESSED})::int as suppressed,
        count(*) filter (where f.status = ${CLOSED})::int as closed
      from finding f join resource r on r.id = f.resource_id group by f.issue_id, r.type),
    expected as (select issue_id, resource_type, to_jsonb(c) - 'issue_id' - 'resource_type' as doc from counted c),
    stored as (select issue_id, resource_type, to_jsonb(t) - 'issue_id' - 'resource_type' as doc from issue_tally t),
    nothing as (select ${zero} || '{"suppressed":0,"closed":0}' as doc)
    select 'issue ' || coalesce(e.issue_id, s.issue_id) as subject, e.doc as expected, s.doc as stored
    from expected e full join stored s using (issue_id, resource_type) cross join nothing n where coalesce(e.doc, n.doc) <> coalesce(s.doc, n.doc)`.execute(
    db,
  )
  for (const row of [...resources, ...issues]) report({ about: 'tally', ...row })
}
