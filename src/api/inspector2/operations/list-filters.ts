import { listFilters as pageOfFilters } from '../../../core/policy/index.ts'
import { operation } from '../operation.ts'
import { filterToWire } from '../to-wire.ts'

export const listFilters = operation('ListFilters', async ({ arns, action, maxResults, nextToken }, { scope, reads }) => {
  const page = await pageOfFilters(reads, scope, { arns, action, limit: maxResults, after: nextToken })
  return { filters: page.items.map(filterToWire), nextToken: page.after }
})
