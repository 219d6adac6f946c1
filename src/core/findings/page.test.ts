import fc from 'fast-check'
import { sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Scope } from '../../model/scope.ts'
import { databases, emptyDatabase, type TestStore } from '../../../test/database.ts'
import { insertRows } from '../../../test/rows.ts'
import {
  accounts,
  days,
  layers,
  packages,
  paths,
  regions,
  sampleFleet,
  writeSampleFleet,
  type SampleFleet,
} from '../../../test/sample-fleet.ts'
import { matching, ordered } from '../../../test/findings-oracle.ts'
import type { FilterCriteria, StringFilter } from './criteria-types.ts'
import { countFindings, pageOfFindings, type FindingsRequest } from './page.ts'
import { sortFields } from './page-sort.ts'

const everything: Scope = {
  caller: { principalId: 1, name: 'tester', role: 'admin', account: '000000000000' },
  accounts: 'all',
  regions: 'all',
}

const pick = <T>(values: readonly T[]) => fc.constantFrom(...values)
const texts = (values: readonly string[]): fc.Arbitrary<readonly StringFilter[]> =>
  fc.array(
    fc.record({
      comparison: pick(['EQUALS', 'PREFIX', 'NOT_EQUALS'] as const),
      value: fc.oneof(
        pick(values),
        pick(values).map((value) => value.slice(0, 3)),
      ),
    }),
    { minLength: 1, maxLength: 3 },
  )
const oneText = (values: readonly string[]) => texts(values).map(([first]) => first)
const numbers = (values: readonly number[]) =>
  fc.array(
    fc.record({ lowerInclusive: fc.option(pick(values), { nil: undefined }), upperInclusive: fc.option(pick(values), { nil: undefined }) }),
    { minLength: 1, maxLength: 2 },
  )
const dates = fc.array(
  fc.record({
    startInclusive: fc.option(
      pick(days).map((day) => new Date(day)),
      { nil: undefined },
    ),
    endInclusive: fc.option(
      pick(days).map((day) => new Date(day)),
      { nil: undefined },
    ),
  }),
  { minLength: 1, maxLength: 2 },
)
const Criteria: fc.Arbitrary<FilterCriteria> = fc
  .record(
    {
      findingArn: texts([
        `arn:aws:inspector2:us-east-1:000000000000:finding/${'0'.repeat(12)}40008${'0'.repeat(15)}`.replace(
          /finding.*/,
          'finding/00000000000040008000000000000007',
        ),
        'arn:aws:inspector2:us-east-1:123456789012:finding/00000000000040008000000000000003',
      ]),
      awsAccountId: texts([...accounts, '12345', 'nonsense']),
      findingType: texts(['PACKAGE_VULNERABILITY', 'NETWORK_REACHABILITY']),
      severity: texts(['CRITICAL', 'HIGH', 'UNTRIAGED', 'LOW']),
      firstObservedAt: dates,
      lastObservedAt: dates,
      updatedAt: dates,
      findingStatus: texts(['ACTIVE', 'SUPPRESSED', 'CLOSED', 'MERGED']),
      title: texts(['CVE-2024-1 - libssl3', 'CVE-2024-1', 'GHSA']),
      inspectorScore: numbers([0, 1.1, 7.3, 9.8, 10]),
      resourceType: texts(['AWS_EC2_INSTANCE', 'AWS_', 'OPENINSPECTOR_HOST']),
      resourceId: texts(['web-1', 'web', 'db']),
      resourceTags: fc.array(
        fc.record({
          comparison: fc.constant('EQUALS' as const),
          key: pick(['env', 'team']),
          value: fc.option(pick(['prod', 'test', '']), { nil: undefined }),
        }),
        { minLength: 1, maxLength: 2 },
      ),
      ec2InstanceVpcId: texts(['vpc-1', 'vpc-2']),
      ecrImageTags: texts(['latest', '1.2']),
      ecrImagePushedAt: dates,
      ecrImageInUseCount: numbers([2, 3, 4]),
      networkProtocol: texts(['TCP']),
      componentId: texts(packages.map(({ purl }) => purl)),
      componentType: texts(['deb', 'npm']),
      vulnerabilityId: texts(['CVE-2024-1', 'CVE-2024', 'ALIAS-3', 'GHSA-aaaa']),
      vulnerabilitySource: texts(['NVD', 'DEBIAN']),
      vendorSeverity: texts(['medium', 'MODERATE']),
      vulnerablePackages: fc.array(
        fc.record(
          {
            name: oneText(['libssl3', 'openssl', 'lodash', '@scope/a_b']),
            version: oneText(['3.0.1', '4.17.20', '1.0.0-rc.1']),
            epoch: numbers([0, 1]).map(([first]) => first),
            release: oneText(['2']),
            architecture: oneText(['amd64', 'arm64']),
            filePath: oneText(paths),
            sourceLayerHash: oneText(layers),
          },
          { requiredKeys: [] },
        ),
        { minLength: 1, maxLength: 2 },
      ),
      relatedVulnerabilities: texts(['CVE-1999-0001', 'USN-1']),
      fixAvailable: texts(['YES', 'NO', 'PARTIAL']),
      lambdaFunctionName: texts(['handler']),
      lambdaFunctionLayers: texts(['layer:1', 'layer:2']),
      exploitAvailable: texts(['YES', 'NO']),
      epssScore: numbers([0, 0.125, 0.9, 1]),
      cloudProvider: texts(['AWS']),
      cloudImageRepositoryName: texts(['team/app', 'debian']),
      cloudImageRegistry: texts(['registry.example:5000', '123456789012']),
      cloudImageTags: texts(['1.2', '12']),
      cloudImageDigest: texts(['sha256:11', 'sha256:22']),
      text: texts(['CVE-2024-1', 'lod', 'zlib', '@scope/a_b']),
    },
    { requiredKeys: [] },
  )
  .chain((full) =>
    fc
      .subarray(Object.keys(full) as (keyof FilterCriteria)[], { maxLength: 3 })
      .map((names) => Object.fromEntries(names.map((name) => [name, (full as FilterCriteria)[name]]))),
  )
