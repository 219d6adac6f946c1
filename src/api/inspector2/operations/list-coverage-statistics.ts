import { coverageStatistics } from '../../../core/coverage/index.ts'
import { operation } from '../operation.ts'
import { countsToWire, coverageCriteriaOf } from '../to-wire.ts'

export const listCoverageStatistics = operation(
  'ListCoverageStatistics',
  async ({ filterCriteria, groupBy, nextToken }, { scope, reads }) => {
    const request = { criteria: coverageCriteriaOf(filterCriteria), groupBy, after: nextToken }
    const { totalCounts, countsByGroup, after } = await coverageStatistics(reads, scope, request)
    return { totalCounts, countsByGroup: groupBy === undefined ? undefined : countsByGroup.map(countsToWire), nextToken: after }
  },
)
