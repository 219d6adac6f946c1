import fastify, { type FastifyInstance, type InjectOptions } from 'fastify'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { databases } from '../../../test/database.ts'
import { advisory, affects, at, drain, host, load, npm, observe, openWorld, osvFeed } from '../../../test/join/world.ts'
import { createPrincipal, createToken } from '../../core/access/index.ts'
import { registerResource } from '../../core/inventory/index.ts'
import { policyJob } from '../../core/policy/index.ts'
import type { Role } from '../../model/scope.ts'
import type { Store } from '../../store/connection.ts'
import { writeSbom } from '../../formats/sbom-write.ts'
import { apiV1 } from './index.ts'

const now = () => new Date('2026-11-22T12:00:00Z')
const [ours, theirs] = ['000000000000', '111111111111']

describe.each(databases)('the own API lets nobody past ($name)', ({ open }) => {
  let store: Store
  let app: FastifyInstance
  const routes: { readonly method: string; readonly url: string }[] = []
  const tokens = new Map<string, string>()
  const asked: string[] = []

  beforeAll(async () => {
    store = await open()
    const world = await openWorld(store)
    await store.queue.declare([policyJob])
    await load(world, osvFeed('npm'), [advisory('GHSA-aaaa-bbbb-cccc', { affected: [affects('npm', 'lodash', '4.17.21')] })])
    await registerResource(world, host('web'), { target: 'host', machine: 'web' })
    await observe(world, host('web'), [at('package-lock.json', npm('lodash', '4.17.20'))])
    await drain(world)
    for (const [name, role, account] of [
      ['viewer', 'viewer', ours],
      ['operator', 'operator', ours],
      ['stranger', 'admin', theirs],
    ] satisfies [string, Role, string][]) {
      const by = { by: 'test', at: now() }
      tokens.set(
        name,
        await createToken(store.db, await createPrincipal(store.db, { name, kind: 'user', role, account }, by), { name }, by),
      )
    }
    app = fastify({ routerOptions: { maxParamLength: 2048 } })
    app.addHook('onRoute', ({ method, url }) => void routes.push(...[method].flat().map((one) => ({ method: one, url }))))
    await app.register(apiV1, {
      prefix: '/api/v1',
      store,
      join: world,
      now,
      homeRegion: 'us-east-1',
      version: '0.0.0',
      knowledge: async () => ({ state: 'none', feeds: [], families: {} }),
      pending: async () => ({ changes: 0, looks: 0 }),
      watching: {
        add: async (target) => ({ arn: 'urn:x', resourceId: 'x', resourceType: 'OPENINSPECTOR_HOST', target }),
        collect: async (arn) => void asked.push(`collect ${arn}`),
        remove: async (arn) => void asked.push(`remove ${arn}`),
      },
      recording: world,
      onCollected: () => {},
      writeSbom,
      syncFeeds: async () => {},
      verify: async () => ({ ok: true, checkedAt: now().toISOString(), checked: {}, pending: 0, looks: 0, differences: [] }),
    })
    await app.ready()
  })
  afterAll(async () => {
    await app.close()
    await store.close()
  })

  const ask = async (who: string | undefined, method: string, path: string, payload?: object) =>
    app.inject({
      method: method as NonNullable<InjectOptions['method']>,
      url: `/api/v1${path}`,
      ...(who !== undefined && { headers: { authorization: `Bearer ${tokens.get(who)}` } }),
      ...(payload !== undefined && { payload }),
    })
  const codeOf = async (...request: Parameters<typeof ask>) => {
    const { statusCode, body } = await ask(...request)
    return [statusCode, statusCode < 300 ? undefined : JSON.parse(body).error.code]
  }
  /** A path of the route, with ids that are well-formed. */
  const pathOf = (url: string) => url.slice('/api/v1'.length).replace(':id', '0'.repeat(32)).replace(':arn', 'urn:x')

  it('asks everybody to sign in, but where signing in begins', async () => {
    const open = await Promise.all(
      routes.map(async ({ method, url }) => [method, url, (await ask(undefined, method, pathOf(url))).statusCode]),
    )
    expect(open.filter(([, , status]) => status !== 401)).toEqual([
      ['GET', '/api/v1/openapi.json', 200],
      ['HEAD', '/api/v1/openapi.json', 200],
      ['POST', '/api/v1/session/link', 400],
      ['POST', '/api/v1/agents/enrol', 400],
    ])
    expect(open.length).toBeGreaterThan(20)
  })

  it.each([
    ['POST', '/filters', { name: 'abc', action: 'NONE', criteria: {} }],
    ['PATCH', '/filters/urn:x', {}],
    ['DELETE', '/filters/urn:x', undefined],
    ['POST', '/feeds/sync', {}],
    ['POST', '/resources', { target: 'host' }],
    ['POST', '/resources/urn:x/collect', undefined],
    ['DELETE', '/resources/urn:x', undefined],
    ['POST', '/verify', undefined],
    ['POST', '/agents/tokens', {}],
    ['GET', '/agents/tokens', undefined],
    ['DELETE', '/agents/tokens/0123456789abcdef', undefined],
    ['DELETE', '/agents/00000000-0000-4000-8000-000000000000', undefined],
  ])('lets no viewer %s %s', async (method, path, payload) =>
    expect(await codeOf('viewer', method, path, payload)).toEqual([403, 'denied']),
  )

  it('shows and changes nothing of another account', async () => {
    const { items } = (await ask('operator', 'GET', '/findings')).json() as { items: { id: string }[] }
    const { arn } = (await ask('operator', 'POST', '/filters', { name: 'mine', action: 'NONE', criteria: {} })).json() as { arn: string }
    const [finding, filter, resource] = [items[0]!.id, encodeURIComponent(arn), encodeURIComponent(host('web').arn)]
    const missing = [404, 'missing']
    const tried = await Promise.all([
      codeOf('stranger', 'GET', `/findings/${finding}`),
      codeOf('stranger', 'GET', `/findings/${finding}/history`),
      codeOf('stranger', 'PATCH', `/filters/${filter}`, { name: 'theirs' }),
      codeOf('stranger', 'DELETE', `/filters/${filter}`),
      codeOf('stranger', 'GET', `/resources/${resource}`),
      codeOf('stranger', 'GET', `/resources/${resource}/sbom`),
      codeOf('stranger', 'POST', `/resources/${resource}/collect`),
      codeOf('stranger', 'DELETE', `/resources/${resource}`),
    ])
    expect(tried).toEqual(tried.map(() => missing))
    expect(asked).toEqual([])
    for (const list of ['/findings', '/filters', '/coverage'])
      expect([list, ((await ask('stranger', 'GET', list)).json() as { items: unknown[] }).items]).toEqual([list, []])
    expect((await ask('stranger', 'GET', '/summary')).json()).toMatchObject({ severities: { all: 0 }, topResources: [], coverage: [] })
    expect((await ask('operator', 'POST', `/resources/${resource}/collect`)).statusCode).toBe(202)
    expect(asked).toEqual([`collect ${host('web').arn}`])
    const { rows } = await sql<{ name: string }>`select name from filter`.execute(store.db)
    expect(rows).toEqual([{ name: 'mine' }])
  })

  it('tells what a rule would hide of the own account, and makes nothing', async () => {
    const before = (await sql`select from filter`.execute(store.db)).rows.length
    const preview = async (who: string, payload: object) => {
      const answer = await ask(who, 'POST', '/filters/preview', payload)
      return [answer.statusCode, answer.json()] as const
    }
    const criteria = { vulnerablePackages: [{ name: { comparison: 'PREFIX', value: 'lo' } }] }
    const sentence = 'package begins with lo'
    expect(await preview('viewer', { query: { package: 'lo*' } })).toEqual([200, { criteria, sentence, active: 1, suppressed: 0 }])
    expect(await preview('stranger', { criteria })).toEqual([200, { criteria, sentence, active: 0, suppressed: 0 }])
    const closed = { ...criteria, findingStatus: [{ comparison: 'EQUALS', value: 'CLOSED' }] }
    expect(await preview('viewer', { criteria: closed })).toMatchObject([200, { active: 0, suppressed: 0 }])
    const open = { ...criteria, findingStatus: [{ comparison: 'NOT_EQUALS', value: 'CLOSED' }] }
    expect(await preview('viewer', { criteria: open })).toMatchObject([200, { active: 1, suppressed: 0 }])
    const [status, { error }] = await preview('viewer', { criteria: {} })
    expect([status, error.message]).toEqual([400, 'filterCriteria: a suppression rule without criteria would hide everything'])
    expect((await sql`select from filter`.execute(store.db)).rows).toHaveLength(before)
  })

  const criteria = (value: object) => `/findings?criteria=${encodeURIComponent(JSON.stringify(value))}`
  const huge = [1e308, -1e308, 5_000, 1e-320, 1e300]
  it.each([
    ['/findings?text=%00', 400],
    ['/findings?resource=a%00', 400],
    ['/findings?after=%00.%00', 400],
    ['/coverage?resource=%00', 400],
    ['/coverage?reason=%00', 400],
    ['/resources/%00', 400],
    ['/resources/%ff', 400],
    [criteria({ title: [{ comparison: 'EQUALS', value: '\0' }] }), 400],
    [criteria({ title: [{ comparison: 'PREFIX', value: '\ud800' }] }), 400],
    [criteria({ resourceTags: [{ comparison: 'EQUALS', key: '\0' }] }), 400],
    [criteria({ firstObservedAt: [{ startInclusive: '0000-01-01T00:00:00Z' }] }), 400],
    [criteria({ firstObservedAt: [{ endInclusive: '9999-12-31T23:59:59-23:59' }] }), 400],
    [criteria({ awsAccountId: [{ comparison: 'PREFIX', value: "0'; drop table finding; --" }] }), 200],
    ...huge.flatMap((bound): [string, number][] =>
      ['inspectorScore', 'epssScore', 'ecrImageInUseCount'].flatMap((name): [string, number][] => [
        [criteria({ [name]: [{ lowerInclusive: bound }] }), 200],
        [criteria({ [name]: [{ upperInclusive: bound }] }), 200],
      ]),
    ),
  ])('answers %s with %i', async (path, status) => expect((await ask('viewer', 'GET', path)).statusCode).toBe(status))

  it.each([
    ['POST', '/resources', { target: 'dir:\0' }],
    ['POST', '/feeds/sync', { feeds: ['\0'] }],
    ['POST', '/filters', { name: 'abc', action: 'NONE', criteria: {}, description: '\0' }],
    ['POST', '/filters', { name: 'abc', action: 'NONE', criteria: {}, reason: 'half \ud800' }],
    ['POST', '/filters/preview', {}],
    ['POST', '/filters/preview', { criteria: {}, query: {} }],
    ['POST', '/filters/preview', { query: { status: 'ACTIVE' } }],
    ['POST', '/filters/preview', { criteria: { updatedAt: [{ endInclusive: '2026-01-01T00:00:00Z' }] } }],
    ['POST', '/filters', { name: 'abc', action: 'SUPPRESS', criteria: { title: [{ comparison: 'EQUALS', value: '\0' }] } }],
  ])('refuses %s %s %j', async (method, path, payload) => expect(await codeOf('operator', method, path, payload)).toEqual([400, 'invalid']))
})
