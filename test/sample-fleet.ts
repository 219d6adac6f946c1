import fc from 'fast-check'
import type { Db } from '../src/store/connection.ts'
import { insertRows } from './rows.ts'

/** A small fleet as rows of the store, with few distinct values, so that ties and shared values are the rule. */
export type SampleFleet = {
  readonly resources: readonly SampleResource[]
  readonly vulnerabilities: readonly SampleVulnerability[]
  readonly issues: readonly SampleIssue[]
  readonly findings: readonly SampleFinding[]
}
export type SampleResource = {
  readonly id: number
  readonly account: string
  readonly region: string
  readonly type: number
  readonly name: string
  readonly tags: Readonly<Record<string, string>>
  readonly facts: Readonly<Record<string, unknown>>
  readonly observedAt: string
  /** Component id to the places it is in. */
  readonly places: readonly { readonly component: number; readonly path: string; readonly layer: string | null }[]
}
export type SampleVulnerability = {
  readonly id: number
  readonly name: string
  readonly aliases: readonly string[]
  readonly source: string
  readonly vendorSeverity: string | null
  readonly epss: number
  readonly related: readonly string[]
}
export type SamplePackage = {
  readonly componentId: number
  readonly purl: string
  readonly type: string
  readonly name: string
  readonly version: string
  readonly arch?: string
  readonly source?: { readonly name: string; readonly version: string }
  readonly fixedIn?: string
}
export type SampleIssue = {
  readonly id: number
  readonly vulnerability: number
  readonly title: string
  readonly packages: readonly SamplePackage[]
  readonly fix: number
  readonly exploit: boolean
}
export type SampleFinding = {
  readonly n: number
  readonly id: string
  readonly resource: number
  readonly issue: number
  readonly status: number
  readonly severity: number
  readonly score: number
  readonly firstObservedAt: string
  readonly updatedAt: string
  readonly closedAt: string | null
}

export const accounts = ['000000000000', '123456789012', '123999999999']
export const regions = ['us-east-1', 'eu-central-1']
export const days = ['2026-01-01T00:00:00.000Z', '2026-02-01T12:00:00.000Z', '2026-03-01T23:59:59.999Z']
export const packages: readonly SamplePackage[] = [
  {
    componentId: 1,
    purl: 'pkg:deb/debian/openssl@1:3.0.1-2',
    type: 'deb',
    name: 'libssl3',
    version: '1:3.0.1-2',
    arch: 'amd64',
    source: { name: 'openssl', version: '1:3.0.1-2' },
    fixedIn: '1:3.0.2-1',
  },
  {
    componentId: 2,
    purl: 'pkg:deb/debian/zlib1g@1.2.13',
    type: 'deb',
    name: 'zlib1g',
    version: '1.2.13',
    arch: 'arm64',
    source: { name: 'zlib', version: '1.2.13' },
  },
  { componentId: 3, purl: 'pkg:npm/lodash@4.17.20', type: 'npm', name: 'lodash', version: '4.17.20', fixedIn: '4.17.21' },
  { componentId: 4, purl: 'pkg:npm/%40scope/a_b@1.0.0-rc.1', type: 'npm', name: '@scope/a_b', version: '1.0.0-rc.1' },
]
export const layers = [`sha256:${'a'.repeat(64)}`, `sha256:${'b'.repeat(64)}`]
export const paths = ['var/lib/dpkg/status', 'app/package-lock.json', 'app/100%_done/package.json']

