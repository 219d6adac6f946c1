import type { FilterCriteria, StringFilter } from '../src/core/findings/criteria-types.ts'
import type { SortCriteria } from '../src/core/findings/page-sort.ts'
import type { Scope } from '../src/model/scope.ts'
import type { SampleFinding, SampleFleet, SamplePackage, SampleResource } from './sample-fleet.ts'

/** What lists of findings should answer, said a second time in memory: independent of the SQL it judges. */

const statuses = ['', 'ACTIVE', 'SUPPRESSED', 'CLOSED', 'MERGED']
const severities = ['UNTRIAGED', 'INFORMATIONAL', 'LOW', 'MEDIUM', 'HIGH', 'CRITICAL']
const types = [
  '',
  'AWS_EC2_INSTANCE',
  'AWS_ECR_CONTAINER_IMAGE',
  'AWS_LAMBDA_FUNCTION',
  'CODE_REPOSITORY',
  'OPENINSPECTOR_HOST',
  'OPENINSPECTOR_CONTAINER_IMAGE',
]

export type Whole = ReturnType<typeof whole>
export function whole(fleet: SampleFleet, finding: SampleFinding) {
  const resource = fleet.resources[finding.resource - 1] as SampleResource
  const issue = fleet.issues[finding.issue - 1] as SampleFleet['issues'][number]
  const vulnerability = fleet.vulnerabilities[issue.vulnerability - 1] as SampleFleet['vulnerabilities'][number]
  return {
    ...finding,
    resource,
    issue,
    vulnerability,
    hex: finding.id.replaceAll('-', ''),
    last: (finding.status === 3 ? finding.closedAt : resource.observedAt) ?? '',
  }
}

/** Findings a caller sees and the criteria match. */
export function matching(fleet: SampleFleet, scope: Scope, criteria: FilterCriteria): readonly Whole[] {
  return fleet.findings
    .map((finding) => whole(fleet, finding))
    .filter(
      (one) =>
        one.status !== 4 &&
        (scope.accounts === 'all' || scope.accounts.includes(one.resource.account)) &&
        (scope.regions === 'all' || scope.regions.includes(one.resource.region)) &&
        Object.entries(criteria).every(([name, filters]) => filters === undefined || holds(one, name, filters)),
    )
}

/** Their ids in order. */
export function ordered(fleet: SampleFleet, found: readonly Whole[], { field, sortOrder }: SortCriteria): string[] {
  const by = (left: Whole, right: Whole): number => {
    const [a, b] = [keyOf(left, field), keyOf(right, field)]
    for (let at = 0; at < a.length; at++) {
      const [x, y] = [a[at] ?? 0, b[at] ?? 0]
      if (x !== y) return x < y ? -1 : 1
    }
    return 0
  }
  const sorted = [...found].sort(by)
  return (sortOrder === 'DESC' ? sorted.reverse() : sorted).map(({ hex }) => hex)
}

function keyOf(one: Whole, field: SortCriteria['field']): readonly (string | number)[] {
  const ecr = (name: string) => String((one.resource.facts.ecr as Record<string, unknown> | undefined)?.[name] ?? '')
  const resource = (value: string | number) => [value, one.resource.id, one.n]
  const issue = (value: string | number) => [value, one.issue.id, one.n]
  switch (field) {
    case 'AWS_ACCOUNT_ID':
      return resource(Number(one.resource.account))
    case 'RESOURCE_TYPE':
      return resource(one.resource.type)
    case 'RESOURCE_ID':
      return resource(one.resource.name)
    case 'ECR_IMAGE_PUSHED_AT':
      return resource(ecr('pushedAt'))
    case 'ECR_IMAGE_REGISTRY':
      return resource(ecr('registry'))
    case 'ECR_IMAGE_REPOSITORY_NAME':
      return resource(ecr('repositoryName'))
    case 'LAST_OBSERVED_AT':
      return resource(one.last)
    case 'COMPONENT_TYPE':
      return issue(one.issue.packages[0]?.type ?? '')
    case 'EPSS_SCORE':
      return issue(one.vulnerability.epss)
    case 'FINDING_TYPE':
      return issue(1)
    case 'VENDOR_SEVERITY':
      return issue(one.vulnerability.vendorSeverity ?? '')
    case 'VULNERABILITY_ID':
      return issue(one.vulnerability.name)
    case 'VULNERABILITY_SOURCE':
      return issue(one.vulnerability.source)
    case 'FINDING_STATUS':
      return [one.status, one.severity, one.score, one.n]
    case 'INSPECTOR_SCORE':
      return [one.score, one.severity, one.n]
    case 'FIRST_OBSERVED_AT':
      return [one.firstObservedAt, one.n]
    case 'SEVERITY':
    case 'NETWORK_PROTOCOL':
      return [one.severity, one.score, one.n]
  }
}

