import { type RawBuilder, sql } from 'kysely'
import { type FindingStatus, type FixState, type IssueKind, findingStatus, fixState, issueKind } from '../../model/finding.ts'
import { resourceTypeOf, scoreInTenths, severityOfCode } from '../../store/codes.ts'
import type { Db } from '../../store/connection.ts'
import { lastObservedAt } from './criteria-fields.ts'
import { findingArnOf, partitionOf } from './finding-arn.ts'
import { orderBy } from './page-sort.ts'
import { type Place, type StoredPackage, vulnerablePackages } from './present-package.ts'
import { detailsOf } from './present-resource.ts'
import type { Cvss, Finding, PackageVulnerabilityDetails } from './present-types.ts'

/** `vulnerability.facts`. */
export type VulnerabilityFacts = {
  readonly title?: string
  readonly description?: string
  readonly source?: string
  readonly sourceUrl?: string
  readonly vendorCreatedAt?: string
  readonly vendorUpdatedAt?: string
  readonly cvss?: readonly Cvss[]
  readonly chosen?: Cvss
  readonly cwes?: readonly string[]
  readonly referenceUrls?: readonly string[]
  readonly related?: readonly string[]
  readonly malicious?: boolean
}

type Row = {
  readonly id: string
  readonly account: string
  readonly status: number
  readonly severity: number
  readonly score: number
  readonly first_observed_at: Date
  readonly last_observed_at: Date
  readonly updated_at: Date
  readonly arn: string
  readonly resource_id: string
  readonly resource_type: number
  readonly region: string
  readonly tags: Readonly<Record<string, string>>
  readonly resource_facts: Parameters<typeof detailsOf>[1]
  readonly kind: number
  readonly title: string
  readonly packages: readonly StoredPackage[]
  readonly places: readonly Place[] | null
  readonly fix: number
  readonly exploit: boolean
  readonly exploited_at: string | null
  readonly vulnerability: string | null
  readonly source: string | null
  readonly vendor_severity: string | null
  readonly epss: number | null
  readonly facts: VulnerabilityFacts | null
  readonly key: readonly string[]
}

/** The name behind a stored number. */
export function nameOf<Name extends string>(codes: Readonly<Record<Name, number>>, code: number): Name {
  const found = (Object.keys(codes) as Name[]).find((name) => codes[name] === code)
  if (found === undefined) throw new RangeError(`no name has the number ${code}`)
  return found
}

/** Findings named by rows (resource_id, issue_id, n, k1 ... km) as people see them, in the order of their keys. */
export async function presentFindings(
  db: Db,
  keys: RawBuilder<unknown>,
  width: number,
  descending: boolean,
): Promise<readonly { readonly finding: Finding; readonly key: readonly string[] }[]> {
  const parts = Array.from({ length: width }, (_, at) => sql.id('k', `k${at + 1}`))
  const { rows } = await sql<Row>`
    with k as materialized (${keys})
    select replace(f.id::text, '-', '') as id, lpad(f.account_id::text, 12, '0') as account, f.status, f.severity, f.score,
      f.first_observed_at, ${lastObservedAt} as last_observed_at, f.updated_at,
      r.arn, r.resource_id, r.type as resource_type, r.region, r.tags, r.facts - 'processes' - 'sockets' as resource_facts,
      i.kind, i.title, i.packages, i.fix, i.exploit, places.places,
      v.name as vulnerability, v.source, v.vendor_severity, v.epss, v.facts,
      case when i.exploit then (select max(e.doc->>'addedAt') from exploit e where e.vulnerability = v.name
        or e.vulnerability in (select name from vulnerability_name where vulnerability_id = v.id)) end as exploited_at,
      array[${sql.join(parts.map((part) => sql`${part}::text`))}]::text[] as key
    from k join resource r on r.id = k.resource_id join issue i on i.id = k.issue_id left join vulnerability v on v.id = i.vulnerability_id
    cross join lateral (select * from finding f where f.account_id = r.account_id and f.resource_id = k.resource_id and f.issue_id = k.issue_id and f.n = k.n limit 1) f
    left join lateral (
      select jsonb_agg(jsonb_build_object('componentId', o.component_id, 'path', o.path, 'layer', o.layer, 'extractor', o.extractor)
        order by o.component_id, o.path collate "C", o.layer) as places
      from jsonb_array_elements(i.packages) p
      join occurrence o on o.inventory_id = r.inventory_id and o.component_id = (p->>'componentId')::int) places on true
    order by ${parts.length === 0 ? sql`f.n` : orderBy(parts, descending)}`.execute(db)
  return rows.map((row) => ({ finding: toFinding(row), key: row.key }))
}

