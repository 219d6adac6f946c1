import { type RawBuilder, sql } from 'kysely'
import { findingStatus, fixState, issueKind, severities } from '../../model/finding.ts'
import { resourceTypes } from '../../model/resource.ts'
import { resourceTypeCode, severityCode } from '../../store/codes.ts'
import { findingArnText, parseFindingArn } from './finding-arn.ts'
import {
  type Condition,
  admitted,
  allOf,
  anyOf,
  codeIs,
  dateIs,
  mapHas,
  never,
  numberIs,
  oneTextIs,
  tenths,
  textIs,
} from './criteria-terms.ts'
import type { Criterion, FilterKinds, PackageFilter, StringFilter, criterionKinds } from './criteria-types.ts'
import {
  imageRegistries,
  imageRepositories,
  imageTags,
  packageEpoch,
  packageRelease,
  packageVersion,
  resourceFact,
  resourceFacts,
} from './stored.ts'

/** What a condition looks at: `f` the finding, `r` its resource, `i` its issue with the vulnerability `v`. */
export type Subject = 'finding' | 'resource' | 'issue'
type Field<C extends Criterion> = {
  readonly of: readonly Subject[] | ((filters: readonly FilterKinds[(typeof criterionKinds)[C]][]) => readonly Subject[])
  readonly where: (filters: readonly FilterKinds[(typeof criterionKinds)[C]][]) => Condition
}

const text = (
  of: Subject,
  value: RawBuilder<unknown>,
): { of: readonly Subject[]; where: (filters: readonly StringFilter[]) => Condition } => ({
  of: [of],
  where: (filters) => textIs(value, filters),
})
const oneText = (
  of: Subject,
  rows: RawBuilder<unknown>,
): { of: readonly Subject[]; where: (filters: readonly StringFilter[]) => Condition } => ({
  of: [of],
  where: (filters) => oneTextIs(rows, filters),
})
/** Facts that no collector can have brought yet: the criterion is understood, and nothing has it. */
const nowhere = { of: [] as readonly Subject[], where: () => never }

const shownStatuses = ['ACTIVE', 'SUPPRESSED', 'CLOSED'] as const
export const statusCodes = (filters: readonly StringFilter[] | undefined): readonly number[] =>
  admitted(shownStatuses, filters).map((status) => findingStatus[status])
export const severityCodes = (filters: readonly StringFilter[] | undefined): readonly number[] =>
  admitted(severities, filters).map(severityCode)
export const resourceTypeCodes = (filters: readonly StringFilter[] | undefined): readonly number[] =>
  admitted(resourceTypes, filters).map(resourceTypeCode)
export const kindCodes = (filters: readonly StringFilter[] | undefined): readonly number[] =>
  admitted(Object.keys(issueKind) as (keyof typeof issueKind)[], filters).map((kind) => issueKind[kind])

/** When a finding was last seen: its resource's last observation while open, the moment it closed afterwards. */
export const lastObservedAt = sql<Date>`case f.status when ${sql.lit(findingStatus.CLOSED)} then f.closed_at else r.observed_at end`
const yesNo = (value: Condition) => ({
  of: ['issue'] as const,
  where: (filters: readonly StringFilter[]) => {
    const names = admitted(['YES', 'NO'], filters)
    if (names.length === 2) return allOf([])
    return names[0] === 'YES' ? value : names[0] === 'NO' ? sql<boolean>`not ${value}` : never
  },
})
const fact = (block: 'ec2' | 'ecr' | 'lambda', name: string) => resourceFact(block, name)
const factDate = (block: 'ecr' | 'lambda', name: string) => ({
  of: ['resource'] as const,
  where: (filters: Parameters<typeof dateIs>[1]) => dateIs(sql`(${fact(block, name)})::timestamptz`, filters),
})
const inUseCount = {
  of: ['resource'] as const,
  where: (filters: Parameters<typeof numberIs>[1]) => numberIs(sql`(${fact('ecr', 'inUseCount')})::numeric`, filters, 'numeric'),
}
const architecture = text('resource', sql`coalesce(${fact('ecr', 'architecture')}, r.facts->>'arch')`)
const digest = text('resource', sql`coalesce(${fact('ecr', 'imageHash')}, r.facts->>'imageDigest')`)
const provider = sql`case when r.type <= ${sql.lit(resourceTypeCode('AWS_LAMBDA_FUNCTION'))} then 'AWS' end`

