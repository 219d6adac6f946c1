import { sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { databases, emptyDatabase, type TestStore } from '../../../test/database.ts'
import { at, host, npm, openWorld, type World } from '../../../test/join/world.ts'
import { record } from '../audit/index.ts'
import { coverageOf, coverageStatistics } from '../coverage/index.ts'
import { recordFailure, recordLost, recordObservation, registerLooked, registerResource, removeResource } from '../inventory/index.ts'
import type { Scope } from '../../model/scope.ts'
import { beginLook, endLook, endWorker, forgetOthers, looksDue, machinesAtWork, noteDue, seeWorker } from './index.ts'

const caller = { principalId: 1, name: 'tester', role: 'admin', account: '000000000000' } as const
const everything: Scope = { caller, accounts: 'all', regions: 'all' }
const [one, other] = ['00000000-0000-4000-8000-000000000001', '00000000-0000-4000-8000-000000000002']
const place = { target: 'dir:/srv/shop', machine: 'web' }
const shop = host('shop')

describe.each(databases)('looks and who looks, on $name', ({ open }) => {
  let store: TestStore
  let world: World
  beforeAll(async () => {
    store = await open()
  })
  afterAll(async () => store.close())
  beforeEach(async () => {
    await emptyDatabase(store.db)
    world = await openWorld(store)
  })

  const observation = () => ({
    ...{ resource: shop.arn, collector: 'directory', at: world.now().toISOString(), gaps: [] },
    occurrences: [at('package-lock.json', npm('lodash', '4.17.20'))],
  })
  const state = async () =>
    (await sql<{ reason: string; gone: boolean }>`select reason, gone_at is not null as gone from resource`.execute(store.db)).rows

  it('a worker is there while it says so, and is missed after a minute and a half', async () => {
    await seeWorker(store.db, { id: one, machine: 'web' })
    await seeWorker(store.db, { id: other, machine: 'db' })
    expect(await machinesAtWork(store.db)).toEqual(['db', 'web'])
    await endWorker(store.db, other)
    await sql`update worker set seen_at = seen_at - interval '89 seconds'`.execute(store.db)
    expect(await machinesAtWork(store.db)).toEqual(['web'])
    await sql`update worker set seen_at = seen_at - interval '2 seconds'`.execute(store.db)
    expect(await machinesAtWork(store.db)).toEqual([])
    await seeWorker(store.db, { id: other, machine: 'db' })
    expect(await machinesAtWork(store.db)).toEqual(['db'])
    await sql`update worker set seen_at = seen_at - interval '2 days'`.execute(store.db)
    await seeWorker(store.db, { id: other, machine: 'web' })
    expect((await sql`select id, machine from worker order by id`.execute(store.db)).rows).toEqual([{ id: other, machine: 'db' }])
  })

  it('counts what is due where somebody looks, once each, until a look that began later is done', async () => {
    await noteDue(store.db, 'web', ['host', place.target, 'host'])
    expect(await looksDue(store.db)).toBe(0)
    await seeWorker(store.db, { id: one, machine: 'web' })
    expect(await looksDue(store.db)).toBe(2)
    const before = await beginLook(store.db, place)
    await noteDue(store.db, 'web', [place.target])
    await endLook(store.db, place, before)
    expect(await looksDue(store.db)).toBe(2)
    await endLook(store.db, place, await beginLook(store.db, place))
    expect(await looksDue(store.db)).toBe(1)
    expect(await beginLook(store.db, { ...place, machine: 'db' })).toBeUndefined()
    await endWorker(store.db, one)
    expect(await looksDue(store.db)).toBe(0)
  })

  it('forgets what nobody watches any more, of its own machine only', async () => {
    await registerResource(world, shop, place)
    await noteDue(store.db, 'web', ['host', place.target, 'dir:/old'])
    await noteDue(store.db, 'db', ['dir:/old'])
    await forgetOthers(store.db, 'web', ['host'])
    const { rows } = await sql`select machine, target from look order by 1, 2`.execute(store.db)
    expect(rows).toEqual([
      { machine: 'db', target: 'dir:/old' },
      { machine: 'web', target: place.target },
      { machine: 'web', target: 'host' },
    ])
  })

  it('a removal holds against a look that was queued, and against one under way', async () => {
    await registerResource(world, shop, place)
    await noteDue(store.db, 'web', [place.target])
    const asked = world.now()
    world.clock = new Date(asked.getTime() + 1_000)
    await removeResource(world, shop.arn)
    expect((await sql`select from look`.execute(store.db)).rows).toEqual([])
    expect(await registerLooked(world, shop, place)).toBeUndefined()
    expect(await registerLooked(world, shop, place, asked)).toBeUndefined()
    expect(await recordObservation(world, observation())).toBeUndefined()
    await recordFailure(world, shop.arn, 'no')
    await recordLost(store.db, place, 'no', world.now())
    expect(await state()).toEqual([{ reason: 'RESOURCE_TERMINATED', gone: true }])
    expect((await sql`select from observation`.execute(store.db)).rows).toEqual([])
  })

  it('what was removed comes back when somebody adds it, or asks for it at a later start', async () => {
    await registerResource(world, shop, place)
    await removeResource(world, shop.arn)
    await registerResource(world, shop, place)
    expect(await state()).toEqual([{ reason: 'PENDING_INITIAL_SCAN', gone: false }])
    await removeResource(world, shop.arn)
    expect(await registerLooked(world, shop, place, new Date(world.now().getTime() + 1))).toBe(1)
    expect(await recordObservation(world, observation())).toEqual(expect.any(Number))
    expect(await state()).toEqual([{ reason: 'SUCCESSFUL', gone: false }])
  })

  it('writes what goes alongside a change with it, or neither', async () => {
    const entry = (action: string) => ({ at: world.now(), principal: 'tester', action, object: shop.arn })
    const audited = async () => (await sql<{ action: string }>`select action from audit order by id`.execute(store.db)).rows
    const fails = () => Promise.reject(new Error('no audit, no change'))
    await expect(registerResource(world, shop, place, fails)).rejects.toThrow('no audit, no change')
    expect(await state()).toEqual([])
    await registerResource(world, shop, place, (trx) => record(trx, entry('resource.watch')))
    await registerResource(world, shop, place, (trx) => record(trx, entry('resource.watch')))
    await expect(removeResource(world, shop.arn, fails)).rejects.toThrow('no audit, no change')
    expect(await state()).toEqual([{ reason: 'PENDING_INITIAL_SCAN', gone: false }])
    await removeResource(world, shop.arn, (trx) => record(trx, entry('resource.remove')))
    expect(await audited()).toEqual([{ action: 'resource.watch' }, { action: 'resource.watch' }, { action: 'resource.remove' }])
  })

  it('a target that is lost is one of this machine', async () => {
    await registerResource(world, shop, place)
    await recordLost(store.db, { ...place, machine: 'db' }, 'nothing there', world.now())
    expect(await state()).toEqual([{ reason: 'PENDING_INITIAL_SCAN', gone: false }])
    await recordLost(store.db, place, 'nothing there', world.now())
    expect(await state()).toEqual([{ reason: 'INTERNAL_ERROR', gone: false }])
  })

  it('says of resources nobody looks at any more that they are not covered, and since when', async () => {
    await registerResource(world, shop, place)
    await registerResource(world, host('handed in'))
    const shown = async () => {
      const { scanStatus, reasonDetail } = await coverageOf(store.db, everything, shop.arn, { state: 'full', feeds: [], families: {} })
      return [scanStatus.statusCode, scanStatus.reason, reasonDetail]
    }
    expect(await shown()).toEqual([
      ...['INACTIVE', 'PENDING_INITIAL_SCAN'],
      'No worker looks at targets of the machine web: run openinspector serve --role worker there.',
    ])
    await seeWorker(store.db, { id: one, machine: 'web' })
    expect(await shown()).toEqual(['ACTIVE', 'PENDING_INITIAL_SCAN', undefined])
    await recordObservation(world, observation())
    expect(await shown()).toEqual(['ACTIVE', 'SUCCESSFUL', undefined])
    await sql`update worker set seen_at = '2026-01-02T03:04:05Z'`.execute(store.db)
    expect(await shown()).toEqual([
      ...['INACTIVE', 'STALE_INVENTORY'],
      'No worker looks at targets of the machine web since 2026-01-02 03:04:05 UTC: run openinspector serve --role worker there.',
    ])
    const { countsByGroup } = await coverageStatistics(store.db, everything, { groupBy: 'SCAN_STATUS_REASON' })
    expect(countsByGroup).toEqual([
      { groupKey: 'PENDING_INITIAL_SCAN', count: 1 },
      { groupKey: 'STALE_INVENTORY', count: 1 },
    ])
  })
})
