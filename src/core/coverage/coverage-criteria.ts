import { type RawBuilder, sql } from 'kysely'
import * as z from 'zod'
import { AppError } from '../../model/errors.ts'
import { type ResourceType, resourceTypes } from '../../model/resource.ts'
import { coverageStatus, resourceTypeCode } from '../../store/codes.ts'
import {
  type Condition,
  allOf,
  coveredResource,
  dateIs,
  imageRegistries,
  imageRepositories,
  imageTags,
  mapHas,
  never,
  numberIs,
  oneTextIs,
  resourceFact,
  textIs,
} from '../findings/index.ts'
import { agentIsLost, agentRevoked, agentSeen } from '../agents/index.ts'
import { lastAtWork, workedMachines } from '../looks/index.ts'
import {
  type CoverageCriterion,
  type CoverageFilterCriteria,
  type CoverageKinds,
  type CoverageStringFilter,
  coverageCriterionKinds,
} from './coverage-types.ts'

type Field<C extends CoverageCriterion> = (filters: readonly CoverageKinds[(typeof coverageCriterionKinds)[C]][]) => Condition
const text = (value: RawBuilder<unknown>) => (filters: readonly CoverageStringFilter[]) => textIs(value, filters)
const oneText = (rows: RawBuilder<unknown>) => (filters: readonly CoverageStringFilter[]) => oneTextIs(rows, filters)
const date = (value: RawBuilder<unknown>) => (filters: Parameters<typeof dateIs>[1]) => dateIs(value, filters)
const isOf = (types: readonly ResourceType[]) => sql<boolean>`r.type = any(${types.map(resourceTypeCode)}::smallint[])`
const tagsOf = (types: readonly ResourceType[]) => (filters: Parameters<typeof mapHas>[1]) =>
  allOf([isOf(types), mapHas(sql`r.tags`, filters)])
/** Nothing of the kind can be stored yet. */
const nowhere = () => never

/** Names of stored codes, made by the database: `case r.type when 1 then 'AWS_EC2_INSTANCE' ...`. */
const named = (column: string, codes: Readonly<Record<string, number>>): RawBuilder<string> =>
  sql`case ${sql.ref(column)} ${sql.join(
    Object.entries(codes).map(([name, code]) => sql`when ${sql.lit(code)} then ${sql.lit(name)}`),
    sql` `,
  )} end`
/** What is switched off is not covered, whatever a collector said when it was on. */
const isOn = coveredResource(sql`r`)
/** It is to be looked at again, and where it lies there is no worker that would: what was seen grows old unseen. */
const isLeft = sql<boolean>`(r.target is not null and r.machine is not null and r.machine <> all(${workedMachines}))`
/** Since when, in words for a person. */
const leftSince = sql<string>`concat('No worker looks at targets of the machine ', r.machine,
  to_char(${lastAtWork(sql`r.machine`)} at time zone 'UTC', '" since "YYYY-MM-DD" "HH24:MI:SS" UTC"'), ': run openinspector serve --role worker there.')`
/** An agent spoke for it and is silent: the connection is broken, or the host is off. */
const isLost = agentIsLost(sql`r.arn`)
/** An agent spoke for it and may no longer, and nobody else looks. */
const isUnmanaged = sql<boolean>`(r.target is null and ${agentRevoked(sql`r.arn`)} is not null)`
const minute = sql`'YYYY-MM-DD" "HH24:MI:SS" UTC"'`
const lostSince = sql<string>`concat('Its agent is disconnected since ', to_char(${agentSeen(sql`r.arn`)} at time zone 'UTC', ${minute}), '.')`
const unmanagedSince = sql<string>`concat('Its agent was revoked on ', to_char(${agentRevoked(sql`r.arn`)} at time zone 'UTC', ${minute}), '.')`
export const statusName = sql<
  'ACTIVE' | 'INACTIVE'
>`case when not ${isOn} or ${isLeft} or ${isLost} or ${isUnmanaged} then 'INACTIVE' else ${named('r.status', coverageStatus)} end`
export const reasonName = sql<string>`case when not ${isOn} then 'PENDING_DISABLE'
  when ${isLost} then 'INTEGRATION_CONNECTION_LOST' when ${isUnmanaged} then 'RESOURCE_UNMANAGED'
  when ${isLeft} then case when r.observed_at is null then 'PENDING_INITIAL_SCAN' else 'STALE_INVENTORY' end else r.reason end`
export const reasonDetail = sql<string | null>`case when not ${isOn} then null when ${isLost} then ${lostSince}
  when ${isUnmanaged} then ${unmanagedSince} when ${isLeft} then ${leftSince} else r.reason_detail end`
