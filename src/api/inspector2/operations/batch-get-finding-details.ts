import { batchFindingDetails } from '../../../core/findings/index.ts'
import { operation } from '../operation.ts'
import { findingDetailToWire } from '../to-wire.ts'

export const batchGetFindingDetails = operation('BatchGetFindingDetails', async ({ findingArns = [] }, { scope, reads }) => {
  const { findingDetails, errors } = await batchFindingDetails(reads, scope, findingArns)
  return { findingDetails: findingDetails.map(findingDetailToWire), errors: [...errors] }
})
