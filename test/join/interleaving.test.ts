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

/** One worker goes on for a while, so that another's whole delta may fall between two of its statements. */
const bursts = fc.infiniteStream(
  fc.record({ of: fc.nat(1_000), length: fc.oneof(fc.integer({ min: 1, max: 8 }), fc.integer({ min: 1, max: 150 })) }),
)
type Burst = { readonly of: number; readonly length: number }

function inBursts(order: fc.Stream<Burst>): (among: readonly number[]) => number {
  let current = { worker: -1, left: 0 }
  return (among) => {
    if (current.left-- > 0 && among.includes(current.worker)) return current.worker
    const burst = order.next().value as Burst
    current = { worker: among[burst.of % among.length] ?? 0, left: burst.length }
    return current.worker
  }
}

describe.each(server)('two to four workers, interleaved at every statement, on $name', ({ open }) => {
  let store: TestStore
  beforeAll(async () => {
    store = await open()
  })
  afterAll(() => store.close())

  it('never both miss a pair, never tell anything twice', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(action, { maxLength: 4 }), workers, bursts, async (before, [first, rest], order) => {
        await emptyDatabase(store.db)
        const world = await openWorld(store)
        for (const step of before) await perform(world, step)
        const tasks = [first, ...rest].map((steps) => async (own: TestStore) => {
          for (const step of steps) await perform({ ...world, store: own }, step)
        })
        await new Turns(store.url ?? '').run(store, tasks, inBursts(order))
        await drain(world)
        const { differences, pending } = await verify(world)
        expect({ differences, pending }).toEqual({ differences: [], pending: 0 })
        const told = await openFindings(store)
        await settleAll(world)
        await drain(world)
        expect(await openFindings(store)).toEqual(told)
      }),
      { numRuns: 60, endOnFailure: true },
    )
  }, 240_000)
})
