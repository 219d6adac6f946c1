import { sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { readInProcess } from '../../src/app/feed-reading.ts'
import { loadFeed } from '../../src/core/knowledge/index.ts'
import type { Reading } from '../../src/core/reading/index.ts'
import { verify } from '../../src/core/verify/index.ts'
import { databases, emptyDatabase, type TestStore } from '../database.ts'
import { Crash, crashAfter } from './crash.ts'
import { advisory, affects, at, drain, families, host, load, npm, observe, openFindings, openWorld, osvFeed, type World } from './world.ts'
import { registerResource } from '../../src/core/inventory/index.ts'

const program = new URL('./hostile-feed-process.ts', import.meta.url)
const snapshot = { is: 'full' as const, cursor: 'process', files: [] }
const never = new AbortController().signal

describe.each(databases)('a feed read in a process of its own on $name', ({ open }) => {
  let store: TestStore
  let world: World
  beforeAll(async () => {
    store = await open()
  })
  afterAll(() => store.close())
  beforeEach(async () => {
    await emptyDatabase(store.db)
    world = await openWorld(store)
    await load(world, osvFeed('npm'), [advisory('CVE-2025-10000', { affected: [affects('npm', 'lodash', '4.17.20')] })])
    await registerResource(world, host('a'))
    await observe(world, host('a'), [at('app/package-lock.json', npm('lodash', '4.17.15'))])
    await drain(world)
  })

  const loadBy = (read: Reading, over: Partial<World> = {}) =>
    loadFeed({ ...world, ...over }, { feed: osvFeed('npm'), teaches: 'advisory', snapshot, read, families })
  const reading = (id: string, limits: { heapMb?: number; silentMs?: number } = {}, signal = never): Reading =>
    readInProcess({ id }, snapshot, signal, { program, ...limits })
  const told = async () => {
    const { rows } = await sql<{ cursor: string; records: number; error: string | null }>`
      select cursor, records, error from feed where name = 'osv/npm'`.execute(store.db)
    return rows[0]
  }
  /** What was held is all that is seen; the next load finds nothing of the one that broke off. */
  const keepsWhatWasHeld = async (): Promise<void> => {
    await drain(world)
    expect(await openFindings(store)).toEqual(['a CVE-2025-10000 - lodash 0 0 fix2'])
    expect(await verify(world)).toMatchObject({ differences: [] })
    expect(await loadBy(reading('sound'))).toMatchObject({ records: 2000, added: 1999, changed: 1, gone: 0 })
    await drain(world)
    expect((await openFindings(store)).length).toBe(2000)
    const { rows } = await sql`
      select count(*)::int as advisories, count(distinct name)::int as names from visible_advisory where feed = 'osv/npm'`.execute(store.db)
    expect(rows).toEqual([{ advisories: 2000, names: 2000 }])
  }

  it.each([
    ['torn', 'the archive ends here'],
    ['wrong', 'undefined is not a function'],
    ['leaves', 'the process that reads osv/npm ended: exit code 7'],
    ['sleeps', 'reading osv/npm hangs: nothing was heard for 3 seconds'],
    ['hoards', 'reading osv/npm takes more than 48 MB of memory'],
    ['unheard-of', 'no feed unit has the id unheard-of'],
  ])('keeps what was held when it is %s', async (id, words) => {
    await expect(loadBy(reading(id, { heapMb: 48, ...(id === 'sleeps' && { silentMs: 3000 }) }))).rejects.toThrow(words)
    expect(await told()).toEqual({ cursor: 'test', records: 1, error: words })
    await keepsWhatWasHeld()
  })

  it('keeps what was held when it is stopped in the middle', async () => {
    const aborter = new AbortController()
    const read = reading('endless', {}, aborter.signal)
    let taken = 0
    const stopped: Reading = (about, taker) =>
      read(about, {
        ...taker,
        take(chunk) {
          taker.take(chunk)
          if (++taken === 4) aborter.abort()
        },
      })
    await expect(loadBy(stopped)).rejects.toThrow('reading osv/npm was stopped')
    expect(taken).toBe(4)
    expect(await told()).toMatchObject({ cursor: 'test', records: 1 })
    await keepsWhatWasHeld()
    await expect(loadBy(read)).rejects.toThrow()
  })

  it('keeps what was held when the database is gone in the middle', async () => {
    await expect(loadBy(reading('endless'), { store: crashAfter(store, 20) })).rejects.toBeInstanceOf(Crash)
    await keepsWhatWasHeld()
  })
})
