import { sql } from 'kysely'
import { AppError } from '../../model/errors.ts'
import { issueKind } from '../../model/finding.ts'
import type { ResourceFacts } from '../../model/resource.ts'
import type { Scope } from '../../model/scope.ts'
import { resourceTypeOf } from '../../store/codes.ts'
import type { Db } from '../../store/connection.ts'
import { groupsOf } from './aggregate-groups.ts'
import {
  type AggregationRequest,
  type AggregationResponse,
  type AggregationRow,
  type AggregationType,
  type SeverityCounts,
  aggregationMembers,
} from './aggregate-types.ts'
import type { StringFilter } from './criteria-types.ts'
import { partitionOf } from './finding-arn.ts'
import { type KeyColumn, after, orderBy } from './page-sort.ts'
import { keyOfToken, pageToken } from './page-token.ts'
import { detailsOf, platformOf } from './present-resource.ts'

export type AggregationsRequest = {
  readonly aggregationType: AggregationType
  readonly accountIds?: readonly StringFilter[] | undefined
  readonly aggregationRequest?: AggregationRequest | undefined
  /** 1 to 100; 100 when absent. */
  readonly limit?: number | undefined
  readonly after?: string | undefined
}

type Row = {
  readonly resource: number | null
  readonly doc: Readonly<Record<string, unknown>> | null
  readonly key: readonly string[]
  readonly affected: number
  readonly network: number
  readonly fix: number
  readonly exploit: number
} & Omit<SeverityCounts, 'informational'> & { readonly info: number }

/**
 * ACTIVE findings counted in groups, the most critical group first unless asked otherwise; groups without findings are
 * left out. Types of which nothing is stored yet (code repositories, function layers) have no groups. Throws AppError
 * `invalid` for a request whose member does not go with its type, for filters it does not have, and for foreign tokens.
 */
export async function aggregateFindings(
  db: Db,
  scope: Scope,
  request: AggregationsRequest,
): Promise<{ readonly items: readonly AggregationResponse[]; readonly after?: string }> {
  const { aggregationType: type, aggregationRequest = {}, accountIds, limit = 100 } = request
  const member = aggregationMembers[type]
  if (member === undefined)
    throw new AppError('invalid', `aggregationType: expected one of ${Object.keys(aggregationMembers).join(', ')}; got ${type}`)
  const given = Object.keys(aggregationRequest).filter((name) => aggregationRequest[name as typeof member] !== undefined)
  if (given.some((name) => name !== member))
    throw new AppError('invalid', `aggregationRequest: expected the member ${member} with ${type}; got ${given.join(', ')}`)
  const asked = aggregationRequest[member] ?? {}
  const question = { list: 'aggregations', scope, type, accountIds, asked }
  const last = request.after === undefined ? undefined : await keyOfToken(db, question, request.after)
  const groups = groupsOf({ type, scope, accountIds, request: asked })
  if (groups === undefined) return { items: [] }
  const key = keyOf(asked.sortBy ?? 'CRITICAL')
  const descending = asked.sortOrder !== 'ASC'
  const { rows } = await sql<Row>`
    select g.*, array[${sql.join(key.map(({ value }) => sql`(${value})::text`))}] as key
    from (select groups.*, critical + high + medium + low + info + untriaged as "all" from (${groups}) groups) g
    where g.all > 0 and ${last === undefined ? sql`true` : after(key, last, descending)}
    order by ${orderBy(
      key.map(({ value }) => value),
      descending,
    )} limit ${limit + 1}`.execute(db)
  const shown = rows.slice(0, limit)
  const resources = await resourcesOfGroups(db, shown)
  const items = shown.map((row) => ({ [member]: rowOf(type, row, resources) }) as AggregationResponse)
  const lastKey = rows.length > limit ? shown.at(-1)?.key : undefined
  return { items, ...(lastKey !== undefined && { after: await pageToken(db, question, lastKey) }) }
}

const count = (name: string): KeyColumn => ({ value: sql`g.${sql.id(name)}`, type: 'bigint' })
const named: KeyColumn = { value: sql`(g.key collate "C")`, type: 'text' }
/** Groups that count the same are told apart by the next count, at last by their name. */
function keyOf(sortBy: string): readonly KeyColumn[] {
  switch (sortBy) {
    case 'CRITICAL':
      return [count('critical'), count('high'), count('all'), named]
    case 'HIGH':
      return [count('high'), count('critical'), count('all'), named]
    case 'ALL':
      return [count('all'), count('critical'), count('high'), named]
    case 'NETWORK_FINDINGS':
      return [count('network'), count('critical'), count('high'), count('all'), named]
    case 'AFFECTED_INSTANCES':
    case 'AFFECTED_IMAGES':
      return [count('affected'), count('critical'), count('high'), count('all'), named]
    default:
      throw new AppError('invalid', `aggregationRequest.sortBy: ${sortBy} is not known`)
  }
}

