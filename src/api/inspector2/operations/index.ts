import type { Operation } from '../operation.ts'
import { batchGetAccountStatus } from './batch-get-account-status.ts'
import { batchGetFindingDetails } from './batch-get-finding-details.ts'
import { createFilter } from './create-filter.ts'
import { deleteFilter } from './delete-filter.ts'
import { disable } from './disable.ts'
import { enable } from './enable.ts'
import { listAccountPermissions } from './list-account-permissions.ts'
import { listCoverageStatistics } from './list-coverage-statistics.ts'
import { listCoverage } from './list-coverage.ts'
import { listFilters } from './list-filters.ts'
import { listFindingAggregations } from './list-finding-aggregations.ts'
import { listFindings } from './list-findings.ts'
import { listTagsForResource } from './list-tags-for-resource.ts'
import { searchVulnerabilities } from './search-vulnerabilities.ts'
import { tagResource } from './tag-resource.ts'
import { untagResource } from './untag-resource.ts'
import { updateFilter } from './update-filter.ts'

/** The operations we answer. Every other one of the service is told to be unsupported. */
export const operations: readonly Operation[] = [
  batchGetAccountStatus,
  batchGetFindingDetails,
  createFilter,
  deleteFilter,
  disable,
  enable,
  listAccountPermissions,
  listCoverageStatistics,
  listCoverage,
  listFilters,
  listFindingAggregations,
  listFindings,
  listTagsForResource,
  searchVulnerabilities,
  tagResource,
  untagResource,
  updateFilter,
]
