import { type RawBuilder, sql } from 'kysely'
import { AppError } from '../../model/errors.ts'
import type { Gap, OperatingSystem } from '../../model/component.ts'
import type { ResourceFacts } from '../../model/resource.ts'
import type { Scope } from '../../model/scope.ts'
import { resourceTypeOf } from '../../store/codes.ts'
import type { Db } from '../../store/connection.ts'
import { allOf, countsOf, detailsOf, keyOfToken, pageToken, partitionOf, resourcesOf } from '../findings/index.ts'
import {
  accountName,
  coverageConditionOf,
  providerAccount,
  providerName,
  providerRegion,
  reasonDetail,
  reasonName,
  repositoryName,
  statusName,
  typeName,
} from './coverage-criteria.ts'
import type { CoverageFilterCriteria, CoveredResource, KnowledgeState } from './coverage-types.ts'
import { type Knowledge, knowledgeOfInventories } from './knowledge-state.ts'
import { whyOf } from './why.ts'

export type CoverageRequest = {
  readonly criteria?: CoverageFilterCriteria | undefined
  /** 1 to 200; 200 when absent. */
  readonly limit?: number | undefined
  readonly after?: string | undefined
}

/** One page of resources, in the order in which they became known. What is gone is not listed. Throws AppError `invalid`. */
export async function listCoverage(
  db: Db,
  scope: Scope,
  { criteria = {}, limit = 200, after }: CoverageRequest,
  knowledge: Knowledge,
): Promise<{ readonly items: readonly CoveredResource[]; readonly after?: string }> {
  const where = coverageConditionOf(criteria)
  const question = { list: 'coverage', scope, criteria }
  const last = after === undefined ? undefined : await keyOfToken(db, question, after)
  const rows = await coverageRows(
    db,
    sql`${visible(scope)} and ${where} and r.id > ${last?.[0] ?? 0}::int order by r.id limit ${limit + 1}`,
  )
  const shown = rows.slice(0, limit)
  const key = rows.length > limit ? shown.at(-1)?.id : undefined
  return { items: await covered(db, shown, knowledge), ...(key !== undefined && { after: await pageToken(db, question, [String(key)]) }) }
}

/** One resource, with what its collectors brought. */
export type ResourceReport = CoveredResource & {
  readonly facts: ResourceFacts
  readonly observations: readonly {
    readonly collector: string
    readonly collectedAt: Date
    readonly components: number
    readonly gaps: readonly Gap[]
  }[]
  /** Distinct components of its inventory. */
  readonly components: number
}

/** Throws AppError `missing`. */
export async function coverageOf(db: Db, scope: Scope, arn: string, knowledge: Knowledge): Promise<ResourceReport> {
  const rows = await coverageRows(db, sql`${visible(scope)} and r.arn = ${arn}`, sql`r.facts`)
  const [row] = rows
  const [item] = await covered(db, rows, knowledge)
  if (row === undefined || item === undefined)
    throw new AppError('missing', `There is no resource ${arn}.`, { details: { resourceId: arn } })
  const components = (inventory: RawBuilder<unknown>) =>
    sql`(select count(distinct component_id)::int from occurrence where inventory_id = ${inventory})`
  const observations = await sql<{ collector: string; collected_at: Date; components: number; gaps: Gap[] }>`
    select o.collector, o.collected_at, ${components(sql`o.inventory_id`)} as components, o.gaps
    from observation o where o.resource_id = ${row.id} order by o.collector`.execute(db)
  const whole = await sql<{ components: number }>`select ${components(sql`${row.inventory_id}::int`)} as components`.execute(db)
  return {
    ...item,
    facts: row.facts,
    observations: observations.rows.map(({ collector, collected_at, components: held, gaps }) => ({
      collector,
      collectedAt: collected_at,
      components: held,
      gaps,
    })),
    components: whole.rows[0]?.components ?? 0,
  }
}

/** Throws AppError `missing` for a resource that is not in coverage, or not the caller's to see. */
export async function checkCovered(db: Db, scope: Scope, arn: string): Promise<void> {
  const { rows } = await sql`select from resource r where ${visible(scope)} and r.arn = ${arn}`.execute(db)
  if (rows.length === 0) throw new AppError('missing', `There is no resource ${arn}.`, { details: { resourceId: arn } })
}