export const typeName = named('r.type', Object.fromEntries(resourceTypes.map((type) => [type, resourceTypeCode(type)])))
export const accountName = sql<string>`lpad(r.account_id::text, 12, '0')`
/** `AWS`, or null for what lies in no cloud. */
export const providerName = sql<
  string | null
>`case when ${isOf(['AWS_EC2_INSTANCE', 'AWS_ECR_CONTAINER_IMAGE', 'AWS_LAMBDA_FUNCTION'])} then 'AWS' end`
const ofProvider = (value: RawBuilder<unknown>) => sql`case when ${providerName} is not null then ${value} end`
export const providerAccount = ofProvider(accountName)
export const providerRegion = ofProvider(sql`r.region`)
export const repositoryName = resourceFact('ecr', 'repositoryName')

const fields: { readonly [C in CoverageCriterion]: Field<C> } = {
  scanStatusCode: text(statusName),
  scanStatusReason: text(reasonName),
  accountId: text(accountName),
  resourceId: text(sql`r.resource_id`),
  resourceType: text(typeName),
  scanType: text(sql`'PACKAGE'::text`),
  ecrRepositoryName: text(repositoryName),
  ecrImageTags: oneText(sql`jsonb_array_elements_text(coalesce(r.facts->'ecr'->'imageTags', '[]'))`),
  ec2InstanceTags: tagsOf(['AWS_EC2_INSTANCE']),
  lambdaFunctionName: text(resourceFact('lambda', 'functionName')),
  lambdaFunctionTags: tagsOf(['AWS_LAMBDA_FUNCTION']),
  lambdaFunctionRuntime: text(resourceFact('lambda', 'runtime')),
  lastScannedAt: date(sql`r.scanned_at`),
  scanMode: nowhere,
  imagePulledAt: nowhere,
  ecrImageLastInUseAt: date(sql`(${resourceFact('ecr', 'lastInUseAt')})::timestamptz`),
  ecrImageInUseCount: (filters) => numberIs(sql`(${resourceFact('ecr', 'inUseCount')})::numeric`, filters, 'numeric'),
  codeRepositoryProjectName: nowhere,
  codeRepositoryProviderType: nowhere,
  codeRepositoryProviderTypeVisibility: nowhere,
  lastScannedCommitId: nowhere,
  cloudProvider: text(providerName),
  cloudProviderAccountId: text(providerAccount),
  cloudProviderRegion: text(providerRegion),
  cloudVmInstanceTags: tagsOf(['AWS_EC2_INSTANCE', 'OPENINSPECTOR_HOST']),
  cloudContainerImageTags: oneText(imageTags),
  cloudContainerRepositoryName: oneText(imageRepositories),
  cloudContainerRegistryName: oneText(imageRegistries),
  cloudServerlessFunctionName: text(resourceFact('lambda', 'functionName')),
  cloudServerlessFunctionRuntime: text(resourceFact('lambda', 'runtime')),
  cloudServerlessFunctionTags: tagsOf(['AWS_LAMBDA_FUNCTION']),
  cloudProviderOrgId: nowhere,
}

const Moment = z.union([z.date(), z.iso.datetime({ offset: true }).transform((iso) => new Date(iso))])
const entries = {
  string: z.object({ comparison: z.enum(['EQUALS', 'NOT_EQUALS']), value: z.string().max(1024) }),
  map: z.object({ comparison: z.literal('EQUALS'), key: z.string().min(1), value: z.string().optional() }),
  date: z.object({ startInclusive: Moment.optional(), endInclusive: Moment.optional() }),
  number: z.object({ lowerInclusive: z.number().optional(), upperInclusive: z.number().optional() }),
} as const satisfies Record<keyof CoverageKinds, z.ZodType>
const Criteria = z.strictObject(
  Object.fromEntries(
    Object.entries(coverageCriterionKinds).map(([name, kind]) => [name, z.array<z.ZodType>(entries[kind]).min(1).max(10).optional()]),
  ),
)

/** Criteria as a condition over the alias `r` (resource). Throws AppError `invalid` naming what is not understood. */
export function coverageConditionOf(criteria: CoverageFilterCriteria): Condition {
  const read = Criteria.safeParse(criteria)
  if (!read.success) {
    const [issue] = read.error.issues
    const where = ['filterCriteria', ...(issue?.path ?? [])].join('.')
    throw new AppError('invalid', `${where}: ${issue?.message ?? 'not understood'}`, { details: { field: where } })
  }
  const given = Object.entries(read.data).filter(([, filters]) => filters !== undefined)
  return allOf(given.map(([name, filters]) => (fields[name as CoverageCriterion] as (filters: unknown) => Condition)(filters)))
}
