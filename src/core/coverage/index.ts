export {
  type CoverageGroupKey,
  type CoverageRequest,
  checkCovered,
  coverageOf,
  coverageStatistics,
  listCoverage,
  type ResourceReport,
  scannedSystems,
} from './coverage.ts'
export { heldInventory } from './held-inventory.ts'
export type { CoverageFilterCriteria, CoveredResource, KnowledgeState } from './coverage-types.ts'
export { type FeedAge, type Knowledge, knowledgeState, type Limits } from './knowledge-state.ts'
