import { record } from '../../../core/audit/index.ts'
import { addTags, tagsOf } from '../../../core/tags/index.ts'
import { operation } from '../operation.ts'

export const tagResource = operation('TagResource', async ({ resourceArn = '', tags = {} }, { caller, scope, db, now }) => {
  await db.transaction().execute(async (trx) => {
    const before = await tagsOf(trx, scope, resourceArn)
    await addTags(trx, scope, resourceArn, tags)
    const after = await tagsOf(trx, scope, resourceArn)
    await record(trx, { at: now(), principal: caller.name, action: 'TagResource', object: resourceArn, before, after })
  })
  return {}
})