const Visible: fc.Arbitrary<Scope> = fc.record({
  caller: fc.constant(everything.caller),
  accounts: fc.oneof({ weight: 3, arbitrary: fc.constant('all' as const) }, { weight: 1, arbitrary: fc.subarray(accounts) }),
  regions: fc.oneof({ weight: 3, arbitrary: fc.constant('all' as const) }, { weight: 1, arbitrary: fc.subarray(regions) }),
})
const Asked = fc.record({
  criteria: Criteria,
  sort: fc.option(fc.record({ field: pick(sortFields), sortOrder: pick(['ASC', 'DESC'] as const) }), { nil: undefined }),
  limit: fc.integer({ min: 1, max: 9 }),
  scope: Visible,
  few: pick([0, 20, 20_000]),
})

async function walk(store: TestStore, scope: Scope, request: FindingsRequest, few?: number): Promise<string[]> {
  const ids: string[] = []
  let after: string | undefined
  do {
    const page = await pageOfFindings(store.db, scope, { ...request, after }, few)
    ids.push(...page.items.map(({ id }) => id))
    after = page.after
  } while (after !== undefined)
  return ids
}

describe.each(databases)('findings, page by page, on $name', ({ open }) => {
  let store: TestStore
  beforeAll(async () => {
    store = await open()
  })
  afterAll(async () => store.close())
  beforeEach(async () => emptyDatabase(store.db))

  it.each([1, 2, 3])('lists what filtering and sorting in memory lists (fleet %i)', async (seed) => {
    const [fleet] = fc.sample(sampleFleet, { seed, numRuns: 1 }) as [SampleFleet]
    await writeSampleFleet(store.db, fleet)
    await fc.assert(
      fc.asyncProperty(Asked, async ({ criteria, sort, limit, scope, few }) => {
        const expected = ordered(fleet, matching(fleet, scope, criteria), sort ?? { field: 'LAST_OBSERVED_AT', sortOrder: 'DESC' })
        expect(await walk(store, scope, { criteria, sort, limit }, few)).toEqual(expected)
        expect(await countFindings(store.db, scope, criteria)).toBe(expected.length)
      }),
      { seed, numRuns: 80 },
    )
  })

  it('shows what was there throughout once, whatever is added between two pages', async () => {
    const [fleet] = fc.sample(sampleFleet, { seed: 9, numRuns: 1 }) as [SampleFleet]
    await writeSampleFleet(store.db, fleet)
    for (const field of sortFields) {
      const sort = { field, sortOrder: 'DESC' as const }
      const before = ordered(fleet, matching(fleet, everything, {}), sort)
      const seen: string[] = []
      let after: string | undefined
      let added = 0
      do {
        const page = await pageOfFindings(store.db, everything, { sort, limit: 5, after })
        seen.push(...page.items.map(({ id }) => id))
        after = page.after
        const like = fleet.findings[added % fleet.findings.length]
        const account = fleet.resources[(like?.resource ?? 1) - 1]?.account
        await sql`insert into finding (account_id, n, id, first_observed_at, updated_at, closed_at, resource_id, issue_id, score, status, severity)
          select account_id, n + ${1000 * (sortFields.indexOf(field) + 1) + added}, gen_random_uuid(), first_observed_at, updated_at, closed_at, resource_id, issue_id, score, status, severity
          from finding where account_id = ${Number(account)} and id = ${like?.id}::uuid`.execute(store.db)
        added += 1
      } while (after !== undefined && seen.length < 500)
      expect(new Set(seen).size).toBe(seen.length)
      expect(seen.filter((id) => before.includes(id)).sort()).toEqual([...before].sort())
      await sql`delete from finding where n >= 1000`.execute(store.db)
    }
  })

  it('refuses a token of another question and a token that was touched', async () => {
    const [fleet] = fc.sample(sampleFleet, { seed: 4, numRuns: 1 }) as [SampleFleet]
    await writeSampleFleet(store.db, fleet)
    const { after } = await pageOfFindings(store.db, everything, { limit: 2 })
    const message = 'nextToken: expected the token of the page before, with the same criteria, order and caller'
    const severity: FilterCriteria = { severity: [{ comparison: 'EQUALS', value: 'HIGH' }] }
    await expect(pageOfFindings(store.db, everything, { limit: 2, after, criteria: severity })).rejects.toThrow(message)
    await expect(pageOfFindings(store.db, everything, { limit: 2, after, sort: { field: 'SEVERITY', sortOrder: 'DESC' } })).rejects.toThrow(
      message,
    )
    await expect(pageOfFindings(store.db, { ...everything, accounts: ['123456789012'] }, { limit: 2, after })).rejects.toThrow(message)
    await expect(pageOfFindings(store.db, everything, { limit: 2, after: `A${after}` })).rejects.toThrow(message)
    await expect(pageOfFindings(store.db, everything, { limit: 2, after: 'x' })).rejects.toThrow(message)
    expect((await pageOfFindings(store.db, everything, { limit: 3, after })).items).toHaveLength(3)
  })

  it('binds every value: what looks like SQL or a pattern is text', async () => {
    const [fleet] = fc.sample(sampleFleet, { seed: 5, numRuns: 1 }) as [SampleFleet]
    await writeSampleFleet(store.db, fleet)
    for (const value of ["' or true --", '%', '_', '\\', '$1', 'a'.repeat(1024), '\u{1F600}']) {
      for (const comparison of ['EQUALS', 'PREFIX'] as const) {
        const criteria: FilterCriteria = {
          title: [{ comparison, value }],
          vulnerablePackages: [{ name: { comparison, value }, filePath: { comparison, value } }],
        }
        expect(await walk(store, everything, { criteria })).toEqual([])
      }
    }
  })

  it('shows a finding in full', async () => {
    await insertRows(store.db, 'component', [
      { id: 1, key: '\\x01', purl: 'pkg:deb/debian/libssl3@3.0.1-2', type: 'deb', name: 'libssl3', version: '3.0.1-2', stale: false },
    ])
    await insertRows(store.db, 'inventory', [{ id: 1, hash: '\\x01', occurrences: 1, stale: false }])
    await insertRows(store.db, 'occurrence', [
      { inventory_id: 1, component_id: 1, path: 'var/lib/dpkg/status', layer: layers[0], extractor: 'debian/dpkg-status' },
    ])
    await insertRows(store.db, 'resource', [
      {
        id: 1,
        account_id: 0,
        arn: 'urn:openinspector:image:1',
        resource_id: 'sha256:11',
        type: 6,
        region: 'us-east-1',
        tags: { env: 'prod' },
        inventory_id: 1,
        status: 1,
        reason: 'SUCCESSFUL',
        facts: {
          imageNames: ['registry.example/team/app:1.2'],
          imageDigest: 'sha256:11',
          arch: 'amd64',
          os: { id: 'debian', version: '12' },
          processes: [],
        },
        created_at: days[0],
        observed_at: days[2],
      },
    ])
    const cvss = { baseScore: 9.8, scoringVector: 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H', version: '3.1', source: 'NVD' }
    await insertRows(store.db, 'vulnerability', [
      {
        id: 1,
        origin: 'CVE-2024-1',
        name: 'CVE-2024-1',
        epss: 0.5,
        epss_percentile: 0.9,
        exploit: true,
        source: 'DEBIAN',
        vendor_severity: 'high',
        facts: {
          description: 'd'.repeat(2000),
          sourceUrl: 'https://security.example/CVE-2024-1',
          vendorCreatedAt: days[0],
          cvss: [cvss],
          chosen: cvss,
          related: ['GHSA-1'],
          referenceUrls: ['https://ref.example'],
        },
      },
    ])
    await insertRows(store.db, 'exploit', [{ vulnerability: 'CVE-2024-1', source: 'CISA', doc: { addedAt: '2026-01-05' } }])
    await insertRows(store.db, 'issue', [
      {
        id: 1,
        vulnerability_id: 1,
        origin_id: 1,
        origin_key: 'k',
        kind: 1,
        title: 'CVE-2024-1 - libssl3',
        package_names: ['libssl3', 'openssl'],
        fix: 2,
        exploit: true,
        score: 98,
        severity: 5,
        rev: 1,
        packages: [
          {
            componentId: 1,
            purl: 'pkg:deb/debian/libssl3@3.0.1-2',
            type: 'deb',
            name: 'libssl3',
            version: '1:3.0.1-2',
            arch: 'amd64',
            source: { name: 'openssl', version: '1:3.0.1-2' },
            fixedIn: '1:3.0.2-1',
          },
        ],
      },
    ])
    await insertRows(store.db, 'finding', [
      {
        account_id: 0,
        n: 1,
        id: '00000000-0000-4000-8000-000000000001',
        first_observed_at: days[0],
        updated_at: days[1],
        resource_id: 1,
        issue_id: 1,
        score: 98,
        status: 1,
        severity: 5,
      },
    ])
    const { items } = await pageOfFindings(store.db, everything, {})
    expect(items).toEqual([
      {
        id: '00000000000040008000000000000001',
        findingArn: 'arn:aws:inspector2:us-east-1:000000000000:finding/00000000000040008000000000000001',
        awsAccountId: '000000000000',
        type: 'PACKAGE_VULNERABILITY',
        title: 'CVE-2024-1 - libssl3',
        description: 'd'.repeat(1024),
        severity: 'CRITICAL',
        status: 'ACTIVE',
        firstObservedAt: new Date(days[0] ?? ''),
        lastObservedAt: new Date(days[2] ?? ''),
        updatedAt: new Date(days[1] ?? ''),
        remediation: { recommendation: { text: 'None Provided' } },
        resources: [
          {
            type: 'OPENINSPECTOR_CONTAINER_IMAGE',
            id: 'sha256:11',
            arn: 'urn:openinspector:image:1',
            partition: 'aws',
            region: 'us-east-1',
            tags: { env: 'prod' },
            details: {
              image: {
                registry: 'registry.example',
                repositoryName: 'team/app',
                imageTags: ['1.2'],
                imageDigest: 'sha256:11',
                architecture: 'amd64',
                platform: 'DEBIAN_12',
              },
            },
          },
        ],
        inspectorScore: 9.8,
        inspectorScoreDetails: {
          adjustedCvss: {
            score: 9.8,
            scoringVector: cvss.scoringVector,
            version: '3.1',
            scoreSource: 'NVD',
            cvssSource: 'NVD',
            adjustments: [],
          },
        },
        fixAvailable: 'YES',
        exploitAvailable: 'YES',
        exploitabilityDetails: { lastKnownExploitAt: new Date('2026-01-05') },
        epss: { score: 0.5 },
        packageVulnerabilityDetails: {
          vulnerabilityId: 'CVE-2024-1',
          source: 'DEBIAN',
          sourceUrl: 'https://security.example/CVE-2024-1',
          vendorSeverity: 'high',
          vendorCreatedAt: new Date(days[0] ?? ''),
          cvss: [cvss],
          relatedVulnerabilities: ['GHSA-1'],
          referenceUrls: ['https://ref.example'],
          vulnerablePackages: [
            {
              name: 'libssl3',
              version: '3.0.1',
              epoch: 1,
              release: '2',
              arch: 'amd64',
              packageManager: 'OS',
              filePath: 'var/lib/dpkg/status',
              fixedInVersion: '1:3.0.2-1',
              remediation: 'apt-get update && apt-get install --only-upgrade libssl3',
              sourceLayerHash: layers[0],
            },
          ],
        },
      },
    ])
  })
})

describe('criteria', () => {
  const refused = async (criteria: unknown) => {
    const { criteriaFromJson } = await import('./criteria.ts')
    return () => criteriaFromJson(criteria)
  }
  it.each([
    [{ sevrity: [] }, 'filterCriteria: Unrecognized key: "sevrity"'],
    [{ severity: [] }, 'filterCriteria.severity: Too small: expected array to have >=1 items'],
    [
      { severity: [{ comparison: 'LIKE', value: 'x' }] },
      'filterCriteria.severity.0.comparison: Invalid option: expected one of "EQUALS"|"PREFIX"|"NOT_EQUALS"',
    ],
    [{ updatedAt: [{ startInclusive: 'yesterday' }] }, 'filterCriteria.updatedAt.0.startInclusive: Invalid input'],
    ['x', 'filterCriteria: Invalid input: expected object, received string'],
  ])('%j is refused', async (criteria, message) => {
    expect(await refused(criteria)).toThrow(message)
  })
})
