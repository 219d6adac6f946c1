import { batchFindingDetails } from '../../../core/findings/index.ts'
import { operation } from '../operation.ts'
import { findingDetailToWire } from '../to-wire.ts'

export const batchGetFindingDetails = operation('BatchGetFindingDetails', async ({ findingArns = [] }, { scope, db }) => {
  const { findingDetails, errors } = await batchFindingDetails(db, scope, findingArns)
  return { findingDetails: findingDetails.map(findingDetailToWire), errors: [...errors] }
})
