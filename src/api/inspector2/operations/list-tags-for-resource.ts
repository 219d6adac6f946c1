import { tagsOf } from '../../../core/tags/index.ts'
import { operation } from '../operation.ts'

export const listTagsForResource = operation('ListTagsForResource', async ({ resourceArn = '' }, { scope, reads }) => ({
  tags: { ...(await tagsOf(reads, scope, resourceArn)) },
}))