const groupKeys = {
  SCAN_STATUS_CODE: statusName,
  SCAN_STATUS_REASON: reasonName,
  ACCOUNT_ID: accountName,
  RESOURCE_TYPE: typeName,
  ECR_REPOSITORY_NAME: repositoryName,
  PROVIDER: providerName,
  PROVIDER_ACCOUNT_ID: providerAccount,
  PROVIDER_REGION: providerRegion,
  PROVIDER_ORG_ID: sql`null::text`,
} as const satisfies Record<string, RawBuilder<unknown>>
/** Inspector's GroupKey. */
export type CoverageGroupKey = keyof typeof groupKeys

/**
 * Resources counted by a key, the biggest group first; resources without that key count in the total only. `groupKey` is
 * the group's value (`ACTIVE`, an account), as the real service answers whatever its model says. Throws AppError `invalid`.
 */
export async function coverageStatistics(
  db: Db,
  scope: Scope,
  {
    criteria = {},
    groupBy,
    limit = 1000,
    after,
  }: {
    readonly criteria?: CoverageFilterCriteria | undefined
    readonly groupBy?: CoverageGroupKey | undefined
    readonly limit?: number
    readonly after?: string | undefined
  },
): Promise<{
  readonly totalCounts: number
  readonly countsByGroup: readonly { readonly groupKey: string; readonly count: number }[]
  readonly after?: string
}> {
  const where = sql`${visible(scope)} and ${coverageConditionOf(criteria)}`
  const total = await sql<{ count: number }>`select count(*)::int as count from resource r where ${where}`.execute(db)
  const totalCounts = total.rows[0]?.count ?? 0
  if (groupBy === undefined) return { totalCounts, countsByGroup: [] }
  const key = groupKeys[groupBy]
  if (key === undefined)
    throw new AppError('invalid', `groupBy: expected one of ${Object.keys(groupKeys).join(', ')}; got ${String(groupBy)}`)
  const question = { list: 'coverage statistics', scope, criteria, groupBy }
  const last = after === undefined ? undefined : await keyOfToken(db, question, after)
  const { rows } = await sql<{ groupKey: string; count: number }>`
    select "groupKey", count from (
      select (${key}) collate "C" as "groupKey", count(*)::int as count from resource r where ${where} and ${key} is not null group by 1) g
    where ${last === undefined ? sql`true` : sql`(-count, "groupKey") > (${last[0]}::int, ${last[1]}::text)`} order by -count, "groupKey" limit ${limit + 1}`.execute(
    db,
  )
  const countsByGroup = rows.slice(0, limit)
  const end = rows.length > limit ? countsByGroup.at(-1) : undefined
  return {
    totalCounts,
    countsByGroup,
    ...(end !== undefined && { after: await pageToken(db, question, [String(-end.count), end.groupKey]) }),
  }
}

/** The operating systems of resources that count as scanned, and how many have each. */
export async function scannedSystems(db: Db, scope: Scope): Promise<readonly { readonly os: OperatingSystem; readonly count: number }[]> {
  const where = coverageConditionOf({
    scanStatusCode: [{ comparison: 'EQUALS', value: 'ACTIVE' }],
    scanStatusReason: [{ comparison: 'EQUALS', value: 'SUCCESSFUL' }],
  })
  const { rows } = await sql<{ os: OperatingSystem; count: number }>`
    select r.facts -> 'os' as os, count(*)::int as count from resource r
    where ${visible(scope)} and ${where} and r.facts ? 'os' group by 1 order by 2 desc, 1`.execute(db)
  return rows
}

/** What the caller may see of what is there. */
export const visible = (scope: Scope) => allOf([sql<boolean>`r.gone_at is null`, ...resourcesOf(scope)])

type Row = {
  readonly id: number
  readonly arn: string
  readonly resource_id: string
  readonly type: number
  readonly account: string
  readonly region: string
  readonly status: 'ACTIVE' | 'INACTIVE'
  readonly reason: string
  readonly reason_detail: string | null
  readonly scanned_at: Date | null
  readonly observed_at: Date | null
  readonly target: string | null
  readonly tags: Readonly<Record<string, string>>
  readonly facts: ResourceFacts
  readonly inventory_id: number | null
  readonly gaps: number
  readonly collectors: readonly string[]
  readonly critical: number
  readonly high: number
  readonly medium: number
  readonly low: number
  readonly info: number
  readonly untriaged: number
}

/** Processes and sockets may be long: they come with one resource, not with a list. */
const shortFacts = sql`r.facts - 'processes' - 'sockets'`

