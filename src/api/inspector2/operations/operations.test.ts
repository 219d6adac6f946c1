import * as sdk from '@aws-sdk/client-inspector2'
import { sql } from 'kysely'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { databases, type TestStore } from '../../../../test/database.ts'
import { type Served, serveInspector2 } from '../../../../test/inspector2-server.ts'
import { days, packages, writeSampleFleet } from '../../../../test/sample-fleet.ts'
import type { Join } from '../../../core/findings/index.ts'
import { applyPolicies } from '../../../core/policy/index.ts'
import { shapes } from '../limits.generated.ts'

const account = '000000000000'
const [first, second, third] = days as [string, string, string]
let store: TestStore
let served: Served
let client: sdk.Inspector2

/** A host with three findings, an image of the same account in the same Region with one, and one each out of reach. */
const resources = [
  ['000000000000', 'us-east-1', 6],
  ['000000000000', 'us-east-1', 2],
  ['000000000000', 'eu-central-1', 6],
  ['123456789012', 'us-east-1', 6],
] as const
const [openssl, , lodash] = packages as [(typeof packages)[0], (typeof packages)[0], (typeof packages)[0]]

beforeAll(async () => {
  store = await (databases[1] as (typeof databases)[number]).open()
  await writeSampleFleet(store.db, {
    resources: resources.map(([owner, region, type], index) => ({
      id: index + 1,
      account: owner,
      region,
      type,
      name: `resource-${index + 1}`,
      tags: { env: 'prod' },
      facts: {},
      observedAt: third,
      places: [{ component: 1, path: 'var/lib/dpkg/status', layer: null }],
    })),
    vulnerabilities: [1, 2, 3].map((id) => ({
      id,
      name: `CVE-2026-000${id}`,
      aliases: [],
      source: 'DEBIAN',
      vendorSeverity: 'medium',
      epss: id === 1 ? -1 : 0.125,
      related: [],
    })),
    issues: [1, 2, 3].map((id) => ({
      id,
      vulnerability: id,
      title: `CVE-2026-000${id} - package`,
      packages: [id === 3 ? lodash : openssl],
      fix: 2,
      exploit: id === 1,
    })),
    findings: [
      [1, 1, 5, 98, 1],
      [1, 2, 4, 73, 1],
      [1, 3, 0, 0, 3],
      [2, 1, 5, 98, 1],
      [3, 1, 5, 98, 1],
      [4, 1, 5, 98, 1],
    ].map(([resource = 0, issue = 0, severity = 0, score = 0, status = 0], index) => ({
      n: index + 1,
      id: `0000000${index + 1}-0000-0000-0000-000000000000`,
      resource,
      issue,
      severity,
      score,
      status,
      firstObservedAt: first,
      updatedAt: second,
      closedAt: status === 3 ? second : null,
    })),
  })
  served = await serveInspector2(store, account)
  client = served.client('viewer')
})
afterAll(async () => {
  await served.close()
  await store.close()
})

const arnOf = (n: number, region = 'us-east-1', owner = account) =>
  `arn:aws:inspector2:${region}:${owner}:finding/0000000${n}${'0'.repeat(24)}`
const listed = async (input: sdk.ListFindingsRequest): Promise<(string | undefined)[]> =>
  ((await client.listFindings(input)).findings ?? []).map(({ findingArn }) => findingArn)

it('shows a finding in the client’s own types', async () => {
  const [finding] =
    (await client.listFindings({ filterCriteria: { findingArn: [{ comparison: 'EQUALS', value: arnOf(2) }] } })).findings ?? []
  expect(finding).toMatchObject({
    findingArn: arnOf(2),
    awsAccountId: account,
    type: 'PACKAGE_VULNERABILITY',
    title: 'CVE-2026-0002 - package',
    severity: 'HIGH',
    status: 'ACTIVE',
    inspectorScore: 7.3,
    fixAvailable: 'YES',
    exploitAvailable: 'NO',
    epss: { score: 0.125 },
    firstObservedAt: new Date(first),
    lastObservedAt: new Date(third),
    updatedAt: new Date(second),
    resources: [{ id: 'resource-1', type: 'OPENINSPECTOR_CONTAINER_IMAGE', region: 'us-east-1', tags: { env: 'prod' } }],
    packageVulnerabilityDetails: {
      vulnerabilityId: 'CVE-2026-0002',
      source: 'DEBIAN',
      vendorSeverity: 'medium',
      vulnerablePackages: [
        { name: 'libssl3', version: '3.0.1', epoch: 1, release: '2', fixedInVersion: '1:3.0.2-1', packageManager: 'OS' },
      ],
    },
  })
  expect(Object.keys(finding ?? {})).not.toContain('id')
})

