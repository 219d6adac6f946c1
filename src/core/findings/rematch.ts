import { sql } from 'kysely'
import { verdictCode } from '../../store/codes.ts'
import type { Db } from '../../store/connection.ts'
import { type Join, refreshJob } from './join.ts'
import { judgeComponents, type StoredComponent } from './judge-components.ts'
import { assignVulnerabilities, describeWeaknesses, storeDescriptions, weaknessesIn } from './vulnerabilities.ts'

/**
 * Decides the matches of components anew, and what is told of the weaknesses they have. The caller holds the lock
 * `refresh` and shares `knowledge`.
 */
export async function rematch(trx: Db, join: Join, components: readonly StoredComponent[]): Promise<void> {
  const { byComponent, groups } = await judgeComponents(trx, components, join.schemeOf)
  const found = [...byComponent.values()].flat()
  const weaknesses = weaknessesIn(
    groups,
    found.map(({ weakness }) => weakness),
  )
  const { ids, moved } = await assignVulnerabilities(trx, weaknesses)
  if (moved) await join.store.queue.enqueue(refreshJob, {}, trx)
  await storeDescriptions(trx, await describeWeaknesses(trx, weaknesses), ids)
  const rows = [...byComponent].flatMap(([component, judgements]) =>
    judgements.map(({ weakness, verdict, fixedIn, vendorSeverity, evidence }) => ({
      component_id: component,
      vulnerability_id: ids.get(weakness),
      verdict: verdictCode[verdict],
      fixed_in: fixedIn,
      vendor_severity: vendorSeverity,
      evidence,
    })),
  )
  const all = components.map(({ id }) => id)
  await sql`
    with given as materialized (
      select * from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb)
        as g(component_id int, vulnerability_id int, verdict smallint, fixed_in text, vendor_severity text, evidence jsonb)),
    gone as (
      delete from match m where m.component_id = any(${all}::int[])
        and not exists (select 1 from given g where g.component_id = m.component_id and g.vulnerability_id = m.vulnerability_id))
    insert into match (component_id, vulnerability_id, verdict, fixed_in, vendor_severity, evidence)
    select component_id, vulnerability_id, verdict, fixed_in, vendor_severity, evidence from given
    on conflict (component_id, vulnerability_id) do update set verdict = excluded.verdict, fixed_in = excluded.fixed_in,
      vendor_severity = excluded.vendor_severity, evidence = excluded.evidence
    where (match.verdict, match.fixed_in, match.vendor_severity, match.evidence)
      is distinct from (excluded.verdict, excluded.fixed_in, excluded.vendor_severity, excluded.evidence)`.execute(trx)
  await sql`update component set stale = false where id = any(${all}::int[])`.execute(trx)
}
