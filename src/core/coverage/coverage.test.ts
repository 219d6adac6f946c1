import fc from 'fast-check'
import { sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { databases, emptyDatabase, type TestStore } from '../../../test/database.ts'
import { insertRows } from '../../../test/rows.ts'
import { accounts, regions, sampleFleet, writeSampleFleet, type SampleFleet, type SampleResource } from '../../../test/sample-fleet.ts'
import type { Scope } from '../../model/scope.ts'
import {
  coverageOf,
  coverageStatistics,
  type CoverageFilterCriteria,
  type CoverageGroupKey,
  knowledgeState,
  listCoverage,
} from './index.ts'

const caller = { principalId: 1, name: 'tester', role: 'admin', account: '000000000000' } as const
const everything: Scope = { caller, accounts: 'all', regions: 'all' }
const now = new Date('2026-03-02T00:00:00.000Z')
const limits = { osv: 48, kev: 72 }

const types = [
  '',
  'AWS_EC2_INSTANCE',
  'AWS_ECR_CONTAINER_IMAGE',
  'AWS_LAMBDA_FUNCTION',
  'CODE_REPOSITORY',
  'OPENINSPECTOR_HOST',
  'OPENINSPECTOR_CONTAINER_IMAGE',
]
const texts = (values: readonly string[]) =>
  fc.array(fc.record({ comparison: fc.constantFrom('EQUALS' as const, 'NOT_EQUALS' as const), value: fc.constantFrom(...values) }), {
    minLength: 1,
    maxLength: 2,
  })
const Criteria: fc.Arbitrary<CoverageFilterCriteria> = fc.record(
  {
    scanStatusCode: texts(['ACTIVE', 'INACTIVE']),
    scanStatusReason: texts(['SUCCESSFUL', 'UNSUPPORTED_OS', 'PENDING_DISABLE']),
    accountId: texts(accounts),
    resourceId: texts(['web-1', 'db']),
    resourceType: texts(types.slice(1)),
    scanType: texts(['PACKAGE', 'NETWORK']),
    cloudProvider: texts(['AWS']),
    ecrRepositoryName: texts(['team/app']),
    cloudVmInstanceTags: fc.constant([{ comparison: 'EQUALS' as const, key: 'env' }]),
  },
  { requiredKeys: [] },
)

function text(value: string | undefined, filters: NonNullable<CoverageFilterCriteria['accountId']>): boolean {
  const wanted = filters.filter(({ comparison }) => comparison === 'EQUALS').map((filter) => filter.value)
  const refused = filters.filter(({ comparison }) => comparison === 'NOT_EQUALS').map((filter) => filter.value)
  return (wanted.length === 0 || (value !== undefined && wanted.includes(value))) && !(value !== undefined && refused.includes(value))
}
/** Scans of images are switched off in one account; the others are on everywhere. */
const isOff = ({ type, account }: SampleResource) => [2, 6].includes(type) && account === accounts[1]
const reasonOf = (resource: SampleResource) =>
  isOff(resource) ? 'PENDING_DISABLE' : resource.id % 3 === 0 ? 'UNSUPPORTED_OS' : 'SUCCESSFUL'
const valueOf = (resource: SampleResource, key: string): string | undefined => {
  const aws = resource.type <= 3
  switch (key) {
    case 'scanStatusCode':
    case 'SCAN_STATUS_CODE':
      return reasonOf(resource) === 'SUCCESSFUL' ? 'ACTIVE' : 'INACTIVE'
    case 'scanStatusReason':
    case 'SCAN_STATUS_REASON':
      return reasonOf(resource)
    case 'accountId':
    case 'ACCOUNT_ID':
      return resource.account
    case 'resourceId':
      return resource.name
    case 'resourceType':
    case 'RESOURCE_TYPE':
      return types[resource.type]
    case 'scanType':
      return 'PACKAGE'
    case 'cloudProvider':
    case 'PROVIDER':
      return aws ? 'AWS' : undefined
    case 'PROVIDER_ACCOUNT_ID':
      return aws ? resource.account : undefined
    case 'PROVIDER_REGION':
      return aws ? resource.region : undefined
    case 'ecrRepositoryName':
    case 'ECR_REPOSITORY_NAME':
      return (resource.facts.ecr as { repositoryName?: string } | undefined)?.repositoryName
    default:
      return undefined
  }
}
const matching = (fleet: SampleFleet, scope: Scope, criteria: CoverageFilterCriteria) =>
  fleet.resources.filter(
    (resource) =>
      (scope.accounts === 'all' || scope.accounts.includes(resource.account)) &&
      (scope.regions === 'all' || scope.regions.includes(resource.region)) &&
      Object.entries(criteria).every(([name, filters]) =>
        name === 'cloudVmInstanceTags'
          ? [1, 5].includes(resource.type) && 'env' in resource.tags
          : filters === undefined || text(valueOf(resource, name), filters as never),
      ),
  )

describe.each(databases)('coverage on $name', ({ open }) => {
  let store: TestStore
  beforeAll(async () => {
    store = await open()
  })
  afterAll(async () => store.close())
  beforeEach(async () => emptyDatabase(store.db))

  const feed = (name: string, more: object) =>
    insertRows(store.db, 'feed', [{ name, unit: name.split('/')[0], broken: [], records: 1, broken_count: 0, ...more }])

  const turnOn = () =>
    insertRows(
      store.db,
      'enablement',
      accounts.flatMap((account) =>
        regions.flatMap((region) =>
          ['EC2', 'ECR', 'LAMBDA', 'CODE_REPOSITORY'].map((scan_type) => ({
            account_id: Number(account),
            region,
            scan_type,
            status: scan_type === 'ECR' && account === accounts[1] ? 'DISABLED' : 'ENABLED',
            updated_at: now,
          })),
        ),
      ),
    )

  it('lists and counts what filtering in memory gives', async () => {
    const [fleet] = fc.sample(sampleFleet, { seed: 3, numRuns: 1 }) as [SampleFleet]
    await writeSampleFleet(store.db, fleet)
    await turnOn()
    await sql`update resource set status = 2, reason = 'UNSUPPORTED_OS' where id % 3 = 0`.execute(store.db)
    const knowledge = await knowledgeState(store.db, limits, now)
    const keys: readonly CoverageGroupKey[] = [
      'SCAN_STATUS_CODE',
      'SCAN_STATUS_REASON',
      'ACCOUNT_ID',
      'RESOURCE_TYPE',
      'ECR_REPOSITORY_NAME',
      'PROVIDER',
      'PROVIDER_ACCOUNT_ID',
      'PROVIDER_REGION',
      'PROVIDER_ORG_ID',
    ]
    const Asked = fc.record({
      criteria: Criteria,
      limit: fc.integer({ min: 1, max: 4 }),
      groupBy: fc.constantFrom(...keys),
      scope: fc.record({
        caller: fc.constant(caller),
        accounts: fc.oneof(fc.constant('all' as const), fc.subarray(accounts)),
        regions: fc.oneof(fc.constant('all' as const), fc.subarray(regions)),
      }),
    })
    await fc.assert(
      fc.asyncProperty(Asked, async ({ criteria, limit, groupBy, scope }) => {
        const expected = matching(fleet, scope, criteria)
        const arns: string[] = []
        let after: string | undefined
        do {
          const page = await listCoverage(store.db, scope, { criteria, limit, after }, knowledge)
          arns.push(...page.items.map(({ arn }) => arn))
          after = page.after
        } while (after !== undefined)
        expect(arns).toEqual(expected.map(({ id }) => `urn:test:${id}`))
        const counts = new Map<string, number>()
        for (const resource of expected) {
          const value = valueOf(resource, groupBy)
          if (value !== undefined) counts.set(value, (counts.get(value) ?? 0) + 1)
        }
        const groups: { groupKey: string; count: number }[] = []
        do {
          const page = await coverageStatistics(store.db, scope, { criteria, groupBy, limit, after })
          expect(page.totalCounts).toBe(expected.length)
          groups.push(...page.countsByGroup)
          after = page.after
        } while (after !== undefined)
        expect(groups).toEqual(
          [...counts]
            .map(([groupKey, count]) => ({ groupKey, count }))
            .sort((left, right) => right.count - left.count || (left.groupKey < right.groupKey ? -1 : 1)),
        )
      }),
      { seed: 5, numRuns: 80 },
    )
  })

  it('shows one resource with what its collectors brought and could not read', async () => {
    const [fleet] = fc.sample(sampleFleet, { seed: 3, numRuns: 1 }) as [SampleFleet]
    await writeSampleFleet(store.db, fleet)
    await turnOn()
    const gap = { path: 'app/package-lock.json', extractor: 'npm/package-lock', reason: 'no JSON' }
    await insertRows(store.db, 'observation', [
      { id: 1, resource_id: 1, collector: 'host', inventory_id: 1, gaps: [gap], collected_at: now, extractors: '' },
    ])
    await sql`update resource set status = 2, reason = 'NO_INVENTORY', reason_detail = 'The folder is gone.', gone_at = null where id = 1`.execute(
      store.db,
    )
    const report = await coverageOf(store.db, everything, 'urn:test:1', await knowledgeState(store.db, limits, now))
    expect(report).toMatchObject({
      arn: 'urn:test:1',
      scanStatus: { statusCode: 'INACTIVE', reason: 'NO_INVENTORY' },
      why: 'What is installed could not be read; what was held is kept. The gaps say why. The folder is gone.',
      gaps: 1,
      collectors: ['host'],
      observations: [{ collector: 'host', collectedAt: now, gaps: [gap] }],
    })
    await sql`update enablement set status = 'DISABLED'`.execute(store.db)
    const off = await coverageOf(store.db, everything, 'urn:test:1', await knowledgeState(store.db, limits, now))
    expect([off.scanStatus, off.why]).toEqual([
      { statusCode: 'INACTIVE', reason: 'PENDING_DISABLE' },
      'Its type of scan is switched off. Enabling it clears this.',
    ])
    await sql`update resource set gone_at = now() where id = 1`.execute(store.db)
    await expect(coverageOf(store.db, everything, 'urn:test:1', await knowledgeState(store.db, limits, now))).rejects.toThrow(
      'There is no resource urn:test:1.',
    )
    await expect(
      coverageOf(store.db, { ...everything, accounts: [] }, 'urn:test:2', await knowledgeState(store.db, limits, now)),
    ).rejects.toThrow('There is no resource urn:test:2.')
  })

  it('tells resources judged in full from those judged by old, starter or no knowledge', async () => {
    const state = async () => (await knowledgeState(store.db, limits, now)).state
    expect(await state()).toBe('none')
    await feed('starter', { loaded_at: '2026-01-01' })
    expect(await state()).toBe('starter')
    await insertRows(store.db, 'component', [
      { id: 1, key: '\\x01', purl: 'a', type: 'deb', name: 'a', version: '1', ecosystem: 'Debian:12', stale: false },
      { id: 2, key: '\\x02', purl: 'b', type: 'npm', name: 'b', version: '1', ecosystem: 'npm', stale: false },
    ])
    await insertRows(
      store.db,
      'inventory',
      [1, 2, 3].map((id) => ({ id, hash: `\\x0${id}`, occurrences: 1, stale: false })),
    )
    await insertRows(store.db, 'occurrence', [
      { inventory_id: 1, component_id: 1, path: 'x', extractor: 't' },
      { inventory_id: 2, component_id: 2, path: 'x', extractor: 't' },
    ])
    await insertRows(
      store.db,
      'resource',
      [1, 2, 3].map((id) => ({
        id,
        account_id: 0,
        arn: `urn:${id}`,
        resource_id: `${id}`,
        type: 5,
        region: 'us-east-1',
        tags: {},
        facts: {},
        inventory_id: id,
        status: 1,
        reason: 'SUCCESSFUL',
        created_at: now,
      })),
    )
    const each = async () => {
      const knowledge = await knowledgeState(store.db, limits, now)
      const { items } = await listCoverage(store.db, everything, {}, knowledge)
      return [knowledge.state, ...items.map((item) => item.knowledge)]
    }
    await feed('osv/Debian', {
      ecosystem: 'Debian',
      loaded_at: '2026-02-20',
      checked_at: '2026-03-01T12:00:00Z',
      published_at: '2026-02-28',
    })
    expect(await each()).toEqual(['starter', 'full', 'starter', 'starter'])
    await feed('osv/npm', { ecosystem: 'npm', loaded_at: '2026-03-01', checked_at: '2026-03-01T12:00:00Z' })
    expect(await each()).toEqual(['full', 'full', 'full', 'full'])
    await sql`update feed set checked_at = '2026-02-20' where name = 'osv/Debian'`.execute(store.db)
    expect(await each()).toEqual(['stale', 'stale', 'full', 'stale'])
    await sql`update feed set checked_at = '2026-03-01T23:00:00Z', published_at = '2025-01-01' where name = 'osv/Debian'`.execute(store.db)
    expect(await each()).toEqual(['stale', 'stale', 'full', 'stale'])
    await sql`update feed set published_at = '2026-03-01', error = 'answered 503', error_at = now() where name = 'osv/Debian'`.execute(
      store.db,
    )
    expect(await each()).toEqual(['stale', 'stale', 'full', 'stale'])
  })

  it('refuses criteria it does not know', async () => {
    const knowledge = await knowledgeState(store.db, limits, now)
    const ask = (criteria: unknown) => listCoverage(store.db, everything, { criteria: criteria as CoverageFilterCriteria }, knowledge)
    await expect(ask({ accountID: [] })).rejects.toThrow('filterCriteria: Unrecognized key: "accountID"')
    await expect(ask({ accountId: [{ comparison: 'PREFIX', value: '1' }] })).rejects.toThrow(
      'filterCriteria.accountId.0.comparison: Invalid option: expected one of "EQUALS"|"NOT_EQUALS"',
    )
  })
})