/** How each criterion is asked of the store. */
export const fields: { readonly [C in Criterion]: Field<C> } = {
  findingArn: {
    of: ['finding', 'resource'],
    where: (filters) => {
      const wanted = filters.filter(({ comparison }) => comparison === 'EQUALS')
      const ids = wanted.flatMap(({ value }) => parseFindingArn(value)?.id ?? [])
      const exact = wanted.length === filters.length
      return allOf([...(exact ? [sql<boolean>`f.id = any(${ids}::uuid[])`] : []), textIs(findingArnText, filters)])
    },
  },
  awsAccountId: {
    of: ['resource'],
    where: (filters) =>
      filters.every(({ comparison }) => comparison === 'EQUALS')
        ? sql<boolean>`r.account_id = any(${filters.map(({ value }) => value).filter((value) => /^\d{12}$/.test(value))}::bigint[])`
        : textIs(sql`lpad(r.account_id::text, 12, '0')`, filters),
  },
  findingType: { of: ['issue'], where: (filters) => codeIs(sql`i.kind`, kindCodes(filters)) },
  severity: { of: ['finding'], where: (filters) => codeIs(sql`f.severity`, severityCodes(filters)) },
  firstObservedAt: { of: ['finding'], where: (filters) => dateIs(sql`f.first_observed_at`, filters) },
  lastObservedAt: { of: ['finding', 'resource'], where: (filters) => dateIs(lastObservedAt, filters) },
  updatedAt: { of: ['finding'], where: (filters) => dateIs(sql`f.updated_at`, filters) },
  findingStatus: { of: ['finding'], where: (filters) => codeIs(sql`f.status`, statusCodes(filters)) },
  title: text('issue', sql`i.title`),
  inspectorScore: {
    of: ['finding'],
    // A score of 0 is the absence of one, which lies in no range, but of what is harmless.
    where: (filters) =>
      allOf([
        sql<boolean>`(f.score > 0 or f.severity = ${severityCode('INFORMATIONAL')}::smallint)`,
        anyOf(tenths(filters).map(({ low, high }) => sql<boolean>`f.score between ${low}::smallint and ${high}::smallint`)),
      ]),
  },
  resourceType: { of: ['resource'], where: (filters) => codeIs(sql`r.type`, resourceTypeCodes(filters)) },
  resourceId: text('resource', sql`r.resource_id`),
  resourceTags: { of: ['resource'], where: (filters) => mapHas(sql`r.tags`, filters) },
  ec2InstanceImageId: text('resource', fact('ec2', 'imageId')),
  ec2InstanceVpcId: text('resource', fact('ec2', 'vpcId')),
  ec2InstanceSubnetId: text('resource', fact('ec2', 'subnetId')),
  ecrImagePushedAt: factDate('ecr', 'pushedAt'),
  ecrImageArchitecture: text('resource', fact('ecr', 'architecture')),
  ecrImageRegistry: text('resource', fact('ecr', 'registry')),
  ecrImageRepositoryName: text('resource', fact('ecr', 'repositoryName')),
  ecrImageTags: oneText('resource', resourceFacts('ecr', 'imageTags')),
  ecrImageHash: text('resource', fact('ecr', 'imageHash')),
  ecrImageLastInUseAt: factDate('ecr', 'lastInUseAt'),
  ecrImageInUseCount: inUseCount,
  portRange: nowhere,
  networkProtocol: nowhere,
  componentId: oneText('issue', sql`(select p->>'purl' from jsonb_array_elements(i.packages) p)`),
  componentType: oneText('issue', sql`(select p->>'type' from jsonb_array_elements(i.packages) p)`),
  vulnerabilityId: {
    of: ['issue'],
    where: (filters) => {
      const names = (comparison: StringFilter['comparison']) => filters.filter((filter) => filter.comparison === comparison)
      const known = (values: readonly StringFilter[]) =>
        sql<boolean>`v.id in (select vulnerability_id from vulnerability_name where name = any(${values.map(({ value }) => value)}::text[]))`
      // Any of its names will do: a GHSA id finds what is shown under its CVE id.
      const wanted = [
        ...(names('EQUALS').length > 0 ? [known(names('EQUALS')), textIs(sql`v.name`, names('EQUALS'))] : []),
        ...(names('PREFIX').length > 0 ? [textIs(sql`v.name`, names('PREFIX'))] : []),
      ]
      return allOf([...(wanted.length > 0 ? [anyOf(wanted)] : []), textIs(sql`v.name`, names('NOT_EQUALS'))])
    },
  },
  vulnerabilitySource: text('issue', sql`v.source`),
  vendorSeverity: text('issue', sql`v.vendor_severity`),
  vulnerablePackages: {
    of: (filters) =>
      filters.some(({ filePath, sourceLayerHash }) => filePath !== undefined || sourceLayerHash !== undefined)
        ? ['issue', 'resource']
        : ['issue'],
    where: (filters) => anyOf(filters.map(hasPackage)),
  },
  relatedVulnerabilities: oneText('issue', sql`jsonb_array_elements_text(coalesce(v.facts->'related', '[]'))`),
  fixAvailable: {
    of: ['issue'],
    where: (filters) =>
      codeIs(
        sql`i.fix`,
        admitted(['NO', 'PARTIAL', 'YES'] as const, filters).map((state) => fixState[state]),
      ),
  },
  lambdaFunctionName: text('resource', fact('lambda', 'functionName')),
  lambdaFunctionLayers: oneText('resource', resourceFacts('lambda', 'layers')),
  lambdaFunctionRuntime: text('resource', fact('lambda', 'runtime')),
  lambdaFunctionLastModifiedAt: factDate('lambda', 'lastModifiedAt'),
  lambdaFunctionExecutionRoleArn: text('resource', fact('lambda', 'executionRoleArn')),
  exploitAvailable: yesNo(sql<boolean>`i.exploit`),
  codeVulnerabilityDetectorName: nowhere,
  codeVulnerabilityDetectorTags: nowhere,
  codeVulnerabilityFilePath: nowhere,
  epssScore: {
    of: ['issue'],
    where: (filters) => allOf([sql<boolean>`v.epss >= 0`, numberIs(sql`v.epss`, filters, 'real')]),
  },
  codeRepositoryProjectName: nowhere,
  codeRepositoryProviderType: nowhere,
  cloudProvider: text('resource', provider),
  cloudProviderRegion: text('resource', sql`case when ${provider} is not null then r.region end`),
  cloudProviderAccountId: text('resource', sql`case when ${provider} is not null then lpad(r.account_id::text, 12, '0') end`),
  cloudProviderOrgId: nowhere,
  cloudVmImageReference: text('resource', fact('ec2', 'imageId')),
  cloudVmNetworkId: text('resource', fact('ec2', 'vpcId')),
  cloudVmSubnetIds: text('resource', fact('ec2', 'subnetId')),
  cloudImageRepositoryName: oneText('resource', imageRepositories),
  cloudImageRegistry: oneText('resource', imageRegistries),
  cloudImageDigest: digest,
  cloudImageTags: oneText('resource', imageTags),
  cloudImagePushedAt: factDate('ecr', 'pushedAt'),
  cloudImageArchitecture: architecture,
  cloudImageLastInUseAt: factDate('ecr', 'lastInUseAt'),
  cloudImageInUseCount: inUseCount,
  cloudServerlessFunctionName: text('resource', fact('lambda', 'functionName')),
  cloudServerlessFunctionRuntime: text('resource', fact('lambda', 'runtime')),
  cloudServerlessFunctionLastModifiedAt: factDate('lambda', 'lastModifiedAt'),
  cloudServerlessFunctionExecutionRole: text('resource', fact('lambda', 'executionRoleArn')),
  text: {
    of: ['issue'],
    where: (filters) => anyOf([textIs(sql`i.title`, filters), oneTextIs(sql`unnest(i.package_names)`, filters)]),
  },
}

