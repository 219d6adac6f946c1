import type { FilterCriteria as WireCriteria, Finding as WireFinding, SortCriteria as WireSort } from '@aws-sdk/client-inspector2'
import type { FilterCriteria, Finding, FindingsRequest } from '../../core/findings/index.ts'

// The client's types let every member be undefined; requests have passed the checks of limits.ts, where required ones are there.
export const criteriaOf = (criteria: WireCriteria | undefined): FilterCriteria | undefined => criteria as FilterCriteria | undefined
export const sortOf = (sort: WireSort | undefined): FindingsRequest['sort'] => sort as FindingsRequest['sort']

/**
 * A finding as the service's model names it. The serializer writes members of the model only, so `id` and a resource's
 * `arn`, which are ours, stay here. Words beyond the model's enumerations (`OPENINSPECTOR_HOST`) are passed on.
 */
export const findingToWire = (finding: Finding): WireFinding => finding as unknown as WireFinding
