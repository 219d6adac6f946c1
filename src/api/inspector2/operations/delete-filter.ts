import { deleteFilter as remove } from '../../../core/policy/index.ts'
import { operation } from '../operation.ts'

export const deleteFilter = operation('DeleteFilter', async ({ arn = '' }, { scope, join, db }) => {
  await db.transaction().execute((trx) => remove(trx, join, scope, arn))
  return { arn }
})
