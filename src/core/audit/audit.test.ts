import { sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { databases, emptyDatabase, type TestStore } from '../../../test/database.ts'
import { record, verifyChain } from './index.ts'

const at = new Date('2026-03-01T10:00:00.123Z')
const entry = (object: string) => ({ at, principal: 'admin', action: 'filter.create', object })

describe.each(databases)('the audit chain on $name', ({ open }) => {
  let store: TestStore
  beforeAll(async () => void (store = await open()))
  afterAll(() => store.close())
  beforeEach(() => emptyDatabase(store.db))

  const three = (): Promise<void> =>
    store.db.transaction().execute(async (trx) => {
      await record(trx, entry('one'))
      await record(trx, {
        ...entry('two'),
        before: { zeta: 1, a: { nested: [1.5, 1e21, null, 'é\u2028'] }, at },
        after: { list: [], absent: undefined },
        why: 'because',
      })
      await record(trx, entry('three'))
    })

  it('is empty, then holds each row, whatever order the database keeps members in', async () => {
    expect(await verifyChain(store.db)).toEqual({ rows: 0, head: '00'.repeat(32) })
    await three()
    expect(await verifyChain(store.db)).toEqual({ rows: 3, head: expect.stringMatching(/^[0-9a-f]{64}$/) as string })
  })

  it.each([
    ['a changed value', "update audit set after = '{}' where id = 2", { rows: 1, id: 2, why: 'its content was changed' }],
    ['a changed name', "update audit set principal = 'eve' where id = 1", { rows: 0, id: 1, why: 'its content was changed' }],
    ['a row taken out', 'delete from audit where id = 2', { rows: 1, id: 3, why: 'the row before it was changed, moved or removed' }],
    [
      'a recomputed link',
      'update audit set previous_hash = hash where id = 3',
      { rows: 2, id: 3, why: 'the row before it was changed, moved or removed' },
    ],
  ])('shows %s', async (_title, change, { rows, id, why }) => {
    await three()
    await sql.raw(change).execute(store.db)
    expect(await verifyChain(store.db)).toMatchObject({ rows, broken: { id, why } })
  })

  it('stays one chain under writers at once, and takes nothing from a write that failed', async () => {
    const writes = Array.from({ length: 12 }, (_, n) =>
      store.db.transaction().execute(async (trx) => {
        await record(trx, entry(`row ${n}`))
        if (n % 3 === 0) throw new Error('undone')
      }),
    )
    const results = await Promise.allSettled(writes)
    expect(results.filter(({ status }) => status === 'rejected')).toHaveLength(4)
    const state = await verifyChain(store.db)
    expect(state.rows).toBe(8)
    expect(state.broken).toBeUndefined()
  })
})
