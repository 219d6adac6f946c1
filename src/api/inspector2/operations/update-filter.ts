import { type FilterChange, updateFilter as store } from '../../../core/policy/index.ts'
import { operation } from '../operation.ts'
import { criteriaOf } from '../to-wire.ts'

export const updateFilter = operation('UpdateFilter', async (input, { scope, join, db }) => {
  const { filterArn = '', filterCriteria, name, action, description, reason } = input
  const change = { criteria: criteriaOf(filterCriteria), name, action, description, reason } as FilterChange
  const { arn } = await db.transaction().execute((trx) => store(trx, join, scope, filterArn, change))
  return { arn }
})
