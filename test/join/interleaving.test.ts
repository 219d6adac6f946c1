import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { verify } from '../../src/core/verify/index.ts'
import { databases, emptyDatabase, type TestStore } from '../database.ts'
import { action, perform, settleAll } from './actions.ts'
import { Turns } from './turns.ts'
import { drain, openFindings, openWorld } from './world.ts'

const server = databases.filter(({ name }) => name === 'server')
/** A feed is loaded by one job at a time, so only the first worker loads. */
const other = action.filter(({ do: what }) => what !== 'load' && what !== 'kev' && what !== 'epss' && what !== 'wait')
const worker = fc.array(other, { minLength: 1, maxLength: 4 })
const workers = fc.tuple(fc.array(action, { minLength: 1, maxLength: 4 }), fc.array(worker, { minLength: 1, maxLength: 3 }))

describe.each(server)('two to four workers, interleaved at every statement, on $name', ({ open }) => {
  let store: TestStore
  beforeAll(async () => {
    store = await open()
  })
  afterAll(() => store.close())

  it('never both miss a pair, never tell anything twice', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(action, { maxLength: 4 }),
        workers,
        fc.infiniteStream(fc.nat(1_000)),
        async (before, [first, rest], order) => {
          await emptyDatabase(store.db)
          const world = await openWorld(store)
          for (const step of before) await perform(world, step)
          const tasks = [first, ...rest].map((steps) => async (own: TestStore) => {
            for (const step of steps) await perform({ ...world, store: own }, step)
          })
          await new Turns(store.url ?? '').run(store, tasks, (among) => (order.next().value ?? 0) % among)
          await drain(world)
          const { differences, pending } = await verify(world)
          expect({ differences, pending }).toEqual({ differences: [], pending: 0 })
          const told = await openFindings(store)
          await settleAll(world)
          await drain(world)
          expect(await openFindings(store)).toEqual(told)
        },
      ),
      { numRuns: 60, endOnFailure: true },
    )
  }, 240_000)
})
