import { sql } from 'kysely'
import fastify, { type FastifyInstance } from 'fastify'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { databases } from '../../../test/database.ts'
import { host, openWorld } from '../../../test/join/world.ts'
import { createPrincipal, createToken } from '../../core/access/index.ts'
import { registerResource } from '../../core/inventory/index.ts'
import type { OperatingSystem } from '../../model/component.ts'
import type { Store } from '../../store/connection.ts'
import { writeSbom } from '../../formats/sbom-write.ts'
import { apiV1 } from './index.ts'

const now = () => new Date('2026-11-25T12:00:00Z')

const systems: Readonly<Record<string, OperatingSystem>> = {
  bare: { id: 'debian', version: '9', name: 'Debian GNU/Linux 9 (stretch)' },
  current: { id: 'debian', version: '12', name: 'Debian GNU/Linux 12 (bookworm)' },
  odd: { id: 'plan9', version: '4' },
}

describe.each(databases)('coverage says how long a system is supported ($name)', ({ open }) => {
  let store: Store
  let app: FastifyInstance
  let token: string
  beforeAll(async () => {
    store = await open()
    const world = await openWorld(store)
    for (const [name, os] of [...Object.entries(systems), ['folder', undefined] as const]) {
      await registerResource(world, host(name))
      await sql`update resource set status = 1, reason = 'SUCCESSFUL', scanned_at = now(), facts = ${JSON.stringify(os === undefined ? {} : { os })}::jsonb where arn = ${host(name).arn}`.execute(
        store.db,
      )
    }
    const by = { by: 'test', at: now() }
    const principal = await createPrincipal(store.db, { name: 'a', kind: 'user', role: 'viewer', account: '000000000000' }, by)
    token = await createToken(store.db, principal, { name: 'a' }, by)
    app = fastify()
    await app.register(apiV1, {
      ...{ prefix: '/api/v1', store, join: world, now, homeRegion: 'us-east-1', version: '0.0.0' },
      knowledge: async () => ({ state: 'full', feeds: [], families: {} }),
      pending: async () => ({ changes: 0, looks: 0 }),
      watching: { add: () => Promise.reject(new Error('asked')), collect: async () => {}, remove: async () => {} },
      ...{ recording: world, onCollected: () => {}, writeSbom, syncFeeds: async () => {} },
      verify: () => Promise.reject(new Error('asked')),
    })
  })
  afterAll(async () => {
    await app.close()
    await store.close()
  })
  const ask = async (path: string): Promise<unknown> =>
    (await app.inject({ url: `/api/v1${path}`, headers: { authorization: `Bearer ${token}` } })).json()

  it('of each resource', async () => {
    const { items } = (await ask('/coverage')) as { items: Record<string, unknown>[] }
    expect(Object.fromEntries(items.map(({ resourceId, os, support, why }) => [resourceId, { os, support, why }]))).toEqual({
      bare: {
        os: 'Debian GNU/Linux 9 (stretch)',
        support: { state: 'ended', until: '2022-06-30' },
        why: 'Scanned and watched. Debian GNU/Linux 9 (stretch) got its last security updates on 2022-06-30: later weaknesses are not fixed, nor told by its advisories. A newer release clears this.',
      },
      current: { os: 'Debian GNU/Linux 12 (bookworm)', support: { state: 'supported', until: '2028-06-30' }, why: 'Scanned and watched.' },
      odd: {
        os: 'plan9 4',
        support: { state: 'unknown' },
        why: 'Scanned and watched. Until when plan9 4 gets security updates is not known here: whether later weaknesses are told is unknown.',
      },
      folder: { os: undefined, support: undefined, why: 'Scanned and watched.' },
    })
  })
  it('of one, and of all together', async () => {
    expect(await ask(`/resources/${encodeURIComponent(host('bare').arn)}`)).toMatchObject({
      support: { state: 'ended', until: '2022-06-30' },
    })
    expect(await ask('/summary')).toMatchObject({ coverage: [{ status: 'ACTIVE', reason: 'SUCCESSFUL', count: 4, unsupported: 2 }] })
    await sql`update resource set facts = '{}' where resource_id <> 'current'`.execute(store.db)
    expect(await ask('/summary')).toMatchObject({ coverage: [{ status: 'ACTIVE', reason: 'SUCCESSFUL', count: 4 }] })
    expect(((await ask('/summary')) as { coverage: object[] }).coverage[0]).not.toHaveProperty('unsupported')
  })
})
