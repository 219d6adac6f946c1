import fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { databases, emptyDatabase, type TestStore } from '../../../test/database.ts'
import { matching, type Whole } from '../../../test/findings-oracle.ts'
import { accounts, regions, sampleFleet, writeSampleFleet, type SampleFleet } from '../../../test/sample-fleet.ts'
import type { Scope } from '../../model/scope.ts'
import { aggregateFindings, type AggregationsRequest } from './aggregate.ts'
import { aggregationMembers, type AggregationRow, type AggregationType } from './aggregate-types.ts'
import { summarizeFindings } from './summary.ts'

const caller = { principalId: 1, name: 'tester', role: 'admin', account: '000000000000' } as const
const everything: Scope = { caller, accounts: 'all', regions: 'all' }

/** Which groups a finding belongs to, by the names the API gives them. */
const groups: Partial<Record<AggregationType, (one: Whole) => readonly string[]>> = {
  ACCOUNT: ({ resource }) => [resource.account],
  AMI: ({ resource }) => (resource.type === 1 && resource.facts.ec2 ? [`ami-1 ${resource.account}`] : []),
  AWS_EC2_INSTANCE: ({ resource }) => (resource.type === 1 ? [`${resource.id}`] : []),
  AWS_ECR_CONTAINER: ({ resource }) => (resource.type === 2 ? [`${resource.id}`] : []),
  AWS_LAMBDA_FUNCTION: ({ resource }) => (resource.type === 3 ? [`${resource.id}`] : []),
  CODE_REPOSITORY: () => [],
  CONTAINER_IMAGE: ({ resource }) => (resource.type === 2 || resource.type === 6 ? [`${resource.id}`] : []),
  FINDING_TYPE: () => ['PACKAGE_VULNERABILITY'],
  IMAGE_LAYER: ({ resource, issue }) =>
    resource.type !== 2 && resource.type !== 6
      ? []
      : [
          ...new Set(
            resource.places
              .filter(({ component, layer }) => layer !== null && issue.packages.some(({ componentId }) => componentId === component))
              .map(({ layer }) => `${layer}`),
          ),
        ],
  LAMBDA_LAYER: () => [],
  PACKAGE: ({ issue }) => issue.packages.map(({ name }) => name),
  REPOSITORY: ({ resource }) => {
    if (resource.type !== 2 && resource.type !== 6) return []
    const names = resource.facts.imageNames ? ['team/app', 'debian'] : resource.facts.ecr ? ['team/app'] : []
    return names.map((name) => `${name} ${resource.account}`)
  },
  SERVERLESS_FUNCTION: ({ resource }) => (resource.type === 3 ? [`${resource.id}`] : []),
  TITLE: ({ issue }) => [issue.title],
  VM_INSTANCE: ({ resource }) => (resource.type === 1 || resource.type === 5 ? [`${resource.id}`] : []),
}

const countOf = (found: readonly Whole[]) => {
  const band = (severity: number) => found.filter((one) => one.severity === severity).length
  return { all: found.length, critical: band(5), high: band(4), medium: band(3), low: band(2), informational: band(1), untriaged: band(0) }
}

async function walk(store: TestStore, scope: Scope, request: AggregationsRequest): Promise<AggregationRow[]> {
  const rows: AggregationRow[] = []
  let after: string | undefined
  do {
    const page = await aggregateFindings(store.db, scope, { ...request, after })
    rows.push(...page.items.map((item) => item[aggregationMembers[request.aggregationType]] as AggregationRow))
    after = page.after
  } while (after !== undefined)
  return rows
}

const weight = ({ severityCounts: { critical, high, all } }: AggregationRow) => critical * 1e6 + high * 1e3 + all
const Visible: fc.Arbitrary<Scope> = fc.record({
  caller: fc.constant(caller),
  accounts: fc.oneof(fc.constant('all' as const), fc.subarray(accounts)),
  regions: fc.oneof(fc.constant('all' as const), fc.subarray(regions), fc.constant(regions)),
})

