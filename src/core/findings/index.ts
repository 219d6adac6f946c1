export { aggregateFindings, type AggregationsRequest } from './aggregate.ts'
export {
  type AggregationRequest,
  type AggregationResponse,
  type AggregationType,
  type SeverityCounts,
} from './aggregate-types.ts'
export { criteriaFromJson, criteriaText } from './criteria.ts'
export { criteriaSentence } from './criteria-words.ts'
export { type Condition, allOf, dateIs, mapHas, never, numberIs, oneTextIs, textIs } from './criteria-terms.ts'
export {
  type Criterion,
  type DateFilter,
  type FilterCriteria,
  type MapFilter,
  type NumberFilter,
  type StringFilter,
} from './criteria-types.ts'
export { type FindingEvent, findingHistory, findingWithEvidence } from './details.ts'
export { batchFindingDetails, type FindingDetail, type FindingDetailsError } from './details-batch.ts'
export { partitionOf } from './finding-arn.ts'
export { countFindings, type FindingsRequest, pageOfFindings } from './page.ts'
export { resourcesOf } from './page-look.ts'
export type { SortCriteria, SortField } from './page-sort.ts'
export { keyOfToken, pageToken } from './page-token.ts'
export { detailsOf } from './present-resource.ts'
export type { Finding } from './present-types.ts'
export { searchVulnerability, type VulnerabilityRecord } from './search-vulnerabilities.ts'
export { imageRegistries, imageRepositories, imageTags, resourceFact } from './stored.ts'
export { countsOf, type FindingsSummary, summarizeFindings } from './summary.ts'
export { coveredResource } from './covered.ts'
export { fanOut } from './fanout.ts'
export { fanoutJob, type Join, refreshJob, settleJob } from './join.ts'
export { judgeComponents, type StoredComponent } from './judge-components.ts'
export { pendingWork } from './pending.ts'
export { expectedIssues, refreshInventory, refreshStale } from './refresh.ts'
export { applyRetention } from './retention.ts'
export { tallied } from './settle.ts'
export { lockForSettling, settleLocked, settleSwitched, switchResources } from './settle-resources.ts'
export { suppressedBy } from './suppression.ts'
export { markProbable, markTouched } from './touched.ts'
export { describeWeaknesses, type Weakness, weaknessesIn } from './vulnerabilities.ts'
export { joinJobs, workJoin } from './work.ts'
