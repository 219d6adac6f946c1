import { type RawBuilder, sql } from 'kysely'
import { AppError } from '../../model/errors.ts'
import { findingStatus, fixState, type IssueKind, issueKind } from '../../model/finding.ts'
import { type ResourceType, resourceTypes } from '../../model/resource.ts'
import type { Scope } from '../../model/scope.ts'
import { resourceTypeCode } from '../../store/codes.ts'
import { type Aggregation, type AggregationType, aggregatedTypes } from './aggregate-types.ts'
import { fields } from './criteria-fields.ts'
import { type Condition, allOf, codeIs, never, oneTextIs, textIs } from './criteria-terms.ts'
import type { DateFilter, MapFilter, NumberFilter, StringFilter } from './criteria-types.ts'
import { resourcesOf } from './page-look.ts'
import { imageRepositories, platform, resourceFact } from './stored.ts'

const active = sql.lit(findingStatus.ACTIVE)

/** Conditions behind the filter names of all aggregation requests, over r, i, v and, for layers, l. */
const asked = {
  accountIds: (f: readonly StringFilter[]) => fields.awsAccountId.where(f),
  amis: (f: readonly StringFilter[]) => fields.ec2InstanceImageId.where(f),
  architectures: (f: readonly StringFilter[]) => fields.cloudImageArchitecture.where(f),
  cloudAccountIds: (f: readonly StringFilter[]) => fields.cloudProviderAccountId.where(f),
  cloudOrgIds: () => never,
  cloudPartitions: (f: readonly StringFilter[]) =>
    textIs(sql`case when ${fields.cloudProvider.where([{ comparison: 'EQUALS', value: 'AWS' }])} then ${partition} end`, f),
  cloudProviders: (f: readonly StringFilter[]) => fields.cloudProvider.where(f),
  cloudRegions: (f: readonly StringFilter[]) => fields.cloudProviderRegion.where(f),
  functionNames: (f: readonly StringFilter[]) => fields.lambdaFunctionName.where(f),
  functionTags: (f: readonly MapFilter[]) => fields.resourceTags.where(f),
  imageDigests: (f: readonly StringFilter[]) => fields.cloudImageDigest.where(f),
  imageShas: (f: readonly StringFilter[]) => fields.cloudImageDigest.where(f),
  imageTags: (f: readonly StringFilter[]) => fields.cloudImageTags.where(f),
  inUseCount: (f: readonly NumberFilter[]) => fields.ecrImageInUseCount.where(f),
  instanceIds: (f: readonly StringFilter[]) => fields.resourceId.where(f),
  instanceTags: (f: readonly MapFilter[]) => fields.resourceTags.where(f),
  lastInUseAt: (f: readonly DateFilter[]) => fields.ecrImageLastInUseAt.where(f),
  layerHashes: (f: readonly StringFilter[]) => textIs(sql`l.layer`, f),
  operatingSystems: (f: readonly StringFilter[]) => textIs(platform, f),
  packageNames: (f: readonly StringFilter[]) => textIs(sql`p.name`, f),
  registries: (f: readonly StringFilter[]) => fields.cloudImageRegistry.where(f),
  repositories: (f: readonly StringFilter[]) => oneTextIs(imageRepositories, f),
  resourceIds: (f: readonly StringFilter[]) => fields.resourceId.where(f),
  runtimes: (f: readonly StringFilter[]) => fields.lambdaFunctionRuntime.where(f),
  titles: (f: readonly StringFilter[]) => fields.title.where(f),
  vmImageReferences: (f: readonly StringFilter[]) => fields.cloudVmImageReference.where(f),
  vulnerabilityIds: (f: readonly StringFilter[]) => fields.vulnerabilityId.where(f),
} as const
const partition = sql`case when r.region like 'cn-%' then 'aws-cn' when r.region like 'us-gov-%' then 'aws-us-gov' else 'aws' end`

const cloud = ['cloudProviders', 'cloudAccountIds', 'cloudOrgIds', 'cloudRegions', 'cloudPartitions'] as const
const filterNames: Readonly<Record<AggregationType, readonly (keyof typeof asked)[]>> = {
  ACCOUNT: [],
  AMI: ['amis'],
  AWS_EC2_INSTANCE: ['amis', 'operatingSystems', 'instanceIds', 'instanceTags'],
  AWS_ECR_CONTAINER: ['resourceIds', 'imageShas', 'repositories', 'architectures', 'imageTags', 'lastInUseAt', 'inUseCount'],
  AWS_LAMBDA_FUNCTION: ['resourceIds', 'functionNames', 'runtimes', 'functionTags'],
  CODE_REPOSITORY: [],
  CONTAINER_IMAGE: [
    'resourceIds',
    'imageDigests',
    'repositories',
    'registries',
    'architectures',
    'imageTags',
    'lastInUseAt',
    'inUseCount',
    ...cloud,
  ],
  FINDING_TYPE: [],
  IMAGE_LAYER: ['repositories', 'resourceIds', 'layerHashes', ...cloud],
  LAMBDA_LAYER: [],
  PACKAGE: ['packageNames'],
  REPOSITORY: ['repositories'],
  SERVERLESS_FUNCTION: ['resourceIds', 'functionNames', 'runtimes', 'functionTags', ...cloud],
  TITLE: ['titles', 'vulnerabilityIds'],
  VM_INSTANCE: ['resourceIds', 'operatingSystems', 'instanceTags', 'vmImageReferences', ...cloud],
}
const single = new Set(['sortBy', 'sortOrder', 'resourceType', 'findingType'])

