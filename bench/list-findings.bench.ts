import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'kysely'
import type { Scope } from '../src/model/scope.ts'
import { aggregateFindings, type AggregationType, type FindingsRequest, pageOfFindings } from '../src/core/findings/index.ts'
import { type Db, openStore } from '../src/store/connection.ts'
import { writeFleet } from './fleet.ts'
import { machine } from './measure.ts'

const scope: Scope = { caller: { principalId: 1, name: 'bench', role: 'admin', account: '000000000000' }, accounts: 'all', regions: 'all' }
const equals = (value: string) => [{ comparison: 'EQUALS' as const, value }]
const prefix = (value: string) => [{ comparison: 'PREFIX' as const, value }]
const desc = (field: NonNullable<FindingsRequest['sort']>['field']) => ({ field, sortOrder: 'DESC' as const })

/** Questions people ask, and some that are hard: wide but sparse, sorted by something joined, of one account. */
const questions: Readonly<Record<string, { readonly request: FindingsRequest; readonly scope?: Scope }>> = {
  'no filter': { request: {} },
  'no filter, signed Region': { request: {}, scope: { ...scope, regions: ['us-east-1'] } },
  'by severity': { request: { sort: desc('SEVERITY') } },
  'by severity, ACTIVE': { request: { sort: desc('SEVERITY'), criteria: { findingStatus: equals('ACTIVE') } } },
  'by score': { request: { sort: desc('INSPECTOR_SCORE') } },
  'by EPSS': { request: { sort: desc('EPSS_SCORE') } },
  'by vulnerability': { request: { sort: desc('VULNERABILITY_ID') } },
  'by first seen': { request: { sort: desc('FIRST_OBSERVED_AT') } },
  'by resource type': { request: { sort: desc('RESOURCE_TYPE') } },
  'by repository': { request: { sort: desc('ECR_IMAGE_REPOSITORY_NAME') } },
  'severity CRITICAL': { request: { criteria: { severity: equals('CRITICAL') } } },
  'status CLOSED': { request: { criteria: { findingStatus: equals('CLOSED') } } },
  'score 5.0 to 5.2': { request: { criteria: { inspectorScore: [{ lowerInclusive: 5, upperInclusive: 5.2 }] } } },
  'one resource': { request: { criteria: { resourceId: equals('host-4242') } } },
  'resource type': { request: { criteria: { resourceType: equals('OPENINSPECTOR_HOST') } } },
  'one account': { request: { criteria: { awsAccountId: equals('100000000011') } } },
  'member scope, by severity': { request: { sort: desc('SEVERITY') }, scope: { ...scope, accounts: ['100000000001'] } },
  'rare tag': { request: { criteria: { resourceTags: [{ comparison: 'EQUALS', key: 'rare' }] } } },
  'common tag': { request: { criteria: { resourceTags: [{ comparison: 'EQUALS', key: 'env', value: 'prod' }] } } },
  AMI: { request: { criteria: { ec2InstanceImageId: equals('ami-20') } } },
  repository: { request: { criteria: { ecrImageRepositoryName: equals('team/app-13') } } },
  vulnerability: { request: { criteria: { vulnerabilityId: equals('CVE-2020-1005') } } },
  'vulnerability prefix': { request: { criteria: { vulnerabilityId: prefix('CVE-2020') } } },
  package: { request: { criteria: { vulnerablePackages: [{ name: { comparison: 'EQUALS', value: 'pkg-42' } }] } } },
  'title prefix': { request: { criteria: { title: prefix('CVE-2019-1') } } },
  'fix YES': { request: { criteria: { fixAvailable: equals('YES') } } },
  exploit: { request: { criteria: { exploitAvailable: equals('YES') } } },
  'EPSS 0.9 and above': { request: { criteria: { epssScore: [{ lowerInclusive: 0.9 }] } } },
  'first seen, one hour': {
    request: {
      criteria: { firstObservedAt: [{ startInclusive: new Date('2026-08-01T00:00:00Z'), endInclusive: new Date('2026-08-01T01:00:00Z') }] },
    },
  },
  'first seen, 30 days': {
    request: { criteria: { firstObservedAt: [{ startInclusive: new Date('2026-07-01'), endInclusive: new Date('2026-07-31') }] } },
  },
  'critical, exploit, fix, ACTIVE, by severity': {
    request: {
      sort: desc('SEVERITY'),
      criteria: {
        severity: equals('CRITICAL'),
        exploitAvailable: equals('YES'),
        fixAvailable: equals('YES'),
        findingStatus: equals('ACTIVE'),
      },
    },
  },
  'common tag and exploit': {
    request: { criteria: { resourceTags: [{ comparison: 'EQUALS', key: 'env', value: 'prod' }], exploitAvailable: equals('YES') } },
  },
}
const aggregations: readonly AggregationType[] = [
  'ACCOUNT',
  'AMI',
  'AWS_EC2_INSTANCE',
  'REPOSITORY',
  'PACKAGE',
  'TITLE',
  'FINDING_TYPE',
  'VM_INSTANCE',
]

type Measured = { readonly what: string; readonly p50: number; readonly p95: number }

/** Milliseconds of first and second pages of 100 and of aggregations, warm. */
async function measureLists(db: Db, runs: number): Promise<readonly Measured[]> {
  const results: Measured[] = []
  for (const [what, { request, scope: own = scope }] of Object.entries(questions)) {
    results.push(
      await timed(what, runs, async () => {
        const { after } = await pageOfFindings(db, own, request)
        return after
      }),
    )
    const { after } = await pageOfFindings(db, own, request)
    if (after !== undefined) results.push(await timed(`${what}, second page`, runs, () => pageOfFindings(db, own, { ...request, after })))
  }
  for (const aggregationType of aggregations) {
    results.push(await timed(`aggregation ${aggregationType}`, runs, () => aggregateFindings(db, scope, { aggregationType })))
  }
  const member = { ...scope, accounts: ['100000000001'] }
  results.push(await timed('aggregation TITLE, member', runs, () => aggregateFindings(db, member, { aggregationType: 'TITLE' })))
  return results
}

async function timed(what: string, runs: number, run: () => Promise<unknown>): Promise<Measured> {
  await run()
  const times: number[] = []
  for (let at = 0; at < runs; at++) {
    const start = performance.now()
    await run()
    times.push(performance.now() - start)
  }
  times.sort((left, right) => left - right)
  const at = (share: number) => times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? 0
  return { what, p50: at(0.5), p95: at(0.95) }
}

/**
 * Lists and aggregations over a fleet of its own: `DATABASE_URL` names an empty PostgreSQL database, else the embedded one
 * is measured. The first argument is the number of resources (10,000: about a million findings), the second the runs.
 */
export async function run([resources = '10000', runs = '15']: readonly string[]): Promise<void> {
  const url = process.env['DATABASE_URL']
  const dataDir = await mkdtemp(join(tmpdir(), 'oi-bench-'))
  const store = await openStore(url === undefined ? { dataDir } : { url })
  try {
    await writeFleet(store.db, { resources: Number(resources), perResource: 110, accounts: 50, issues: 20_000 })
    const { rows } = await sql<{ findings: string }>`select count(*) as findings from finding`.execute(store.db)
    console.log(`${machine()}; ${store.mode}, ${rows[0]?.findings} findings; ms, p50 and p95 of ${runs} warm runs`)
    for (const { what, p50, p95 } of await measureLists(store.db, Number(runs)))
      console.log(what.padEnd(46), p50.toFixed(1).padStart(8), p95.toFixed(1).padStart(8))
  } finally {
    await store.close()
    await rm(dataDir, { recursive: true, force: true })
  }
}
