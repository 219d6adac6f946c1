import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { verify } from '../../src/core/verify/index.ts'
import type { Store } from '../../src/store/connection.ts'
import { databases, emptyDatabase, type TestStore } from '../database.ts'
import { type Action, perform, settleAll } from './actions.ts'
import { Turns } from './turns.ts'
import { drain, openFindings, openWorld, type World } from './world.ts'

const server = databases.filter(({ name }) => name === 'server')
const observe = (host: number, seen: readonly number[]): Action => ({ do: 'observe', host, collector: 'host', seen, unread: false })
const load = (of: number, form: number): Action => ({ do: 'load', feed: of < 3 ? 'Debian' : 'npm', held: [{ of, form }] })
const everything: Action = { do: 'drain' }

/** What is there before; what one worker does; what the other does between two statements of it. */
const meetings: readonly {
  readonly what: string
  readonly before: readonly Action[]
  readonly one: readonly Action[]
  readonly other: readonly Action[]
}[] = [
  {
    what: 'a host gets an inventory that others hold, while an advisory for it arrives and is told',
    before: [observe(0, [1]), observe(1, [3]), load(0, 0), everything],
    one: [observe(1, [1])],
    other: [load(0, 2), everything],
  },
  {
    what: 'a host gets an inventory nobody holds, while an advisory for it arrives and is told',
    before: [observe(0, [3]), observe(1, [1]), load(0, 0), everything, observe(1, [])],
    one: [observe(0, [1])],
    other: [load(0, 1), everything],
  },
  {
    what: 'an advisory is told, while a host loses the package',
    before: [observe(0, [1]), observe(1, [1])],
    one: [load(0, 2), everything],
    other: [observe(1, []), everything],
  },
  {
    what: 'two weaknesses become one, while a host gets the package',
    before: [load(3, 0), observe(0, [4]), load(4, 1), everything],
    one: [observe(1, [4])],
    other: [
      {
        do: 'load',
        feed: 'npm',
        held: [
          { of: 3, form: 1 },
          { of: 4, form: 1 },
        ],
      },
      everything,
    ],
  },
  {
    what: 'a rule is made, while a host gets the package',
    before: [load(3, 0), observe(0, [4]), everything],
    one: [observe(1, [4])],
    other: [{ do: 'suppress', rule: 'package' }, everything],
  },
  {
    what: 'two collectors of one host report at once',
    before: [load(0, 0), load(3, 0), everything],
    one: [{ do: 'observe', host: 0, collector: 'agent', seen: [1], unread: false }],
    other: [observe(0, [4]), everything],
  },
]

describe.each(server)('one delta between every two statements of another, on $name', ({ open }) => {
  let store: TestStore
  let world: World
  beforeAll(async () => {
    store = await open()
  })
  afterAll(() => store.close())
  beforeEach(async () => {
    world = await openWorld(store)
  })

  const act = (steps: readonly Action[]) => async (own: Store) => {
    for (const step of steps) await perform({ ...world, store: own }, step)
  }

  it.each(meetings)(
    '$what',
    async ({ before, one, other }) => {
      let statements = 0
      for (let stop = 0; stop <= statements; stop++) {
        await emptyDatabase(store.db)
        world = await openWorld(store)
        await act(before)(store)
        let given = 0
        const choose = (among: readonly number[]): number => {
          const next = among.includes(0) && given < stop ? 0 : (among.find((worker) => worker === 1) ?? 0)
          if (next === 0) given++
          return next
        }
        await new Turns(store.url ?? '').run(store, [act(one), act(other)], choose)
        statements = Math.max(statements, given)
        await drain(world)
        const { differences, pending } = await verify(world)
        expect({ stop, differences, pending }).toEqual({ stop, differences: [], pending: 0 })
        const told = await openFindings(store)
        await settleAll(world)
        await drain(world)
        expect({ stop, told: await openFindings(store) }).toEqual({ stop, told })
      }
      expect(statements).toBeGreaterThan(10)
    },
    120_000,
  )
})
