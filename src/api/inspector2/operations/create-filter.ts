import { createFilter as store } from '../../../core/policy/index.ts'
import { operation } from '../operation.ts'
import { criteriaOf } from '../to-wire.ts'

export const createFilter = operation('CreateFilter', async (input, { region, scope, join, db }) => {
  const { name = '', action = 'NONE', filterCriteria, description, reason, tags } = input
  const criteria = criteriaOf(filterCriteria) ?? {}
  const { arn } = await db
    .transaction()
    .execute((trx) => store(trx, join, scope, { region, name, action, criteria, description, reason, tags }))
  return { arn }
})
