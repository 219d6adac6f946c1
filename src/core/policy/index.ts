export { applyPolicies, policyJob } from './apply.ts'
export { hiddenBy, reachOfRule } from './hidden.ts'
export {
  checkFilter,
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
