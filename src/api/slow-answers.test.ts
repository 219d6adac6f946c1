import fastify from 'fastify'
import { sql } from 'kysely'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { serveInspector2, type Served } from '../../test/inspector2-server.ts'
import { openWorld } from '../../test/join/world.ts'
import { freshServerDatabase } from '../../test/postgres.ts'
import { createPrincipal, createToken } from '../core/access/index.ts'
import { openStore, type Store } from '../store/connection.ts'
import { writeSbom } from '../formats/sbom-write.ts'
import { apiV1 } from './v1/index.ts'

/** A server whose questions end soon: what is waited for here is a lock, which time alone does not open. */
let database: Awaited<ReturnType<typeof freshServerDatabase>>
let store: Store
let aws: Served
const own = fastify({ routerOptions: { maxParamLength: 2048 } })
let headers: { authorization: string }
const now = () => new Date()

beforeAll(async () => {
  database = await freshServerDatabase()
  store = await openStore({ url: database.url }, () => {}, { readTimeoutMs: 200 })
  aws = await serveInspector2(store, '000000000000')
  const by = { by: 'test', at: now() }
  const operator = await createPrincipal(store.db, { name: 'own', kind: 'user', role: 'operator', account: '000000000000' }, by)
  headers = { authorization: `Bearer ${await createToken(store.db, operator, { name: 'own' }, by)}` }
  const world = await openWorld(store)
  await own.register(apiV1, {
    ...{ prefix: '/api/v1', store, join: world, now, homeRegion: 'us-east-1', version: '0.0.0', secureCookies: false },
    knowledge: async () => ({ state: 'none', feeds: [], families: {} }),
    pending: async () => ({ changes: 0, looks: 0 }),
    watching: {
      add: async (target) => ({ arn: 'urn:x', resourceId: 'x', resourceType: 'OPENINSPECTOR_HOST', target }),
      collect: async () => {},
      remove: async () => {},
    },
    recording: world,
    onCollected: () => {},
    writeSbom,
    syncFeeds: async () => {},
    verify: async () => ({ ok: true, checkedAt: now().toISOString(), checked: {}, pending: 0, looks: 0, differences: [] }),
  })
})
afterAll(async () => {
  await own.close()
  await aws.close()
  await store.close()
  await database.drop()
})

it.each([
  ['finding', '/findings'],
  ['finding', '/findings/0123456789abcdef0123456789abcdef'],
  ['resource', '/coverage'],
  ['resource', '/coverage/statistics'],
  ['resource', '/resources/urn%3Ax'],
  ['resource_tally', '/summary'],
  ['filter', '/filters'],
])('a question that waits for %s too long is ended: GET %s', async (table, path) => {
  await store.db.transaction().execute(async (trx) => {
    await sql`lock table ${sql.table(table)} in access exclusive mode`.execute(trx)
    const answer = await own.inject({ url: `/api/v1${path}`, headers })
    expect(answer.statusCode).toBe(429)
    expect(answer.json()).toMatchObject({ error: { code: 'limited', message: expect.stringContaining('Ask for less') } })
  })
  expect((await own.inject({ url: `/api/v1${path}`, headers })).statusCode).not.toBe(429)
})

it('the AWS API answers so as throttled', async () => {
  await store.db.transaction().execute(async (trx) => {
    await sql`lock table finding, resource, filter in access exclusive mode`.execute(trx)
    const throttled = { name: 'ThrottlingException', message: expect.stringContaining('Ask for less') }
    await expect(aws.client().listFindings({})).rejects.toMatchObject(throttled)
    await expect(aws.client().listCoverage({})).rejects.toMatchObject(throttled)
    await expect(aws.client().listFilters({})).rejects.toMatchObject(throttled)
  })
  expect((await aws.client().listFindings({})).findings).toEqual([])
})

it('only what reads is ended: writes and long work have their time', async () => {
  const timeout = async (db: Store['db']) => (await sql<{ statement_timeout: string }>`show statement_timeout`.execute(db)).rows[0]
  expect(await timeout(store.reads)).toEqual({ statement_timeout: '200ms' })
  expect(await timeout(store.db)).toEqual({ statement_timeout: '0' })
  const plain = await openStore({ url: database.url })
  expect(await timeout(plain.reads)).toEqual({ statement_timeout: '5s' })
  await plain.close()
})