type Values = readonly (string | null | undefined)[]
function text(values: Values, filters: readonly StringFilter[]): boolean {
  const known = values.filter((value) => typeof value === 'string')
  const positive = filters.filter(({ comparison }) => comparison !== 'NOT_EQUALS')
  const fits = ({ comparison, value }: StringFilter) =>
    known.some((one) => (comparison === 'PREFIX' ? one.startsWith(value) : one === value))
  return (
    (positive.length === 0 || positive.some(fits)) &&
    filters.every(({ comparison, value }) => comparison !== 'NOT_EQUALS' || !known.includes(value))
  )
}
const number = (
  value: number | undefined,
  filters: readonly { lowerInclusive?: number | undefined; upperInclusive?: number | undefined }[],
) =>
  value !== undefined &&
  filters.some(
    ({ lowerInclusive: low, upperInclusive: high }) => (low === undefined || value >= low) && (high === undefined || value <= high),
  )
const date = (value: string | undefined, filters: readonly { startInclusive?: Date | undefined; endInclusive?: Date | undefined }[]) =>
  value !== undefined &&
  filters.some(
    ({ startInclusive: from, endInclusive: to }) =>
      (from === undefined || value >= from.toISOString()) && (to === undefined || value <= to.toISOString()),
  )

// oxlint-disable-next-line typescript/no-explicit-any -- the entries' kind depends on the criterion's name
function holds(one: Whole, name: string, filters: readonly any[]): boolean {
  const { resource, issue, vulnerability } = one
  // oxlint-disable-next-line typescript/no-explicit-any -- facts are of many shapes
  const facts = resource.facts as Record<string, any>
  switch (name) {
    case 'findingArn':
      return text([`arn:aws:inspector2:${resource.region}:${resource.account}:finding/${one.hex}`], filters)
    case 'awsAccountId':
      return text([resource.account], filters)
    case 'findingType':
      return text(['PACKAGE_VULNERABILITY'], filters)
    case 'severity':
      return text([severities[one.severity]], filters)
    case 'firstObservedAt':
      return date(one.firstObservedAt, filters)
    case 'lastObservedAt':
      return date(one.last, filters)
    case 'updatedAt':
      return date(one.updatedAt, filters)
    case 'findingStatus':
      return text([statuses[one.status]], filters)
    case 'title':
      return text([issue.title], filters)
    case 'inspectorScore':
      return number(one.score === 0 && severities[one.severity] !== 'INFORMATIONAL' ? undefined : one.score / 10, filters)
    case 'resourceType':
      return text([types[resource.type]], filters)
    case 'resourceId':
      return text([resource.name], filters)
    case 'resourceTags':
      return filters.some(({ key, value }) => key in resource.tags && (value === undefined || resource.tags[key] === value))
    case 'ec2InstanceVpcId':
      return text([facts.ec2?.vpcId], filters)
    case 'ecrImageTags':
      return text(facts.ecr?.imageTags ?? [], filters)
    case 'ecrImagePushedAt':
      return date(facts.ecr?.pushedAt, filters)
    case 'ecrImageInUseCount':
      return number(facts.ecr?.inUseCount, filters)
    case 'networkProtocol':
      return false
    case 'componentId':
      return text(
        issue.packages.map(({ purl }) => purl),
        filters,
      )
    case 'componentType':
      return text(
        issue.packages.map(({ type }) => type),
        filters,
      )
    case 'vulnerabilityId':
      return vulnerabilityId([vulnerability.name], [vulnerability.name, ...vulnerability.aliases], filters)
    case 'vulnerabilitySource':
      return text([vulnerability.source], filters)
    case 'vendorSeverity':
      return text([vulnerability.vendorSeverity], filters)
    case 'vulnerablePackages':
      return filters.some((filter) => issue.packages.some((held) => isPackage(resource, held, filter)))
    case 'relatedVulnerabilities':
      return text(vulnerability.related, filters)
    case 'fixAvailable':
      return text([['NO', 'PARTIAL', 'YES'][issue.fix]], filters)
    case 'lambdaFunctionName':
      return text([facts.lambda?.functionName], filters)
    case 'lambdaFunctionLayers':
      return text(facts.lambda?.layers ?? [], filters)
    case 'exploitAvailable':
      return text([issue.exploit ? 'YES' : 'NO'], filters)
    case 'epssScore':
      return number(
        vulnerability.epss < 0 ? undefined : Math.fround(vulnerability.epss),
        filters.map(({ lowerInclusive: low, upperInclusive: high }) => ({
          lowerInclusive: low === undefined ? low : Math.fround(low),
          upperInclusive: high === undefined ? high : Math.fround(high),
        })),
      )
    case 'cloudProvider':
      return text([resource.type <= 3 ? 'AWS' : null], filters)
    case 'cloudImageRepositoryName':
      return text(facts.imageNames ? ['team/app', 'debian'] : [facts.ecr?.repositoryName], filters)
    case 'cloudImageRegistry':
      return text(facts.imageNames ? ['registry.example:5000'] : [facts.ecr?.registry], filters)
    case 'cloudImageTags':
      return text(facts.imageNames ? ['1.2', '12'] : (facts.ecr?.imageTags ?? []), filters)
    case 'cloudImageDigest':
      return text([facts.ecr?.imageHash ?? facts.imageDigest], filters)
    case 'text':
      return [[issue.title], issue.packages.flatMap((held) => [held.name, held.source?.name])].some((values) => text(values, filters))
    default:
      throw new Error(`the oracle does not know ${name}`)
  }
}