it('shows only what the signed Region and the account of the key hold', async () => {
  expect(new Set(await listed({}))).toEqual(new Set([arnOf(1), arnOf(2), arnOf(3), arnOf(4)]))
  expect(await listed({ filterCriteria: { awsAccountId: [{ comparison: 'EQUALS', value: '123456789012' }] } })).toEqual([])
})

it('pages under the client’s paginator, whatever the order, and binds the token to its question', async () => {
  for (const field of Object.values(sdk.SortField)) {
    const arns: (string | undefined)[] = []
    const input = { sortCriteria: { field, sortOrder: 'ASC' as const } }
    for await (const page of sdk.paginateListFindings({ client, pageSize: 1 }, input))
      arns.push(...(page.findings ?? []).map(({ findingArn }) => findingArn))
    expect([field, arns.length, new Set(arns)]).toEqual([field, 4, new Set([arnOf(1), arnOf(2), arnOf(3), arnOf(4)])])
  }
  const { nextToken } = await client.listFindings({ maxResults: 1 })
  const other = { maxResults: 1, nextToken, filterCriteria: { severity: [{ comparison: 'EQUALS' as const, value: 'HIGH' }] } }
  await expect(client.listFindings(other)).rejects.toBeInstanceOf(sdk.ValidationException)
  await expect(client.listFindings({ nextToken: 'x' })).rejects.toBeInstanceOf(sdk.ValidationException)
})

it('takes every criterion of the model', async () => {
  const values: Readonly<Record<string, object>> = {
    StringFilterList: { comparison: 'EQUALS', value: 'x' },
    DateFilterList: { startInclusive: new Date(0), endInclusive: new Date(1) },
    NumberFilterList: { lowerInclusive: 11, upperInclusive: 12 },
    MapFilterList: { comparison: 'EQUALS', key: 'k', value: 'v' },
    PortRangeFilterList: { beginInclusive: 1, endInclusive: 2 },
    PackageFilterList: { name: { comparison: 'EQUALS', value: 'x' }, version: { comparison: 'PREFIX', value: '1' } },
  }
  const criteria = Object.entries(shapes['FilterCriteria']?.members ?? {})
  expect(criteria).toHaveLength(65)
  for (const [criterion, list] of criteria)
    expect([criterion, await listed({ filterCriteria: { [criterion]: [values[list]] } })]).toEqual([criterion, []])
})

it('answers every type of aggregation under its own member', async () => {
  const members: Record<string, string[]> = {}
  for (const aggregationType of Object.values(sdk.AggregationType)) {
    const answer = await client.listFindingAggregations({ aggregationType })
    expect(answer.aggregationType).toBe(aggregationType)
    members[aggregationType] = [...new Set((answer.responses ?? []).flatMap((response) => Object.keys(response)))]
  }
  expect(members).toMatchObject({
    ACCOUNT: ['accountAggregation'],
    PACKAGE: ['packageAggregation'],
    TITLE: ['titleAggregation'],
    FINDING_TYPE: ['findingTypeAggregation'],
  })
  const { responses } = await client.listFindingAggregations({ aggregationType: 'ACCOUNT' })
  expect(responses).toMatchObject([
    { accountAggregation: { accountId: account, severityCounts: { all: 3, critical: 2, high: 1, medium: 0 } } },
  ])
  const wrongMember = { aggregationType: 'TITLE' as const, aggregationRequest: { packageAggregation: {} } }
  await expect(client.listFindingAggregations(wrongMember)).rejects.toBeInstanceOf(sdk.ValidationException)
  const titles: (string | undefined)[] = []
  for await (const page of sdk.paginateListFindingAggregations({ client, pageSize: 1 }, { aggregationType: 'TITLE' }))
    titles.push(...(page.responses ?? []).map((response) => response.titleAggregation?.title))
  expect(titles).toEqual(['CVE-2026-0001 - package', 'CVE-2026-0002 - package'])
})

