import { pageOfFindings } from '../../../core/findings/index.ts'
import { operation } from '../operation.ts'
import { criteriaOf, findingToWire, sortOf } from '../to-wire.ts'

export const listFindings = operation('ListFindings', async ({ filterCriteria, sortCriteria, maxResults, nextToken }, { scope, reads }) => {
  const page = await pageOfFindings(reads, scope, {
    criteria: criteriaOf(filterCriteria),
    sort: sortOf(sortCriteria),
    limit: maxResults,
    after: nextToken,
  })
  return { findings: page.items.map(findingToWire), nextToken: page.after }
})
