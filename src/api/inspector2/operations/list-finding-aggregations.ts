import { aggregateFindings } from '../../../core/findings/index.ts'
import { operation } from '../operation.ts'
import { aggregationsOf, aggregationToWire } from '../to-wire.ts'

export const listFindingAggregations = operation('ListFindingAggregations', async (input, { scope, reads }) => {
  const request = aggregationsOf(input)
  const page = await aggregateFindings(reads, scope, request)
  return { aggregationType: request.aggregationType, responses: page.items.map(aggregationToWire), nextToken: page.after }
})