describe.each(databases)('aggregations on $name', ({ open }) => {
  let store: TestStore
  beforeAll(async () => {
    store = await open()
  })
  afterAll(async () => store.close())
  beforeEach(async () => emptyDatabase(store.db))

  it.each([1, 2, 3])('count what counting in memory counts, in order, page by page (fleet %i)', async (seed) => {
    const [fleet] = fc.sample(sampleFleet, { seed, numRuns: 1 }) as [SampleFleet]
    await writeSampleFleet(store.db, fleet)
    const Asked = fc.record({
      type: fc.constantFrom(...(Object.keys(groups) as AggregationType[])),
      scope: Visible,
      limit: fc.integer({ min: 1, max: 4 }),
      account: fc.option(fc.constantFrom(...accounts)),
    })
    await fc.assert(
      fc.asyncProperty(Asked, async ({ type, scope, limit, account }) => {
        const accountIds = account === null ? undefined : [{ comparison: 'EQUALS' as const, value: account }]
        const seen = matching(fleet, scope, {
          findingStatus: [{ comparison: 'EQUALS', value: 'ACTIVE' }],
          ...(accountIds && { awsAccountId: accountIds }),
        })
        const expected = new Map<string, Whole[]>()
        for (const one of seen)
          for (const group of groups[type]?.(one) ?? [])
            expected.set(`${group}${type === 'IMAGE_LAYER' ? one.resource.id : ''}`, [
              ...(expected.get(`${group}${type === 'IMAGE_LAYER' ? one.resource.id : ''}`) ?? []),
              one,
            ])
        const rows = await walk(store, scope, { aggregationType: type, limit, accountIds })
        const bySize = (left: object, right: object) => JSON.stringify(left).localeCompare(JSON.stringify(right))
        expect(rows.map(({ severityCounts }) => severityCounts).sort(bySize)).toEqual([...expected.values()].map(countOf).sort(bySize))
        expect(rows.map(weight)).toEqual([...rows.map(weight)].sort((left, right) => right - left))
      }),
      { seed, numRuns: 100 },
    )
  })

  it('name their groups as Inspector does', async () => {
    const [fleet] = fc.sample(sampleFleet, { seed: 1, numRuns: 1 }) as [SampleFleet]
    await writeSampleFleet(store.db, fleet)
    const names = async (aggregationType: AggregationType) => {
      const rows = await walk(store, everything, { aggregationType })
      return [...new Set(rows.flatMap((row) => Object.keys(row)))].sort()
    }
    expect(await names('ACCOUNT')).toEqual(['accountId', 'exploitAvailableCount', 'fixAvailableCount', 'severityCounts'])
    expect(await names('PACKAGE')).toEqual(['packageName', 'severityCounts'])
    expect(await names('TITLE')).toEqual(['severityCounts', 'title', 'vulnerabilityId'])
    expect(await names('FINDING_TYPE')).toEqual(['exploitAvailableCount', 'findingType', 'fixAvailableCount', 'severityCounts'])
    const titles = await walk(store, everything, {
      aggregationType: 'TITLE',
      aggregationRequest: { titleAggregation: { titles: [{ comparison: 'PREFIX', value: 'CVE-2023-2' }] } },
    })
    expect(titles.map(({ vulnerabilityId }) => vulnerabilityId).filter((id) => id !== 'CVE-2023-2')).toEqual([])
  })

  it('refuse what does not go together', async () => {
    const ask = (request: AggregationsRequest) => aggregateFindings(store.db, everything, request)
    await expect(ask({ aggregationType: 'TITLE', aggregationRequest: { packageAggregation: {} } })).rejects.toThrow(
      'aggregationRequest: expected the member titleAggregation with TITLE; got packageAggregation',
    )
    await expect(ask({ aggregationType: 'TITLE', aggregationRequest: { titleAggregation: { amis: [] } } })).rejects.toThrow(
      'aggregationRequest: TITLE has no filter amis',
    )
    await expect(ask({ aggregationType: 'ACCOUNT', aggregationRequest: { accountAggregation: { findingType: 'X' } } })).rejects.toThrow(
      'aggregationRequest.findingType: expected one of PACKAGE_VULNERABILITY, NETWORK_REACHABILITY, CODE_VULNERABILITY; got X',
    )
    expect(
      await ask({ aggregationType: 'ACCOUNT', aggregationRequest: { accountAggregation: { findingType: 'NETWORK_REACHABILITY' } } }),
    ).toEqual({ items: [] })
  })

  it('sum up to the summary', async () => {
    const [fleet] = fc.sample(sampleFleet, { seed: 2, numRuns: 1 }) as [SampleFleet]
    await writeSampleFleet(store.db, fleet)
    const active = fleet.findings.filter(({ status }) => status === 1).length
    const { severities, resourceTypes, topResources, fixAvailable } = await summarizeFindings(store.db, everything)
    expect(severities.all).toBe(active)
    expect(resourceTypes.reduce((total, { counts }) => total + counts.all, 0)).toBe(active)
    expect(topResources.reduce((total, { counts }) => total + counts.all, 0)).toBe(active)
    expect(fixAvailable).toBe(fleet.findings.filter(({ status, issue }) => status === 1 && fleet.issues[issue - 1]?.fix === 2).length)
  })
})