type GroupResource = {
  readonly id: number
  readonly account: string
  readonly resource_id: string
  readonly region: string
  readonly type: number
  readonly tags: Readonly<Record<string, string>>
  readonly facts: ResourceFacts
}

async function resourcesOfGroups(db: Db, groups: readonly Row[]): Promise<ReadonlyMap<number | null, GroupResource>> {
  const ids = groups.flatMap(({ resource }) => resource ?? [])
  if (ids.length === 0) return new Map()
  const { rows } = await sql<GroupResource>`select id, lpad(account_id::text, 12, '0') as account, resource_id, region, type, tags,
    facts - 'processes' - 'sockets' as facts from resource where id = any(${ids}::int[])`.execute(db)
  return new Map(rows.map((row) => [row.id, row]))
}

function rowOf(type: AggregationType, row: Row, resources: ReadonlyMap<number | null, GroupResource>): AggregationRow {
  const { all, critical, high, medium, low, info: informational, untriaged } = row
  const severityCounts = { all, critical, high, medium, low, informational, untriaged }
  const counts = { exploitAvailableCount: row.exploit, fixAvailableCount: row.fix }
  const resource = resources.get(row.resource)
  if (resource !== undefined) return { ...ofResource(type, row, resource), severityCounts }
  switch (type) {
    case 'ACCOUNT':
      return { ...row.doc, severityCounts, ...counts }
    case 'FINDING_TYPE':
      return { findingType: Object.entries(issueKind).find(([, code]) => code === row.doc?.kind)?.[0], severityCounts, ...counts }
    case 'AMI':
      return { ...row.doc, severityCounts, affectedInstances: Number(row.affected) }
    case 'REPOSITORY':
      return { ...row.doc, severityCounts, affectedImages: Number(row.affected) }
    default:
      return { ...row.doc, severityCounts }
  }
}

function ofResource(type: AggregationType, row: Row, resource: GroupResource): Readonly<Record<string, unknown>> {
  const { account: accountId, resource_id: resourceId, tags, facts, region } = resource
  const resourceType = resourceTypeOf(resource.type)
  const details = detailsOf(resourceType, facts)
  const operatingSystem = platformOf(facts)
  const image = details.image ?? {}
  const active = { exploitAvailableActiveFindingsCount: row.exploit, fixAvailableActiveFindingsCount: row.fix }
  const cloud = resourceType.startsWith('AWS_')
    ? { cloudProvider: 'AWS', cloudAccountId: accountId, cloudRegion: region, cloudPartition: partitionOf(region) }
    : {}
  const known = (members: Readonly<Record<string, unknown>>) =>
    Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined && value !== null))
  switch (type) {
    case 'AWS_EC2_INSTANCE':
      return known({
        instanceId: resourceId,
        ami: facts.ec2?.imageId,
        operatingSystem,
        instanceTags: tags,
        accountId,
        networkFindings: row.network,
      })
    case 'VM_INSTANCE':
      return known({
        resourceId,
        ...cloud,
        vmImageReference: facts.ec2?.imageId,
        operatingSystem,
        tags,
        accountId,
        networkFindings: row.network,
        ...active,
      })
    case 'AWS_ECR_CONTAINER':
      return known({ resourceId, imageSha: image.imageDigest, ...imageParts(image), accountId })
    case 'CONTAINER_IMAGE':
      return known({
        resourceId,
        ...cloud,
        imageDigest: image.imageDigest,
        registry: image.registry,
        ...imageParts(image),
        accountId,
        ...active,
      })
    case 'IMAGE_LAYER':
      return known({ repository: image.repositoryName ?? resourceId, resourceId, ...row.doc, accountId, ...cloud })
    case 'SERVERLESS_FUNCTION':
      return known({
        resourceId,
        ...cloud,
        functionName: facts.lambda?.functionName,
        runtime: facts.lambda?.runtime,
        tags,
        accountId,
        lastModifiedAt: dateOf(facts.lambda?.lastModifiedAt),
        ...active,
      })
    default:
      return known({
        resourceId,
        functionName: facts.lambda?.functionName,
        runtime: facts.lambda?.runtime,
        lambdaTags: tags,
        accountId,
        lastModifiedAt: dateOf(facts.lambda?.lastModifiedAt),
      })
  }
}

const imageParts = (image: Readonly<Record<string, unknown>>) => ({
  repository: image.repositoryName,
  architecture: image.architecture,
  imageTags: image.imageTags,
  lastInUseAt: image.lastInUseAt,
  inUseCount: image.inUseCount,
})
const dateOf = (iso: string | undefined) => (iso === undefined ? undefined : new Date(iso))