type Asked = {
  readonly type: AggregationType
  readonly scope: Scope
  readonly accountIds: readonly StringFilter[] | undefined
  readonly request: Aggregation
}

/**
 * Groups of ACTIVE findings as rows (key, resource, doc, critical, high, medium, low, info, untriaged, network, fix,
 * exploit, affected): `resource` is the id of the one resource a group is about, `doc` what tells other groups apart.
 * Undefined: nothing of this type is stored yet.
 */
export function groupsOf(question: Asked): RawBuilder<unknown> | undefined {
  const { type, request } = question
  const where = conditionsOf(question)
  switch (type) {
    case 'CODE_REPOSITORY':
    case 'LAMBDA_LAYER':
      return undefined
    case 'ACCOUNT':
      return sql`select r.account_id::text as key, null::int as resource, jsonb_build_object('accountId', lpad(r.account_id::text, 12, '0')) as doc, ${sums}, count(*) as affected
        from ${request.findingType === undefined ? sql`resource_tally` : livePerResource(request.findingType)} t join resource r on r.id = t.resource_id where ${where} group by r.account_id`
    case 'AMI':
      return perFact(resourceFact('ec2', 'imageId'), 'ami', where)
    case 'REPOSITORY':
      return sql`select concat_ws(' ', image.repository, r.account_id) as key, null::int as resource,
          jsonb_build_object('repository', image.repository, 'accountId', lpad(r.account_id::text, 12, '0')) as doc, ${sums}, count(*) as affected
        from resource_tally t join resource r on r.id = t.resource_id cross join lateral ${imageRepositories} image(repository)
        where image.repository is not null and ${where} group by image.repository, r.account_id`
    case 'IMAGE_LAYER':
      return sql`select concat_ws(' ', r.arn, l.layer) as key, r.id as resource, jsonb_build_object('layerHash', l.layer) as doc, ${liveSums}, 1 as affected
        from resource r join finding f on f.account_id = r.account_id and f.resource_id = r.id and f.status = ${active} join issue i on i.id = f.issue_id
        cross join lateral (select distinct o.layer from jsonb_array_elements(i.packages) p
          join occurrence o on o.inventory_id = r.inventory_id and o.component_id = (p->>'componentId')::int where o.layer is not null) l
        where ${where} group by r.id, r.arn, l.layer`
    case 'PACKAGE':
      return sql`select p.name as key, null::int as resource, jsonb_build_object('packageName', p.name) as doc, ${sums}, count(*) as affected
        from (${perIssue(question)}) t join issue i on i.id = t.issue_id
        cross join lateral (select distinct p->>'name' as name from jsonb_array_elements(i.packages) p) p where ${where} group by p.name`
    case 'TITLE':
      return sql`select i.title as key, null::int as resource, jsonb_build_object('title', i.title, 'vulnerabilityId', max(v.name)) as doc, ${sums}, count(*) as affected
        from (${perIssue(question)}) t join issue i on i.id = t.issue_id left join vulnerability v on v.id = i.vulnerability_id where ${where} group by i.title`
    case 'FINDING_TYPE':
      return sql`select i.kind::text as key, null::int as resource, jsonb_build_object('kind', i.kind) as doc, ${sums}, count(*) as affected
        from (${perIssue(question)}) t join issue i on i.id = t.issue_id where ${where} group by i.kind`
    default:
      return sql`select r.arn as key, r.id as resource, null::jsonb as doc, ${sums}, 1 as affected
        from resource_tally t join resource r on r.id = t.resource_id where ${where} group by r.id, r.arn`
  }
}

