import { pageOfFindings } from '../../../core/findings/index.ts'
import { operation } from '../operation.ts'
import { criteriaOf, findingToWire, sortOf } from '../to-wire.ts'

export const listFindings = operation('ListFindings', async ({ filterCriteria, sortCriteria, maxResults, nextToken }, { scope, db }) => {
  const page = await pageOfFindings(db, scope, {
    criteria: criteriaOf(filterCriteria),
    sort: sortOf(sortCriteria),
    limit: maxResults,
    after: nextToken,
  })
  return { findings: page.items.map(findingToWire), nextToken: page.after }
})
