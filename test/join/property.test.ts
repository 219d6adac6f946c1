import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { verify } from '../../src/core/verify/index.ts'
import { databases, emptyDatabase, type TestStore } from '../database.ts'
import { action, perform, settleAll } from './actions.ts'
import { Crash, crashAfter } from './crash.ts'
import { drain, openFindings, openWorld } from './world.ts'

/** After how many statements of the action the process dies; most live. */
const fate = fc.option(fc.integer({ min: 1, max: 40 }), { freq: 3 })

describe.each(databases)('any sequence of deltas, with crashes, on $name', ({ name, open }) => {
  let store: TestStore
  beforeAll(async () => {
    store = await open()
  })
  afterAll(() => store.close())

  it('ends where a recompute of the stored inputs ends, and where one load of everything ends', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(action, fate), { minLength: 1, maxLength: 14 }), async (steps) => {
        await emptyDatabase(store.db)
        const world = await openWorld(store)
        for (const [step, dies] of steps) {
          if (dies === null) await perform(world, step)
          else
            await perform({ ...world, store: crashAfter(store, dies) }, step).catch((thrown: unknown) =>
              expect(thrown).toBeInstanceOf(Crash),
            )
        }
        await drain(world)
        const { differences, pending } = await verify(world)
        expect({ differences, pending }).toEqual({ differences: [], pending: 0 })
        const told = await openFindings(store)
        await settleAll(world)
        await drain(world)
        expect(await openFindings(store)).toEqual(told)
      }),
      { numRuns: Number(process.env['OI_PROPERTY_RUNS'] ?? (name === 'server' ? 150 : 40)), endOnFailure: false },
    )
  }, 1_800_000)
})