const bands = ['critical', 'high', 'medium', 'low', 'info', 'untriaged'] as const
const counted = [...bands, 'network', 'fix', 'exploit'] as const
const sums = sql.join(counted.map((name) => sql`sum(t.${sql.id(name)})::int as ${sql.id(name)}`))
const liveSums = sql.join([
  ...bands.map((name, at) => sql`(count(*) filter (where f.severity = ${sql.lit(5 - at)}))::int as ${sql.id(name)}`),
  sql`(count(*) filter (where i.kind = ${sql.lit(issueKind.NETWORK_REACHABILITY)}))::int as network`,
  sql`(count(*) filter (where i.fix = ${sql.lit(fixState.YES)}))::int as fix`,
  sql`(count(*) filter (where i.exploit))::int as exploit`,
])

const perFact = (fact: RawBuilder<unknown>, name: string, where: Condition) =>
  sql`select concat_ws(' ', ${fact}, r.account_id) as key, null::int as resource,
      jsonb_build_object(${name}::text, ${fact}, 'accountId', lpad(r.account_id::text, 12, '0')) as doc, ${sums}, count(*) as affected
    from resource_tally t join resource r on r.id = t.resource_id where ${fact} is not null and ${where} group by ${fact}, r.account_id`

const livePerResource = (findingType: string) =>
  sql`(select f.resource_id, ${liveSums} from finding f join issue i on i.id = f.issue_id
    where f.status = ${active} and i.kind = ${kindOf(findingType)} group by f.resource_id)`

/**
 * Counts of each issue and resource type. The tallies speak for the whole organization only: for a part of it, findings
 * are counted. One statement decides which, so that a resource that appears meanwhile is not shown to the wrong caller.
 */
function perIssue({ scope, accountIds, request }: Asked): RawBuilder<unknown> {
  const seen = [...resourcesOf(scope), ...(accountIds === undefined ? [] : [asked.accountIds(accountIds)])]
  const ofType = (column: RawBuilder<unknown>) =>
    request.resourceType === undefined ? sql`true` : codeIs(column, [typeCode(request.resourceType)])
  const whole = sql`(select not exists (select from resource r where not ${allOf(seen)}))`
  return sql`select t.issue_id, ${sql.join(bands.map((name) => sql`sum(t.${sql.id(name)})::int as ${sql.id(name)}`))},
      (case when i.kind = ${sql.lit(issueKind.NETWORK_REACHABILITY)} then sum(${all}) else 0 end)::int as network,
      (case when i.fix = ${sql.lit(fixState.YES)} then sum(${all}) else 0 end)::int as fix, (case when i.exploit then sum(${all}) else 0 end)::int as exploit
    from (
      select issue_id, ${sql.join(bands.map((name) => sql.id(name)))} from issue_tally where ${whole} and ${ofType(sql`resource_type`)}
      union all
      select f.issue_id, ${sql.join(bands.map((name, at) => sql`(count(*) filter (where f.severity = ${sql.lit(5 - at)}))::int as ${sql.id(name)}`))}
      from finding f join resource r on r.id = f.resource_id
      where not ${whole} and f.status = ${active} and ${allOf(seen)} and ${ofType(sql`r.type`)} group by f.issue_id) t
    join issue i on i.id = t.issue_id group by t.issue_id, i.kind, i.fix, i.exploit`
}
const all = sql`t.critical + t.high + t.medium + t.low + t.info + t.untriaged`

function conditionsOf({ type, scope, accountIds, request }: Asked): Condition {
  const ofResources = !['PACKAGE', 'TITLE', 'FINDING_TYPE'].includes(type)
  const types = aggregatedTypes[type]
  const filters = Object.entries(request).flatMap(([name, filter]) => {
    if (filter === undefined || single.has(name)) return []
    const known = filterNames[type].find((one) => one === name)
    if (known === undefined || typeof filter === 'string')
      throw new AppError('invalid', `aggregationRequest: ${type} has no filter ${name}`)
    return [(asked[known] as (filters: unknown) => Condition)(filter)]
  })
  return allOf([
    ...filters,
    ...(ofResources ? resourcesOf(scope) : []),
    ...(ofResources && accountIds !== undefined ? [asked.accountIds(accountIds)] : []),
    ...(types === undefined ? [] : [codeIs(sql`r.type`, types.map(resourceTypeCode))]),
    ...(ofResources && request.resourceType !== undefined ? [codeIs(sql`r.type`, [typeCode(request.resourceType)])] : []),
    ...(!ofResources && request.findingType !== undefined ? [codeIs(sql`i.kind`, [kindOf(request.findingType)])] : []),
  ])
}

function typeCode(type: string): number {
  if (!resourceTypes.includes(type as ResourceType)) return 0
  return resourceTypeCode(type as ResourceType)
}

function kindOf(type: string): number {
  const kind = issueKind[type as IssueKind]
  if (kind === undefined)
    throw new AppError('invalid', `aggregationRequest.findingType: expected one of ${Object.keys(issueKind).join(', ')}; got ${type}`)
  return kind
}