const pick = <T>(values: readonly T[]) => fc.constantFrom(...values)
const Resource = fc.record({
  account: pick(accounts),
  region: pick(regions),
  type: pick([1, 2, 3, 5, 6]),
  name: pick(['web-1', 'web-2', 'db']),
  tags: pick<Readonly<Record<string, string>>>([{}, { env: 'prod' }, { env: 'test', team: '' }]),
  facts: pick<Readonly<Record<string, unknown>>>([
    {},
    { arch: 'amd64', imageNames: ['registry.example:5000/team/app:1.2', 'debian:12@sha256:00'], imageDigest: 'sha256:11' },
    { ec2: { imageId: 'ami-1', vpcId: 'vpc-1', subnetId: 'subnet-1' } },
    {
      ecr: {
        repositoryName: 'team/app',
        registry: '123456789012',
        imageTags: ['latest', '1.2'],
        imageHash: 'sha256:22',
        architecture: 'arm64',
        pushedAt: days[1],
        inUseCount: 3,
      },
    },
    { lambda: { functionName: 'handler', runtime: 'NODEJS_22_X', layers: ['layer:1', 'layer:2'], lastModifiedAt: days[2] } },
  ]),
  observedAt: pick(days),
  places: fc.array(fc.record({ component: pick([1, 2, 3, 4]), path: pick(paths), layer: pick([null, ...layers]) }), { maxLength: 6 }),
})
const Vulnerability = fc.record({
  source: pick(['NVD', 'DEBIAN', 'GITHUB']),
  vendorSeverity: pick([null, 'medium', 'MODERATE']),
  epss: pick([-1, 0, 0.125, 0.9, 1]),
  related: fc.subarray(['CVE-1999-0001', 'USN-1']),
})
const Issue = fc.record({ packages: fc.subarray([...packages], { minLength: 1 }), fix: pick([0, 1, 2]), exploit: fc.boolean() })
const Finding = fc.record({
  status: pick([1, 1, 2, 3, 4]),
  severity: pick([0, 1, 2, 3, 4, 5]),
  score: pick([0, 11, 73, 98]),
  first: pick(days),
  updated: pick(days),
  closed: pick(days),
})

/** Random fleets: 6 resources, 5 vulnerabilities, 7 issues, each pair of resource and issue a finding or not. */
export const sampleFleet: fc.Arbitrary<SampleFleet> = fc
  .record({
    resources: fc.array(Resource, { minLength: 6, maxLength: 6 }),
    vulnerabilities: fc.array(Vulnerability, { minLength: 5, maxLength: 5 }),
    issues: fc.array(Issue, { minLength: 7, maxLength: 7 }),
    findings: fc.array(fc.option(Finding, { freq: 3 }), { minLength: 42, maxLength: 42 }),
    order: fc.array(fc.nat(), { minLength: 42, maxLength: 42 }),
  })
  .map(({ resources, vulnerabilities, issues, findings, order }) => {
    const names = ['CVE-2024-1', 'CVE-2024-10', 'CVE-2023-2', 'GHSA-aaaa', 'CVE-2024-2']
    const ranks = order.map((weight, at) => ({ weight, at })).sort((left, right) => left.weight - right.weight || left.at - right.at)
    return {
      resources: resources.map((resource, at) => ({ ...resource, id: at + 1 })),
      vulnerabilities: vulnerabilities.map((one, at) => ({ ...one, id: at + 1, name: names[at] ?? '', aliases: [`ALIAS-${at}`] })),
      issues: issues.map((issue, at) => {
        const vulnerability = (at % 5) + 1
        return {
          ...issue,
          id: at + 1,
          vulnerability,
          title: `${names[vulnerability - 1]} - ${issue.packages.map(({ name }) => name).join(', ')}`,
        }
      }),
      findings: findings.flatMap((finding, at) =>
        finding === null
          ? []
          : [
              {
                n: ranks.findIndex((rank) => rank.at === at) + 1,
                id: `00000000-0000-4000-8000-${String(at).padStart(12, '0')}`,
                resource: Math.floor(at / 7) + 1,
                issue: (at % 7) + 1,
                status: finding.status,
                severity: finding.severity,
                score: finding.severity === 0 ? 0 : finding.score,
                firstObservedAt: finding.first,
                updatedAt: finding.updated,
                closedAt: finding.status === 3 ? finding.closed : null,
              },
            ],
      ),
    }
  })