it('gives details of findings, and an error for each ARN that has none', async () => {
  await sql`insert into exploit (vulnerability, source, doc) values ('CVE-2026-0001', 'CISA_KEV',
    '{"is":"exploit","vulnerability":"CVE-2026-0001","source":"CISA_KEV","addedAt":"2026-02-01","dueAt":"2026-03-01","action":"Update."}')`.execute(
    store.db,
  )
  const asked = [arnOf(1), arnOf(9), arnOf(5, 'us-east-1', '123456789012')]
  const { findingDetails, errors } = await client.batchGetFindingDetails({ findingArns: asked })
  expect(findingDetails).toMatchObject([
    {
      findingArn: arnOf(1),
      riskScore: 98,
      cisaData: { dateAdded: new Date('2026-02-01'), dateDue: new Date('2026-03-01'), action: 'Update.' },
    },
  ])
  expect(errors?.map(({ findingArn, errorCode }) => [findingArn, errorCode])).toEqual([
    [asked[1], 'FINDING_DETAILS_NOT_FOUND'],
    [asked[2], 'ACCESS_DENIED'],
  ])
  await expect(client.batchGetFindingDetails({ findingArns: ['x'] })).rejects.toMatchObject({
    name: 'ValidationException',
    reason: 'FIELD_VALIDATION_FAILED',
  })
})

it('finds a vulnerability by its id, or none', async () => {
  const search = async (id: string) => (await client.searchVulnerabilities({ filterCriteria: { vulnerabilityIds: [id] } })).vulnerabilities
  expect(await search('CVE-2026-0001')).toMatchObject([{ id: 'CVE-2026-0001', cisaData: { action: 'Update.' } }])
  expect(await search('CVE-1999-9999')).toEqual([])
  await expect(search('GHSA-x')).rejects.toBeInstanceOf(sdk.ValidationException)
})

it('suppresses at once what a new rule names, and shows it again when the rule goes', async () => {
  const join: Join = { store, now: () => new Date(), schemeOf: () => undefined }
  const admin = served.client('admin')
  const suppressed = () => listed({ filterCriteria: { findingStatus: [{ comparison: 'EQUALS', value: 'SUPPRESSED' }] } })
  const filterCriteria: sdk.FilterCriteria = { vulnerabilityId: [{ comparison: 'EQUALS', value: 'CVE-2026-0002' }] }
  const { arn } = await admin.createFilter({ name: 'accepted', action: 'SUPPRESS', filterCriteria })
  expect(await applyPolicies(join)).toBe(1)
  expect(await suppressed()).toEqual([arnOf(2)])
  await admin.deleteFilter({ arn })
  expect(await applyPolicies(join)).toBe(1)
  expect(await suppressed()).toEqual([])
})

it('lists and counts what is covered', async () => {
  const { coveredResources = [] } = await client.listCoverage({})
  expect(coveredResources).toMatchObject([
    {
      resourceId: 'resource-1',
      accountId: account,
      scanType: 'PACKAGE',
      scanStatus: { statusCode: 'ACTIVE', reason: 'SUCCESSFUL' },
      lastScannedAt: new Date(third),
    },
    { resourceId: 'resource-2', accountId: account, resourceType: 'AWS_ECR_CONTAINER_IMAGE' },
  ])
  const ids: (string | undefined)[] = []
  for await (const page of sdk.paginateListCoverage({ client, pageSize: 1 }, {}))
    ids.push(...(page.coveredResources ?? []).map(({ resourceId }) => resourceId))
  expect(ids).toEqual(['resource-1', 'resource-2'])
  const byId: sdk.CoverageFilterCriteria = { resourceId: [{ comparison: 'NOT_EQUALS', value: 'resource-1' }] }
  expect((await client.listCoverage({ filterCriteria: byId })).coveredResources).toHaveLength(1)
  expect(await client.listCoverageStatistics({ filterCriteria: byId })).not.toHaveProperty('countsByGroup')
  expect(await client.listCoverageStatistics({ groupBy: 'SCAN_STATUS_CODE' })).toMatchObject({
    totalCounts: 2,
    countsByGroup: [{ groupKey: 'ACTIVE', count: 2 }],
  })
  for (const groupBy of Object.values(sdk.GroupKey)) expect((await client.listCoverageStatistics({ groupBy })).totalCounts).toBe(2)
})

it('takes every criterion of coverage', async () => {
  const values: Readonly<Record<string, object>> = {
    CoverageStringFilterList: { comparison: 'EQUALS', value: 'x' },
    CoverageDateFilterList: { startInclusive: new Date(0), endInclusive: new Date(1) },
    CoverageNumberFilterList: { lowerInclusive: 11, upperInclusive: 12 },
    CoverageMapFilterList: { comparison: 'EQUALS', key: 'k', value: 'v' },
  }
  const criteria = Object.entries(shapes['CoverageFilterCriteria']?.members ?? {})
  expect(criteria).toHaveLength(32)
  for (const [criterion, list] of criteria)
    expect([criterion, (await client.listCoverage({ filterCriteria: { [criterion]: [values[list]] } })).coveredResources]).toEqual([
      criterion,
      [],
    ])
})
