import { listCoverage as pageOfCoverage } from '../../../core/coverage/index.ts'
import { operation } from '../operation.ts'
import { coverageCriteriaOf, coveredResourceToWire } from '../to-wire.ts'

/** The service's rows have no place for what a resource was judged by; the answer's header tells it for all. */
const untold = { state: 'none', feeds: [], families: {} } as const

export const listCoverage = operation('ListCoverage', async ({ filterCriteria, maxResults, nextToken }, { scope, reads }) => {
  const request = { criteria: coverageCriteriaOf(filterCriteria), limit: maxResults, after: nextToken }
  const page = await pageOfCoverage(reads, scope, request, untold)
  return { coveredResources: page.items.map(coveredResourceToWire), nextToken: page.after }
})