/** One of the issue's packages has everything the filter names. A package answers to its own name and to its source package's. */
function hasPackage(filter: PackageFilter): Condition {
  if (filter.sourceLambdaLayerArn !== undefined) return never
  const of = (value: RawBuilder<unknown>, wanted: StringFilter | undefined) => (wanted === undefined ? [] : [textIs(value, [wanted])])
  const { name, epoch } = filter
  const places = [...of(sql`o.path`, filter.filePath), ...of(sql`o.layer`, filter.sourceLayerHash)]
  const own = [
    ...(name === undefined
      ? []
      : [(name.comparison === 'NOT_EQUALS' ? allOf : anyOf)([textIs(sql`p->>'name'`, [name]), textIs(sql`p->'source'->>'name'`, [name])])]),
    ...of(packageVersion, filter.version),
    ...(epoch === undefined ? [] : [numberIs(packageEpoch, [epoch], 'numeric')]),
    ...of(packageRelease, filter.release),
    ...of(sql`p->>'arch'`, filter.architecture),
    ...(places.length === 0
      ? []
      : [
          sql<boolean>`exists (select from occurrence o where o.inventory_id = r.inventory_id and o.component_id = (p->>'componentId')::int and ${allOf(places)})`,
        ]),
  ]
  return allOf([
    ...(name?.comparison === 'EQUALS' ? [sql<boolean>`i.package_names @> array[${name.value}::text]`] : []),
    sql<boolean>`exists (select from jsonb_array_elements(i.packages) p where ${allOf(own)})`,
  ])
}
