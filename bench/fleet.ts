import { sql } from 'kysely'
import type { Db } from '../src/store/connection.ts'

export type FleetSize = { readonly resources: number; readonly perResource: number; readonly accounts: number; readonly issues: number }

/**
 * Writes a fleet straight into the tables: uneven accounts, a fifth of the findings closed or suppressed, one issue in a
 * hundred on most resources. The same size gives the same rows.
 */
export async function writeFleet(db: Db, { resources, perResource, accounts, issues }: FleetSize): Promise<void> {
  const run = (text: string) => sql.raw(text).execute(db)
  await run(`select setseed(0.42)`)
  const packages = Math.max(1, Math.floor(issues / 12))
  await run(`insert into vulnerability (id, origin, name, epss, epss_percentile, exploit, source, vendor_severity, facts)
    select i, 'CVE-' || (2015 + i % 11) || '-' || (1000 + i), 'CVE-' || (2015 + i % 11) || '-' || (1000 + i), case when i % 7 = 0 then -1 else power(random(), 6) end, -1, i % 50 = 0,
      (array['NVD','DEBIAN','GITHUB'])[1 + i % 3], (array['low','medium','high','critical'])[1 + i % 4], '{}' from generate_series(1, ${issues}) i`)
  await run(`insert into vulnerability_name select name, id from vulnerability`)
  await run(`insert into issue (id, vulnerability_id, origin_id, origin_key, kind, title, package_names, packages, fix, exploit, score, severity)
    select v.id, v.id, v.id, 'key-' || v.id, 1, v.name || ' - pkg-' || (v.id % ${packages}), array['pkg-' || (v.id % ${packages})],
      jsonb_build_array(jsonb_build_object('componentId', v.id, 'purl', 'pkg:deb/debian/pkg-' || (v.id % ${packages}) || '@1', 'type', case when v.id % 4 = 0 then 'npm' else 'deb' end, 'name', 'pkg-' || (v.id % ${packages}), 'version', '1.0-1')),
      v.id % 3, v.exploit, s.score, case when s.score >= 90 then 5 when s.score >= 70 then 4 when s.score >= 40 then 3 when s.score > 0 then 2 else 0 end
    from vulnerability v cross join lateral (select (v.id * 37 % 100)::smallint as score) s`)
  await run(`insert into resource (id, account_id, arn, resource_id, type, region, tags, facts, status, reason, created_at, observed_at)
    select i, 100000000000 + floor(power(random(), 2) * ${accounts}), 'urn:bench:' || i, 'host-' || i, (array[1,2,5,6])[1 + i % 4], 'us-east-1',
      case when i % 2000 = 0 then '{"rare":"yes"}' when i % 2 = 0 then '{"env":"prod"}' else '{"env":"test"}' end::jsonb,
      case when i % 4 = 1 then jsonb_build_object('ecr', jsonb_build_object('repositoryName', 'team/app-' || i % 200)) else jsonb_build_object('ec2', jsonb_build_object('imageId', 'ami-' || i % 300, 'vpcId', 'vpc-' || i % 40)) end,
      1, 'SUCCESSFUL', now(), timestamptz '2026-11-22' - random() * interval '3 days' from generate_series(1, ${resources}) i`)
  await run(`insert into finding (account_id, id, first_observed_at, updated_at, closed_at, resource_id, issue_id, score, status, severity)
    select r.account_id, gen_random_uuid(), t.first, t.first, case when t.status = 3 then t.first + interval '1 day' end, r.id, i.id, i.score, t.status, i.severity
    from (select r.*, random() as luck from resource r) r cross join lateral (
      select distinct 1 + floor(power(random(), 3) * ${issues - 1})::int as issue from generate_series(1, ${perResource} + (r.luck * 0)::int)) k
    join issue i on i.id = k.issue cross join lateral (
      select timestamptz '2026-11-22' - power(random(), 2) * interval '300 days' + k.issue * interval '0' as first,
        case when random() < 0.8 then 1 when random() < 0.5 then 2 else 3 end + 0 * k.issue as status) t`)
  await run(`insert into resource_tally (resource_id, account_id, critical, high, medium, low, info, untriaged, fix, exploit)
    select f.resource_id, f.account_id, count(*) filter (where f.severity = 5), count(*) filter (where f.severity = 4), count(*) filter (where f.severity = 3),
      count(*) filter (where f.severity = 2), 0, count(*) filter (where f.severity = 0), count(*) filter (where i.fix = 2), count(*) filter (where i.exploit)
    from finding f join issue i on i.id = f.issue_id where f.status = 1 group by 1, 2`)
  await run(`insert into issue_tally (issue_id, resource_type, critical, high, medium, low, info, untriaged, suppressed, closed)
    select f.issue_id, r.type, count(*) filter (where f.status = 1 and f.severity = 5), count(*) filter (where f.status = 1 and f.severity = 4), count(*) filter (where f.status = 1 and f.severity = 3),
      count(*) filter (where f.status = 1 and f.severity = 2), 0, count(*) filter (where f.status = 1 and f.severity = 0), count(*) filter (where f.status = 2), count(*) filter (where f.status = 3)
    from finding f join resource r on r.id = f.resource_id group by 1, 2`)
  for (const table of ['finding', 'resource', 'issue', 'vulnerability', 'vulnerability_name', 'resource_tally', 'issue_tally'])
    await run(`vacuum analyze ${table}`)
}
