import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { verify } from '../../src/core/verify/index.ts'
import { sql } from 'kysely'
import { loadFeed } from '../../src/core/knowledge/index.ts'
import { applyRetention, fanOut, refreshStale } from '../../src/core/findings/index.ts'
import { recordFailure, recordObservation, registerResource, rekeyComponents, removeResource } from '../../src/core/inventory/index.ts'
import { perform } from './actions.ts'
import { Crash, crashAfter } from './crash.ts'
import { databases, emptyDatabase, type TestStore } from '../database.ts'
import {
  advisory,
  affects,
  at,
  deb,
  drain,
  host,
  load,
  npm,
  observe,
  openFindings,
  openWorld,
  osvFeed,
  reading,
  type World,
  families,
} from './world.ts'

describe.each(databases)('the maintained join on $name', ({ open }) => {
  let store: TestStore
  let world: World
  beforeAll(async () => {
    store = await open()
  })
  afterAll(() => store.close())
  beforeEach(async () => {
    await emptyDatabase(store.db)
    world = await openWorld(store)
  })

  const settled = async (): Promise<string[]> => {
    await drain(world)
    expect((await verify(world)).differences).toEqual([])
    return openFindings(store)
  }

  it('finds the same whichever side comes first', async () => {
    const records = [
      advisory('CVE-2024-0001', { affected: [affects('Debian:12', 'openssl', '3.0.11-1', 'medium')] }),
      advisory('GHSA-aaaa-bbbb-cccc', {
        aliases: ['CVE-2024-0002'],
        affected: [affects('npm', 'lodash', '4.17.21')],
        severities: [{ type: 'CVSS_V3', vector: 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H', source: 'GITHUB' }],
      }),
    ]
    const seen = [at('var/lib/dpkg/status', deb('libssl3', '3.0.9-1', 'openssl')), at('app/package-lock.json', npm('lodash', '4.17.20'))]
    const expected = ['a CVE-2024-0001 - libssl3 3 0 fix2', 'a CVE-2024-0002 - lodash 5 98 fix2', 'b CVE-2024-0002 - lodash 5 98 fix2']

    await registerResource(world, host('a'))
    await observe(world, host('a'), seen)
    await load(world, osvFeed('Debian'), records.slice(0, 1))
    await load(world, osvFeed('npm'), records.slice(1))
    await drain(world)
    await registerResource(world, host('b'))
    await observe(world, host('b'), seen.slice(1))
    expect(await settled()).toEqual(expected)
  })

  const vector = (metrics: string) => [{ type: 'CVSS_V3' as const, vector: `CVSS:3.1/${metrics}`, source: 'GITHUB' }]
  const lodash = advisory('GHSA-aaaa-bbbb-cccc', {
    aliases: ['CVE-2024-0002'],
    affected: [affects('npm', 'lodash', '4.17.21')],
    severities: vector('AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H'),
  })
  const watched = async (name: string, ...seen: Parameters<typeof observe>[2]) => {
    await registerResource(world, host(name))
    await observe(world, host(name), seen)
  }
  const lock = at('app/package-lock.json', npm('lodash', '4.17.20'))
  const history = async () =>
    (
      await sql<{ line: string }>`
        select e.change || ' ' || e.status || ' ' || e.severity as line from finding_event e join resource r on r.id = e.resource_id order by e.seq`.execute(
        store.db,
      )
    ).rows.map(({ line }) => line)
  const ids = async () => (await sql<{ id: string; status: number }>`select id, status from finding order by n`.execute(store.db)).rows
  const days = (count: number) => {
    world.clock = new Date(world.clock.getTime() + count * 86_400_000)
  }

  it('closes what is gone, opens the same finding again within seven days, a new one later', async () => {
    await load(world, osvFeed('npm'), [lodash])
    await watched('a', lock)
    const [first] = await ids()
    await watched('a')
    expect(await settled()).toEqual([])
    days(6)
    await watched('a', lock)
    expect(await ids()).toEqual([first])
    await watched('a')
    days(8)
    await watched('a', lock)
    expect(await settled()).toEqual(['a CVE-2024-0002 - lodash 5 98 fix2'])
    const [old, later] = await ids()
    expect(old).toEqual({ id: first?.id, status: 3 })
    expect(later?.id).not.toBe(first?.id)
    expect(await history()).toEqual(['1 1 5', '3 3 5', '2 1 5', '3 3 5', '1 1 5'])
  })

  it('tells a change of score once, and nothing when nothing changed', async () => {
    await load(world, osvFeed('npm'), [lodash])
    await watched('a', lock)
    await load(world, osvFeed('npm'), [{ ...lodash, severities: vector('AV:L/AC:H/PR:H/UI:R/S:U/C:L/I:N/A:N') }])
    expect(await settled()).toEqual(['a CVE-2024-0002 - lodash 2 18 fix2'])
    await load(world, osvFeed('npm'), [{ ...lodash, severities: vector('AV:L/AC:H/PR:H/UI:R/S:U/C:L/I:N/A:N') }])
    await watched('a', lock)
    await settled()
    expect(await history()).toEqual(['1 1 5', '6 1 2'])
  })

  it('keeps the finding when its weakness gets a better name, and makes one of two when they turn out to be one', async () => {
    const other = advisory('GHSA-dddd-dddd-dddd', { affected: [affects('npm', 'lodash', '4.17.21')] })
    await load(world, osvFeed('npm'), [{ ...lodash, aliases: [] }, other])
    await watched('a', lock)
    const before = await ids()
    expect(await settled()).toEqual(['a GHSA-aaaa-bbbb-cccc - lodash 5 98 fix2', 'a GHSA-dddd-dddd-dddd - lodash 0 0 fix2'])
    await load(world, osvFeed('npm'), [lodash, { ...other, aliases: ['CVE-2024-0002'] }])
    expect(await settled()).toEqual(['a CVE-2024-0002 - lodash 5 98 fix2'])
    const merged = await ids()
    expect(merged.map(({ id }) => id)).toEqual(before.map(({ id }) => id))
    expect(merged.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([1, 4])
    await load(world, osvFeed('npm'), [lodash, other])
    expect(await settled()).toEqual(['a CVE-2024-0002 - lodash 5 98 fix2', 'a GHSA-dddd-dddd-dddd - lodash 0 0 fix2'])
    expect((await ids()).map(({ id }) => id).toSorted()).toEqual(before.map(({ id }) => id).toSorted())
  })

  it('closes nothing for doubt: an unreadable file, a version nobody can order, a record that broke', async () => {
    const odd = at('app/package-lock.json', npm('lodash', 'git+ssh://somewhere'))
    await load(world, osvFeed('npm'), [lodash])
    await watched('a', lock)
    await watched('b', odd)
    expect(await settled()).toEqual(['a CVE-2024-0002 - lodash 5 98 fix2'])
    await observe(world, host('a'), [], [{ path: 'app/package-lock.json', extractor: 'npm/package-lock', reason: 'cut off' }])
    expect(await settled()).toEqual(['a CVE-2024-0002 - lodash 5 98 fix2'])
    await load(world, osvFeed('npm'), [{ is: 'broken', record: lodash.id, reason: 'odd' }, advisory('GHSA-eeee-eeee-eeee')])
    expect(await settled()).toEqual(['a CVE-2024-0002 - lodash 5 98 fix2'])
    await load(world, osvFeed('npm'), [advisory('GHSA-eeee-eeee-eeee'), advisory('GHSA-ffff-ffff-ffff')])
    expect(await settled()).toEqual([])
  })

  it('closes nothing of a system whose package database was not found, and calls it not covered', async () => {
    await load(world, osvFeed('Debian'), [advisory('CVE-2024-0001', { affected: [affects('Debian:12', 'openssl')] })])
    await load(world, osvFeed('npm'), [lodash])
    const openssl = at('var/lib/dpkg/status', deb('openssl', '3.0.9-1'))
    const os = { id: 'debian', version: '12' }
    const look = (occurrences: Parameters<typeof observe>[2], reason?: string) =>
      recordObservation(world, {
        ...{ resource: host('a').arn, collector: 'host', at: world.now().toISOString(), occurrences, os },
        gaps: reason === undefined ? [] : [{ path: 'etc/os-release', extractor: 'os/release', reason }],
      })
    const coverage = async () => (await sql`select status, reason from resource`.execute(store.db)).rows
    await registerResource(world, host('a'))
    await look([], 'no package database')
    expect(await coverage()).toEqual([{ status: 2, reason: 'NO_INVENTORY' }])
    await look([openssl, lock])
    expect(await coverage()).toEqual([{ status: 1, reason: 'SUCCESSFUL' }])
    await look([], 'no package database')
    expect(await settled()).toEqual(['a CVE-2024-0001 - openssl 0 0 fix0'])
    expect(await coverage()).toEqual([{ status: 2, reason: 'NO_INVENTORY' }])
    await look([lock], 'no package database')
    expect(await settled()).toEqual(['a CVE-2024-0001 - openssl 0 0 fix0', 'a CVE-2024-0002 - lodash 5 98 fix2'])
    expect(await coverage()).toEqual([{ status: 2, reason: 'NO_INVENTORY' }])
  })

  it('does not take packages of another system, or of another kind, for those of the system itself', async () => {
    await load(world, osvFeed('Debian'), [advisory('CVE-2024-0001', { affected: [affects('Debian:12', 'openssl')] })])
    const look = (id: string, occurrences: Parameters<typeof observe>[2], ...reasons: readonly string[]) =>
      recordObservation(world, {
        ...{ resource: host('a').arn, collector: 'host', at: world.now().toISOString(), occurrences, os: { id } },
        gaps: reasons.map((reason) => ({ path: 'etc/os-release', extractor: 'os/release', reason })),
      })
    const coverage = async () =>
      (await sql<{ reason: string }>`select reason from resource`.execute(store.db)).rows.map(({ reason }) => reason)
    const openssl = at('var/lib/dpkg/status', deb('openssl', '3.0.9-1'))
    const bash = at('opt/bash', { purl: 'pkg:rpm/fedora/bash@5', type: 'rpm', name: 'bash', version: '5', distro: 'fedora:40' })
    const curl = at('nix/var/nix/db/db.sqlite', { purl: 'pkg:nix/curl@8', type: 'nix', name: 'curl', version: '8' })
    await registerResource(world, host('a'))
    await look('fedora', [openssl, bash])
    expect(await coverage()).toEqual(['UNSUPPORTED_OS'])
    await look('nixos', [curl])
    expect(await coverage()).toEqual(['UNSUPPORTED_OS'])
    await look('debian', [curl])
    expect(await coverage()).toEqual(['NO_INVENTORY'])
    await look('fedora', [openssl])
    expect(await coverage()).toEqual(['NO_INVENTORY'])
    await look('debian', [openssl, bash])
    expect(await coverage()).toEqual(['SUCCESSFUL'])
    await look('debian', [bash], 'no package database')
    expect(await settled()).toEqual(['a CVE-2024-0001 - openssl 0 0 fix0'])
  })

  it('keeps the system of a resource until a look says another, and has what came back wait for its scan', async () => {
    const os = { id: 'debian', version: '12' }
    const row = async () => (await sql`select reason, facts from resource`.execute(store.db)).rows
    await registerResource(world, host('a', { facts: { hostname: 'a', os } }))
    await registerResource(world, host('a', { facts: { hostname: 'b' } }))
    expect(await row()).toEqual([{ reason: 'PENDING_INITIAL_SCAN', facts: { hostname: 'b', os } }])
    await registerResource(world, host('a', { facts: { hostname: 'b', os: { id: 'debian', version: '13' } } }))
    await watched('a', lock)
    await removeResource(world, host('a').arn)
    await registerResource(world, host('a'))
    expect(await row()).toEqual([{ reason: 'PENDING_INITIAL_SCAN', facts: { hostname: 'a', os: { id: 'debian', version: '13' } } }])
  })

  it('tells each change of coverage once', async () => {
    const told = async () =>
      (await sql<{ line: string }>`select subject || ' ' || (doc ->> 'reason') as line from notice_event order by seq`.execute(store.db))
        .rows
    await watched('a', lock)
    await watched('a', lock)
    await recordFailure(world, host('a').arn, 'no')
    await recordFailure(world, host('a').arn, 'no')
    await watched('a', lock)
    await removeResource(world, host('a').arn)
    const reasons = ['PENDING_INITIAL_SCAN', 'SUCCESSFUL', 'INTERNAL_ERROR', 'SUCCESSFUL', 'RESOURCE_TERMINATED']
    expect((await told()).map(({ line }) => line)).toEqual(reasons.map((reason) => `${host('a').arn} ${reason}`))
    await expect(recordFailure(world, 'urn:none', 'no')).rejects.toThrow('No resource has the ARN urn:none')
    days(91)
    await applyRetention(world)
    expect(await told()).toEqual([])
  })

  it('refuses a feed that is empty or shrank, and says so', async () => {
    const many = Array.from({ length: 10 }, (_, n) => advisory(`CVE-2024-10${n}0`))
    await load(world, osvFeed('npm'), [lodash, ...many])
    await watched('a', lock)
    await expect(load(world, osvFeed('npm'), many.slice(0, 5))).rejects.toThrow('shrank from 11 to 5 records')
    await expect(load(world, osvFeed('npm'), [])).rejects.toThrow('is empty')
    expect(await settled()).toEqual(['a CVE-2024-0002 - lodash 5 98 fix2'])
    const { rows } = await sql<{ error: string; records: number }>`select error, records from feed where name = 'osv/npm'`.execute(store.db)
    expect(rows).toEqual([{ error: expect.stringContaining('is empty') as string, records: 11 }])
  })

  it('judges what the distribution owns by the distribution alone', async () => {
    await load(world, osvFeed('npm'), [lodash])
    await load(world, osvFeed('Debian'), [
      advisory('CVE-2024-0002', { affected: [affects('Debian:12', 'node-lodash', '4.17.19-1', 'unimportant')] }),
    ])
    const owned = at('usr/share/nodejs/lodash/package.json', npm('lodash', '4.17.20'), {
      extractor: 'npm/installed',
      ownedBy: 'node-lodash',
    })
    await watched('a', owned, at('var/lib/dpkg/status', deb('node-lodash', '4.17.20-1')))
    expect(await settled()).toEqual([])
    await watched('b', at('var/lib/dpkg/status', deb('node-lodash', '4.17.18-1')), owned, lock)
    expect(await settled()).toEqual(['b CVE-2024-0002 - lodash, node-lodash 5 98 fix2'])
  })

  it('keeps what another collector still sees', async () => {
    await load(world, osvFeed('npm'), [lodash])
    await watched('a', lock)
    await observe(world, host('a'), [lock], [], 'agent')
    await watched('a')
    expect(await settled()).toEqual(['a CVE-2024-0002 - lodash 5 98 fix2'])
    await observe(world, host('a'), [], [], 'agent')
    expect(await settled()).toEqual([])
  })

  it('judges a rule on probability again when the probability changes', async () => {
    const score = (value: number) =>
      load(
        world,
        { name: 'epss', unit: 'epss', parser: 1 },
        [{ is: 'probability', vulnerability: 'CVE-2024-0002', score: value, percentile: 0.5 }],
        'probability',
      )
    await load(world, osvFeed('npm'), [lodash])
    await score(0.1)
    await watched('a', lock)
    await perform(world, { do: 'suppress', rule: 'probability' })
    expect(await settled()).toEqual(['a CVE-2024-0002 - lodash 5 98 fix2'])
    await score(0.9)
    expect(await settled()).toEqual(['a CVE-2024-0002 - lodash 5 98 fix2 suppressed'])
    await score(0.1)
    expect(await settled()).toEqual(['a CVE-2024-0002 - lodash 5 98 fix2'])
  })

  it('tells many hosts of one inventory in chunks, and takes up a fan-out where it was cut off', async () => {
    const seen = Array.from({ length: 40 }, (_, n) => at('app/package-lock.json', npm(`p${n}`, '1.0.0')))
    for (let n = 0; n < 30; n++) await watched(`h${n}`, ...seen)
    await load(
      world,
      osvFeed('npm'),
      Array.from({ length: 400 }, (_, n) => advisory(`CVE-2025-${1000 + n}`, { affected: [affects('npm', `p${n % 40}`, '2.0.0')] })),
    )
    await refreshStale(world)
    await fanOut({ ...world, store: crashAfter(store, 12) }).catch((thrown: unknown) => expect(thrown).toBeInstanceOf(Crash))
    const { rows } = await sql<{ cursor: number }>`select cursor from inventory_change`.execute(store.db)
    expect(rows).toEqual([{ cursor: 12 }])
    expect((await settled()).length).toBe(12_000)
    expect((await history()).length).toBe(12_000)
  })

  it('removes closed findings after 30 days, those of a resource that is gone after 3, and keeps their history', async () => {
    await load(world, osvFeed('npm'), [lodash])
    for (const name of ['a', 'b']) await watched(name, lock)
    await watched('a')
    await removeResource(world, host('b').arn)
    await settled()
    days(4)
    await applyRetention(world)
    expect((await ids()).length).toBe(1)
    days(27)
    await applyRetention(world)
    expect(await ids()).toEqual([])
    expect(await settled()).toEqual([])
    expect((await history()).length).toBe(4)
  })

  it('does not call a system covered that no feed judges, and judges it as soon as a unit can', async () => {
    const old = { ...world, keyOf: () => undefined }
    await rekeyComponents(old, old.keyOf, 'debian@0')
    await load(world, osvFeed('Debian'), [advisory('CVE-2024-0001', { affected: [affects('Debian:12', 'openssl', '3.0.11-1')] })])
    await registerResource(old, host('a'))
    await observe(old, host('a'), [at('var/lib/dpkg/status', deb('openssl', '3.0.9-1'))])
    const coverage = async () => (await sql<{ reason: string }>`select reason from resource`.execute(store.db)).rows
    expect(await coverage()).toEqual([{ reason: 'UNSUPPORTED_OS' }])
    expect(await settled()).toEqual([])
    await rekeyComponents(world, world.keyOf, 'debian@0')
    expect(await settled()).toEqual([])
    await rekeyComponents(world, world.keyOf, 'debian@1')
    expect(await settled()).toEqual(['a CVE-2024-0001 - openssl 0 0 fix2'])
  })

  it('leaves nothing of a load that broke off, not even what it was just writing', async () => {
    await load(world, osvFeed('npm'), [lodash])
    await watched('a', lock)
    const torn = async function* () {
      for (let n = 0; n < 4_100; n++) yield advisory(`CVE-2025-${10_000 + n}`, { affected: [affects('npm', 'lodash')] })
      throw new Error('the archive ends here')
    }
    const about = { feed: osvFeed('npm'), teaches: 'advisory' as const, snapshot: { is: 'full' as const, cursor: 'torn' }, families }
    await expect(loadFeed(world, { ...about, read: reading(torn()) })).rejects.toThrow('the archive ends here')
    await load(world, osvFeed('npm'), [lodash])
    expect(await settled()).toEqual(['a CVE-2024-0002 - lodash 5 98 fix2'])
    const { rows } = await sql<{ held: number }>`select count(*)::int as held from advisory`.execute(store.db)
    expect(rows).toEqual([{ held: 1 }])
  })
})