function toFinding(row: Row): Finding {
  const facts = row.facts ?? {}
  const type: IssueKind = nameOf(issueKind, row.kind)
  const packaged = type === 'PACKAGE_VULNERABILITY'
  const resourceType = resourceTypeOf(row.resource_type)
  const ofAws = resourceType.startsWith('AWS_')
  const { chosen } = facts
  const tenths = scoreInTenths(row)
  const score = tenths === undefined ? undefined : tenths / 10
  return {
    id: row.id,
    findingArn: findingArnOf(row.region, row.account, row.id),
    awsAccountId: row.account,
    type,
    title: row.title.slice(0, 1024),
    description: (facts.description || facts.title || row.title).slice(0, 1024),
    severity: severityOfCode(row.severity),
    status: nameOf(findingStatus, row.status) as Exclude<FindingStatus, 'MERGED'>,
    firstObservedAt: row.first_observed_at,
    // What an advisory newer than the last look tells was seen when it came.
    lastObservedAt: row.last_observed_at < row.first_observed_at ? row.first_observed_at : row.last_observed_at,
    updatedAt: row.updated_at,
    remediation: { recommendation: { text: 'None Provided' } },
    resources: [
      {
        type: resourceType,
        id: row.resource_id,
        arn: row.arn,
        partition: partitionOf(row.region),
        region: row.region,
        tags: row.tags,
        ...(ofAws && { provider: 'AWS' as const, providerAccountId: row.account }),
        details: detailsOf(resourceType, row.resource_facts),
      },
    ],
    ...(score !== undefined && { inspectorScore: score }),
    ...(score !== undefined &&
      chosen !== undefined && {
        inspectorScoreDetails: {
          adjustedCvss: {
            score,
            scoringVector: chosen.scoringVector,
            version: chosen.version,
            scoreSource: chosen.source,
            cvssSource: chosen.source,
            adjustments: [],
          },
        },
      }),
    ...(packaged && {
      fixAvailable: nameOf<FixState>(fixState, row.fix),
      exploitAvailable: row.exploit ? ('YES' as const) : ('NO' as const),
      packageVulnerabilityDetails: packageDetails(row, facts),
    }),
    ...(row.exploited_at !== null && { exploitabilityDetails: { lastKnownExploitAt: new Date(row.exploited_at) } }),
    ...(row.epss !== null && row.epss >= 0 && { epss: { score: row.epss } }),
  }
}

function packageDetails(row: Row, facts: VulnerabilityFacts): PackageVulnerabilityDetails {
  return {
    vulnerabilityId: row.vulnerability ?? row.title,
    source: row.source ?? facts.source ?? 'UNKNOWN',
    ...(facts.sourceUrl !== undefined && { sourceUrl: facts.sourceUrl }),
    ...(row.vendor_severity !== null && { vendorSeverity: row.vendor_severity }),
    ...(facts.vendorCreatedAt !== undefined && { vendorCreatedAt: new Date(facts.vendorCreatedAt) }),
    ...(facts.vendorUpdatedAt !== undefined && { vendorUpdatedAt: new Date(facts.vendorUpdatedAt) }),
    cvss: facts.cvss ?? [],
    relatedVulnerabilities: facts.related ?? [],
    referenceUrls: facts.referenceUrls ?? [],
    vulnerablePackages: row.packages.flatMap((stored) => vulnerablePackages(stored, row.places ?? [])),
  }
}
