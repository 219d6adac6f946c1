import { record } from '../../../core/audit/index.ts'
import { removeTags, tagsOf } from '../../../core/tags/index.ts'
import { operation } from '../operation.ts'

export const untagResource = operation('UntagResource', async ({ resourceArn = '', tagKeys = [] }, { caller, scope, db, now }) => {
  await db.transaction().execute(async (trx) => {
    const before = await tagsOf(trx, scope, resourceArn)
    await removeTags(trx, scope, resourceArn, tagKeys)
    const after = await tagsOf(trx, scope, resourceArn)
    await record(trx, { at: now(), principal: caller.name, action: 'UntagResource', object: resourceArn, before, after })
  })
  return {}
})
