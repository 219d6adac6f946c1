import type * as wire from '@aws-sdk/client-inspector2'
import type { CoveredResource, CoverageFilterCriteria } from '../../core/coverage/index.ts'
import type {
  AggregationResponse,
  AggregationsRequest,
  FilterCriteria,
  Finding,
  FindingDetail,
  FindingsRequest,
  VulnerabilityRecord,
} from '../../core/findings/index.ts'
import type { Filter } from '../../core/policy/index.ts'

/*
 * Core speaks in the service's own member names, so most shapes pass as they are: the serializer writes members of the model
 * only, and ours beside them (a finding's `id`, a resource's `arn`) stay here. Words beyond the model's enumerations
 * (`OPENINSPECTOR_HOST`) are passed on. The client's types let every member be undefined, hence the casts: requests have
 * passed the checks of limits.ts, where required members are there.
 */
export const criteriaOf = (criteria: wire.FilterCriteria | undefined): FilterCriteria | undefined => criteria as FilterCriteria | undefined
export const sortOf = (sort: wire.SortCriteria | undefined): FindingsRequest['sort'] => sort as FindingsRequest['sort']
export const aggregationsOf = ({ maxResults, nextToken, ...asked }: wire.ListFindingAggregationsRequest): AggregationsRequest =>
  ({ ...asked, limit: maxResults, after: nextToken }) as unknown as AggregationsRequest

export const coverageCriteriaOf = (criteria: wire.CoverageFilterCriteria | undefined): CoverageFilterCriteria | undefined =>
  criteria as CoverageFilterCriteria | undefined

export const findingToWire = (finding: Finding): wire.Finding => finding as unknown as wire.Finding
export const aggregationToWire = (response: AggregationResponse): wire.AggregationResponse =>
  response as unknown as wire.AggregationResponse
export const findingDetailToWire = (detail: FindingDetail): wire.FindingDetail => detail as unknown as wire.FindingDetail
export const vulnerabilityToWire = (found: VulnerabilityRecord): wire.Vulnerability => found as unknown as wire.Vulnerability
export const filterToWire = (filter: Filter): wire.Filter => filter as unknown as wire.Filter
export const coveredResourceToWire = (resource: CoveredResource): wire.CoveredResource => resource as unknown as wire.CoveredResource
/** `groupKey` is the group's value, as the real service answers, though the model calls it the name of the key. */
export const countsToWire = (counts: { readonly groupKey: string; readonly count: number }): wire.Counts => counts as unknown as wire.Counts
