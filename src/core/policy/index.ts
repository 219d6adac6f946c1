export { applyPolicies, policyJob } from './apply.ts'
export {
  createFilter,
  deleteFilter,
  type Filter,
  type FilterAction,
  type FilterChange,
  filterOf,
  listFilters,
  type NewFilter,
  updateFilter,
} from './filters.ts'