const vulnerabilityId = (shown: Values, all: Values, filters: readonly StringFilter[]): boolean =>
  text(
    shown,
    filters.filter(({ comparison }) => comparison === 'NOT_EQUALS'),
  ) &&
  (filters.every(({ comparison }) => comparison === 'NOT_EQUALS') ||
    filters.some(({ comparison, value }) =>
      comparison === 'EQUALS' ? all.includes(value) : comparison === 'PREFIX' && text(shown, [{ comparison, value }]),
    ))

// oxlint-disable-next-line typescript/no-explicit-any -- a package filter's members are of different kinds
function isPackage(resource: SampleResource, held: SamplePackage, filter: any): boolean {
  const [, epoch = '0', rest = ''] = /^(?:(\d+):)?(.*)$/.exec(held.version) ?? []
  const system = held.type === 'deb'
  const [version, release] = system
    ? rest.includes('-')
      ? [rest.slice(0, rest.lastIndexOf('-')), rest.slice(rest.lastIndexOf('-') + 1)]
      : [rest, undefined]
    : [held.version, undefined]
  const names = [held.name, held.source?.name]
  const wants = (value: Values, one: StringFilter | undefined) => one === undefined || text(value, [one])
  const places = resource.places.filter(({ component }) => component === held.componentId)
  return (
    wants(names, filter.name) &&
    wants([version], filter.version) &&
    (filter.epoch === undefined || number(system ? Number(epoch) : undefined, [filter.epoch])) &&
    wants([release], filter.release) &&
    wants([held.arch], filter.architecture) &&
    ((filter.filePath === undefined && filter.sourceLayerHash === undefined) ||
      places.some(({ path, layer }) => wants([path], filter.filePath) && wants([layer], filter.sourceLayerHash)))
  )
}
