import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'kysely'
import { registerResource } from '../src/core/inventory/index.ts'
import { openStore, type Store } from '../src/store/connection.ts'
import { advisory, affects, at, deb, drain, host, load, observe, openWorld, osvFeed, type World } from '../test/join/world.ts'
import { machine, ratio } from './measure.ts'

const fleets = [100, 1_000, 5_000, 10_000]
const packages = 400

/**
 * One advisory to the findings of a fleet that shares one inventory, with history, events and counts; beside it the plain insert
 * of as many finding and event rows. Then one host's new inventory to its findings. DATABASE_URL selects a server (its
 * database must be empty).
 */
export async function run(): Promise<void> {
  console.log(machine(), process.env['DATABASE_URL'] === undefined ? 'embedded' : 'server')
  for (const hosts of fleets) {
    const dataDir = mkdtempSync(join(tmpdir(), 'oi-bench-'))
    const url = process.env['DATABASE_URL']
    const store = await openStore(url === undefined ? { dataDir } : { url })
    try {
      const world = await openWorld(store)
      await fleet(world, hosts)
      const told = await timed(async () => {
        await load(world, osvFeed('Debian'), [
          advisory('CVE-2026-1000', { affected: [affects('Debian:12', 'lib7', '2.0-1', 'high')] }),
          ...base(),
        ])
        await drain(world)
      })
      const floor = await inserted(store)
      const host1 = await hostDelta(world)
      console.log(
        `${hosts} hosts: ${told.toFixed(0)} ms, ${(told / hosts).toFixed(2)} ms a finding; ${ratio(told, floor)} plain insert (${floor.toFixed(0)} ms); ` +
          `one host's new inventory ${host1.toFixed(0)} ms`,
      )
      if (url !== undefined) await sql`truncate resource, finding, finding_event, observation cascade`.execute(store.db)
    } finally {
      await store.close()
      rmSync(dataDir, { recursive: true, force: true })
    }
  }
}

const seen = (version: string) => Array.from({ length: packages }, (_, n) => at('var/lib/dpkg/status', deb(`lib${n}`, version)))
const base = () =>
  Array.from({ length: 100 }, (_, n) => advisory(`CVE-2025-${1000 + n}`, { affected: [affects('Debian:12', `lib${n}`, '1.0-1', 'low')] }))

/** One host is observed; the others are copies of its rows. */
async function fleet(world: World, hosts: number): Promise<void> {
  await load(world, osvFeed('Debian'), base())
  await registerResource(world, host('first'))
  await observe(world, host('first'), seen('1.0-1'))
  await drain(world)
  await sql`
    insert into resource (account_id, arn, resource_id, type, region, tags, facts, inventory_id, status, reason, created_at, observed_at, scanned_at)
    select account_id, arn || n, resource_id || n, type, region, tags, facts, inventory_id, status, reason, created_at, observed_at, scanned_at
    from resource, generate_series(2, ${hosts}::int) n`.execute(world.store.db)
}

/** The same rows, inserted at once into tables with the same indexes: what the engine itself takes for them. */
async function inserted({ db }: Store): Promise<number> {
  await sql`create table finding_floor (like finding including all)`.execute(db)
  await sql`create table event_floor (like finding_event including all)`.execute(db)
  const floor = await timed(async () => {
    await sql`insert into finding_floor select * from finding`.execute(db)
    await sql`insert into event_floor select * from finding_event`.execute(db)
  })
  await sql`drop table finding_floor, event_floor`.execute(db)
  return floor
}

async function hostDelta(world: World): Promise<number> {
  const times: number[] = []
  for (let turn = 0; turn < 9; turn++)
    times.push(await timed(() => observe(world, host('first'), seen(turn % 2 === 0 ? `0.${turn}-1` : `1.${turn}-1`))))
  return times.toSorted((a, b) => a - b)[4] ?? 0
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const begun = performance.now()
  await work()
  return performance.now() - begun
}