async function coverageRows(db: Db, where: RawBuilder<unknown>, facts: RawBuilder<unknown> = shortFacts): Promise<readonly Row[]> {
  const bands = sql.raw(
    ['critical', 'high', 'medium', 'low', 'info', 'untriaged'].map((band) => `coalesce(t.${band}, 0) as ${band}`).join(', '),
  )
  const { rows } = await sql<Row>`
    select r.id, r.arn, r.resource_id, r.type, ${accountName} as account, r.region, ${statusName} as status, ${reasonName} as reason, ${reasonDetail} as reason_detail, r.scanned_at, r.observed_at,
      r.target, r.tags, ${facts} as facts, r.inventory_id, o.gaps, o.collectors, ${bands}
    from resource r left join resource_tally t on t.resource_id = r.id
    cross join lateral (select coalesce(sum(jsonb_array_length(gaps)), 0)::int as gaps, coalesce(array_agg(collector order by collector), '{}') as collectors
      from observation where resource_id = r.id) o
    where ${where}`.execute(db)
  return rows
}

async function covered(db: Db, rows: readonly Row[], knowledge: Knowledge): Promise<readonly CoveredResource[]> {
  const inventories = [...new Set(rows.flatMap(({ inventory_id }) => inventory_id ?? []))]
  const judged = await knowledgeOfInventories(db, inventories, knowledge)
  return rows.map((row) => toCovered(row, row.inventory_id === null ? knowledge.state : (judged.get(row.inventory_id) ?? knowledge.state)))
}

function toCovered(row: Row, knowledge: KnowledgeState): CoveredResource {
  const resourceType = resourceTypeOf(row.type)
  const detail = row.reason_detail ?? undefined
  return {
    arn: row.arn,
    resourceId: row.resource_id,
    resourceType,
    accountId: row.account,
    region: row.region,
    scanType: 'PACKAGE',
    scanStatus: { statusCode: row.status, reason: row.reason },
    ...(detail !== undefined && { reasonDetail: detail }),
    why: whyOf(row.reason, detail),
    ...(row.scanned_at !== null && { lastScannedAt: row.scanned_at }),
    ...(row.observed_at !== null && { lastObservedAt: row.observed_at }),
    ...(row.target !== null && { target: row.target }),
    ...(row.facts.os !== undefined && { os: row.facts.os }),
    tags: row.tags,
    resourceMetadata: metadataOf(row),
    ...(resourceType.startsWith('AWS_') && {
      provider: 'AWS' as const,
      providerAccountId: row.account,
      providerRegion: row.region,
      providerPartition: partitionOf(row.region),
    }),
    gaps: row.gaps,
    collectors: row.collectors,
    knowledge,
    severityCounts: countsOf(row),
  }
}

/** Inspector's Ec2Platform of an operating system. */
const ec2Platform = (os: OperatingSystem | undefined) =>
  os === undefined ? 'UNKNOWN' : os.id === 'windows' ? 'WINDOWS' : os.id === 'macos' ? 'MACOS' : 'LINUX'

function metadataOf({ type, tags, facts }: Row): CoveredResource['resourceMetadata'] {
  const known = (members: Readonly<Record<string, unknown>>) =>
    Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined))
  const { ec2, ecr, lambda, os } = facts
  const date = (iso: string | undefined) => (iso === undefined ? undefined : new Date(iso))
  const image = detailsOf('OPENINSPECTOR_CONTAINER_IMAGE', facts).image ?? {}
  switch (resourceTypeOf(type)) {
    case 'AWS_EC2_INSTANCE':
      return {
        ec2: known({ tags, amiId: ec2?.imageId, platform: ec2Platform(os) }),
        vmInstance: known({ tags, platform: ec2Platform(os), vmImageReference: ec2?.imageId }),
      }
    case 'OPENINSPECTOR_HOST':
      return { vmInstance: { tags, platform: ec2Platform(os) } }
    case 'AWS_ECR_CONTAINER_IMAGE': {
      const use = { lastInUseAt: date(ecr?.lastInUseAt), inUseCount: ecr?.inUseCount }
      return {
        ecrImage: known({ tags: ecr?.imageTags, ...use }),
        ecrRepository: known({ name: ecr?.repositoryName }),
        containerImage: known({ imageTags: ecr?.imageTags, ...use }),
      }
    }
    case 'OPENINSPECTOR_CONTAINER_IMAGE':
      return { containerImage: known({ imageTags: image.imageTags }), containerRepository: known({ name: image.repositoryName }) }
    case 'AWS_LAMBDA_FUNCTION':
      return {
        lambdaFunction: known({ functionTags: tags, layers: lambda?.layers, functionName: lambda?.functionName, runtime: lambda?.runtime }),
        serverlessFunction: known({ serverlessFunctionName: lambda?.functionName, runtime: lambda?.runtime, functionTags: tags }),
      }
    case 'CODE_REPOSITORY':
    case 'OPENINSPECTOR_DIRECTORY':
      return {}
  }
}
