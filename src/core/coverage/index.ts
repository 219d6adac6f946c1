export { coverageConditionOf } from './coverage-criteria.ts'
export {
  type CoverageGroupKey,
  type CoverageRequest,
  coverageOf,
  coverageStatistics,
  listCoverage,
  type ResourceReport,
} from './coverage.ts'
export { coverageCriterionKinds, type CoverageFilterCriteria, type CoveredResource, type KnowledgeState } from './coverage-types.ts'
export { type FeedAge, type Knowledge, knowledgeState, type Limits } from './knowledge-state.ts'
export { whyOf } from './why.ts'