/** Writes the fleet into an empty database, with tallies that agree with it. */
export async function writeSampleFleet(db: Db, fleet: SampleFleet): Promise<void> {
  const bytes = (id: number) => `\\x${id.toString(16).padStart(8, '0')}`
  await insertRows(
    db,
    'component',
    packages.map(({ componentId: id, purl, type, name, version }) => ({ id, key: bytes(id), purl, type, name, version, stale: false })),
  )
  await insertRows(
    db,
    'inventory',
    fleet.resources.map(({ id, places }) => ({ id, hash: bytes(id), occurrences: places.length, stale: false })),
  )
  await insertRows(
    db,
    'occurrence',
    fleet.resources.flatMap(({ id, places }) =>
      places.map(({ component, path, layer }) => ({ inventory_id: id, component_id: component, path, layer, extractor: 'test' })),
    ),
  )
  await insertRows(
    db,
    'resource',
    fleet.resources.map(({ id, account, region, type, name, tags, facts, observedAt }) => ({
      id,
      account_id: Number(account),
      arn: `urn:test:${id}`,
      resource_id: name,
      type,
      region,
      tags,
      facts,
      inventory_id: id,
      status: 1,
      reason: 'SUCCESSFUL',
      created_at: days[0],
      observed_at: observedAt,
      scanned_at: observedAt,
    })),
  )
  await insertRows(
    db,
    'vulnerability',
    fleet.vulnerabilities.map(({ id, name, source, vendorSeverity, epss, related }) => ({
      id,
      origin: name,
      name,
      source,
      vendor_severity: vendorSeverity,
      epss,
      epss_percentile: -1,
      exploit: false,
      facts: { related },
    })),
  )
  await insertRows(
    db,
    'vulnerability_name',
    fleet.vulnerabilities.flatMap(({ id, name, aliases }) => [name, ...aliases].map((alias) => ({ name: alias, vulnerability_id: id }))),
  )
  await insertRows(
    db,
    'issue',
    fleet.issues.map(({ id, vulnerability, title, packages: held, fix, exploit }) => ({
      id,
      vulnerability_id: vulnerability,
      origin_id: vulnerability,
      origin_key: `key ${id}`,
      kind: 1,
      title,
      packages: held,
      fix,
      exploit,
      score: 0,
      severity: 0,
      rev: 1,
      package_names: [...new Set(held.flatMap(({ name, source }) => (source === undefined ? [name] : [name, source.name])))],
    })),
  )
  await insertRows(
    db,
    'finding',
    fleet.findings.map(({ n, id, resource, issue, status, severity, score, firstObservedAt, updatedAt, closedAt }) => ({
      account_id: Number(fleet.resources[resource - 1]?.account),
      n,
      id,
      first_observed_at: firstObservedAt,
      updated_at: updatedAt,
      closed_at: closedAt,
      resource_id: resource,
      issue_id: issue,
      score,
      status,
      severity,
    })),
  )
  await insertRows(
    db,
    'resource_tally',
    fleet.resources.map(({ id, account }) => {
      const own = fleet.findings.filter(({ resource, status }) => resource === id && status === 1)
      const issues = own.map(({ issue }) => fleet.issues[issue - 1])
      return {
        resource_id: id,
        account_id: Number(account),
        ...bands(own),
        network: 0,
        fix: issues.filter((issue) => issue?.fix === 2).length,
        exploit: issues.filter((issue) => issue?.exploit).length,
      }
    }),
  )
  await insertRows(
    db,
    'issue_tally',
    fleet.issues.flatMap(({ id }) =>
      [...new Set(fleet.resources.map(({ type }) => type))].map((type) => {
        const own = fleet.findings.filter(({ issue, resource }) => issue === id && fleet.resources[resource - 1]?.type === type)
        const count = (wanted: number) => own.filter(({ status }) => status === wanted).length
        return {
          issue_id: id,
          resource_type: type,
          ...bands(own.filter(({ status }) => status === 1)),
          suppressed: count(2),
          closed: count(3),
        }
      }),
    ),
  )
}

function bands(findings: readonly SampleFinding[]) {
  const count = (band: number) => findings.filter(({ severity }) => severity === band).length
  return { critical: count(5), high: count(4), medium: count(3), low: count(2), info: count(1), untriaged: count(0) }
}
