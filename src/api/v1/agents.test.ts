import { gzipSync } from 'node:zlib'
import compress from '@fastify/compress'
import fastify, { type FastifyInstance, type InjectOptions } from 'fastify'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { databases } from '../../../test/database.ts'
import { advisory, affects, at, deb, drain, host, load, npm, openWorld, osvFeed, type World } from '../../../test/join/world.ts'
import { createPrincipal, createToken } from '../../core/access/index.ts'
import { lineOf, nameOf, type Row, stateOf } from '../../core/agents/index.ts'
import { removeResource, registerResource } from '../../core/inventory/index.ts'
import { verify } from '../../core/verify/index.ts'
import type { Occurrence } from '../../model/component.ts'
import type { Role } from '../../model/scope.ts'
import type { Store } from '../../store/connection.ts'
import type { Enrolments, NewEnrolment } from './contract.ts'
import { writeSbom } from '../../formats/sbom-write.ts'
import { apiV1 } from './index.ts'

const [ours, theirs] = ['000000000000', '111111111111']
const machine = (digit: string) => digit.repeat(32)
const credential = (letter: string) => `oia_${letter.repeat(43)}`
const row = (one: Occurrence): Row => ({ is: 'occurrence', ...one })
const lodash = (version: string) => row(at('srv/package-lock.json', npm('lodash', version)))
const about: Row = { is: 'host', hostname: 'far', platform: 'linux', kernel: '6.1.0-9', installedKernels: ['6.1.0-10'] }

describe.each(databases)('agents on $name', { timeout: 60_000 }, ({ open }) => {
  let store: Store
  let world: World
  let app: FastifyInstance
  const tokens = new Map<string, string>()

  beforeAll(async () => {
    store = await open()
    world = await openWorld(store)
    await load(world, osvFeed('npm'), [advisory('GHSA-aaaa-bbbb-cccc', { affected: [affects('npm', 'lodash', '4.17.21')] })])
    for (const [name, role, account] of [
      ['viewer', 'viewer', ours],
      ['operator', 'operator', ours],
      ['stranger', 'admin', theirs],
    ] satisfies [string, Role, string][]) {
      const by = { by: 'test', at: world.now() }
      const principal = await createPrincipal(store.db, { name, kind: 'user', role, account }, by)
      tokens.set(name, await createToken(store.db, principal, { name }, by))
    }
    app = fastify({ routerOptions: { maxParamLength: 2048 }, bodyLimit: 1 << 20 })
    await app.register(compress)
    await app.register(apiV1, {
      prefix: '/api/v1',
      ...{ store, join: world, recording: world, now: world.now, homeRegion: 'us-east-1', version: '0.0.0' },
      ...{ onCollected: () => {}, writeSbom, syncFeeds: async () => {} },
      knowledge: async () => ({ state: 'none', feeds: [], families: {} }),
      pending: async () => ({ changes: 0, looks: 0 }),
      watching: {
        add: async () => expect.unreachable(),
        collect: async () => {},
        remove: (arn, alongside) => removeResource(world, arn, alongside),
      },
      verify: async () => ({ ok: true, checkedAt: world.now().toISOString(), checked: {}, pending: 0, looks: 0, differences: [] }),
    })
    await app.ready()
  })
  afterAll(async () => {
    await app.close()
    await store.close()
  })

  const ask = async (bearer: string | undefined, method: NonNullable<InjectOptions['method']>, path: string, payload?: object) => {
    const headers = bearer === undefined ? {} : { authorization: `Bearer ${tokens.get(bearer) ?? bearer}` }
    const answer = await app.inject({ method, url: `/api/v1${path}`, headers, ...(payload !== undefined && { payload }) })
    return { status: answer.statusCode, body: answer.body === '' ? undefined : answer.json() }
  }
  const newToken = async (who = 'operator', about: object = {}) => (await ask(who, 'POST', '/agents/tokens', about)).body as NewEnrolment
  const enrol = (token: string, letter: string, more: object = {}) =>
    ask(undefined, 'POST', '/agents/enrol', {
      ...{ protocol: 1, token, credential: credential(letter), host: machine(letter), hostname: `far-${letter}`, version: '1.0.0' },
      ...more,
    })
  const report = (letter: string, body: object) =>
    ask(credential(letter), 'POST', '/agents/report', {
      protocol: 1,
      version: '1.0.0',
      at: '2026-11-22T11:00:00Z',
      add: [],
      drop: [],
      ...body,
    })
  const whole = (rows: readonly Row[]) => ({ state: stateOf(rows.map(lineOf).map(nameOf)), add: rows.map(lineOf) })
  const change = (before: readonly Row[], after: readonly Row[]) => {
    const [were, are] = [before.map(lineOf), after.map(lineOf)]
    return {
      base: stateOf(were.map(nameOf)),
      state: stateOf(are.map(nameOf)),
      add: are.filter((line) => !were.includes(line)),
      drop: were.filter((line) => !are.includes(line)).map(nameOf),
    }
  }
  const covered = async (letter: string) => (await ask('viewer', 'GET', `/resources/urn:openinspector:host:${machine(letter)}`)).body
  const findings = async (letter: string, status = 'ACTIVE') =>
    (await ask('viewer', 'GET', `/findings?resource=far-${letter}&status=${status}`)).body.items as { id: string }[]
  const told = (hostname: string): Row => ({ ...about, hostname })

  it('takes a token as often as it says, from whoever holds it, and keeps only hashes', async () => {
    expect((await ask('viewer', 'POST', '/agents/tokens', {})).status).toBe(403)
    const made = await newToken('operator', { name: 'rack 7', uses: 2 })
    expect(made).toEqual({
      id: expect.stringMatching(/^[0-9a-f]{16}$/),
      token: expect.stringMatching(/^oie_[\w-]{43}$/),
      ...{
        name: 'rack 7',
        usesLeft: 2,
        createdBy: 'operator',
        createdAt: '2026-11-22T12:00:00.000Z',
        expiresAt: '2026-11-22T13:00:00.000Z',
      },
    })
    expect(await enrol(made.token, 'a')).toEqual({
      status: 201,
      body: {
        agent: expect.any(String),
        arn: `urn:openinspector:host:${machine('a')}`,
        account: ours,
        region: 'us-east-1',
        everySeconds: 60,
      },
    })
    // The answer was lost: asked again, it is the same, and no use is counted.
    expect((await enrol(made.token, 'a')).status).toBe(201)
    expect(await covered('a')).toMatchObject({ resourceId: 'far-a', reason: 'PENDING_INITIAL_SCAN', status: 'ACTIVE' })
    const second = await enrol(made.token, 'a', { credential: credential('z') })
    expect([second.status, second.body.error.message]).toEqual([409, expect.stringContaining('speaks for the host far-a')])
    expect(((await ask('operator', 'GET', '/agents/tokens')).body as Enrolments).items).toMatchObject([{ name: 'rack 7', usesLeft: 1 }])
    expect((await enrol(made.token, 'b')).status).toBe(201)
    const used = await enrol(made.token, 'c')
    expect([used.status, used.body.error.code]).toEqual([403, 'denied'])
    const old = await newToken('operator', { hours: 0.001 })
    world.clock = new Date(world.clock.getTime() + 10_000)
    expect((await enrol(old.token, 'c')).status).toBe(403)
    const ended = await newToken()
    expect((await ask('stranger', 'DELETE', `/agents/tokens/${ended.id}`)).status).toBe(404)
    expect((await ask('operator', 'DELETE', `/agents/tokens/${ended.id}`)).status).toBe(204)
    expect((await enrol(ended.token, 'c')).status).toBe(403)
    const { rows } = await sql<{
      text: string
    }>`select (select jsonb_agg(to_jsonb(a)) from agent a)::text || (select jsonb_agg(to_jsonb(e)) from enrolment e)::text as text`.execute(
      store.db,
    )
    expect(rows[0]?.text ?? '').not.toMatch(/oi[ae]_/)
  })

  it('takes everything, then changes, and knows what it holds', async () => {
    const first = [told('far-a'), lodash('4.17.15'), row(at('var/lib/dpkg/status', deb('bash', '5.2')))]
    expect(await report('a', whole(first))).toEqual({ status: 200, body: { is: 'recorded', everySeconds: 60 } })
    await drain(world)
    expect(await findings('a')).toHaveLength(1)
    expect(await covered('a')).toMatchObject({
      ...{ status: 'ACTIVE', collectors: ['agent'], components: 2 },
      facts: { hostname: 'far-a', kernel: '6.1.0-9', installedKernels: ['6.1.0-10'] },
    })
    const same = { base: whole(first).state, state: whole(first).state, at: '2026-11-22T11:30:00Z' }
    expect((await report('a', same)).body.is).toBe('held')
    expect(await covered('a')).toMatchObject({ lastObservedAt: '2026-11-22T11:30:00.000Z' })
    const second = [told('far-a'), lodash('4.17.21'), first[2]!]
    const delta = change(first, second)
    expect([delta.add.length, delta.drop.length]).toEqual([1, 1])
    expect((await report('a', delta)).body.is).toBe('recorded')
    // The same again, as after a lost answer; and an older one, which goes from a state that is none any more.
    expect((await report('a', delta)).body.is).toBe('held')
    expect((await report('a', { ...change(first, [...first, lodash('4.17.1')]) })).body.is).toBe('all')
    await drain(world)
    expect([await findings('a'), (await findings('a', 'CLOSED')).length]).toEqual([[], 1])
    const running: Row[] = [
      ...second,
      { is: 'process', pid: 7, name: 'node', files: ['/usr/bin/node'] },
      { is: 'socket', protocol: 'tcp', address: '::', port: 80, pid: 7 },
    ]
    expect((await report('a', change(second, running))).body.is).toBe('recorded')
    expect((await covered('a')).facts).toMatchObject({ processes: [{ pid: 7, name: 'node' }], sockets: [{ port: 80, pid: 7 }] })
    expect((await report('a', change(running, second))).body.is).toBe('recorded')
    expect((await covered('a')).facts).toMatchObject({ processes: [], sockets: [] })
    expect((await verify(world)).differences).toEqual([])
  })

  it('closes nothing for a gap, a fault, silence or a revocation, and says each', async () => {
    const seen = [told('far-b'), lodash('4.17.15')]
    await report('b', whole(seen))
    await drain(world)
    const gap: Row = { is: 'gap', path: 'srv', extractor: 'tree', reason: 'permission denied' }
    expect((await report('b', change(seen, [told('far-b'), gap]))).body.is).toBe('recorded')
    await drain(world)
    expect([(await findings('b')).length, (await covered('b')).gaps]).toEqual([1, 1])
    const fault: Row = { is: 'fault', reason: 'took more than 512 MB of memory' }
    expect((await report('b', change([told('far-b'), gap], [told('far-b'), gap, fault]))).body.is).toBe('recorded')
    expect(await covered('b')).toMatchObject({
      status: 'INACTIVE',
      reason: 'INTERNAL_ERROR',
      reasonDetail: 'took more than 512 MB of memory',
    })
    expect((await report('b', change([told('far-b'), gap, fault], seen))).body.is).toBe('recorded')
    expect(await covered('b')).toMatchObject({ status: 'ACTIVE', reason: 'SUCCESSFUL' })
    await sql`update agent set seen_at = '2026-11-01T10:00:00Z' where hostname = 'far-b'`.execute(store.db)
    const lost = {
      ...{
        status: 'INACTIVE',
        reason: 'INTEGRATION_CONNECTION_LOST',
        reasonDetail: 'Its agent is disconnected since 2026-11-01 10:00:00 UTC.',
      },
      why: expect.stringContaining('findings stay as they were'),
    }
    expect(await covered('b')).toMatchObject(lost)
    expect((await ask('viewer', 'GET', '/coverage?reason=INTEGRATION_CONNECTION_LOST')).body.items).toHaveLength(1)
    const { id } = (await ask('viewer', 'GET', '/agents')).body.items.find((one: { hostname: string }) => one.hostname === 'far-b')
    expect((await ask('viewer', 'GET', '/agents')).body.items.map((one: { status: string }) => one.status).sort()).toEqual([
      'connected',
      'disconnected',
    ])
    await report('b', { base: whole(seen).state, state: whole(seen).state })
    expect(await covered('b')).toMatchObject({ status: 'ACTIVE', reason: 'SUCCESSFUL' })
    expect((await ask('stranger', 'DELETE', `/agents/${id}`)).status).toBe(404)
    expect((await ask('stranger', 'GET', '/agents')).body.items).toEqual([])
    expect((await ask('viewer', 'DELETE', `/agents/${id}`)).status).toBe(403)
    expect((await ask('operator', 'DELETE', `/agents/${id}`)).status).toBe(204)
    expect((await report('b', whole(seen))).status).toBe(401)
    expect((await enrol('oie_x', 'b')).status).toBe(403)
    expect(await covered('b')).toMatchObject({
      status: 'INACTIVE',
      reason: 'RESOURCE_UNMANAGED',
      reasonDetail: expect.stringContaining('Its agent was revoked on 2026-11-22'),
    })
    await drain(world)
    expect(await findings('b')).toHaveLength(1)
  })

  it('lets a host that was removed back in by a new token only, and without what was seen before', async () => {
    const seen = [told('far-d'), lodash('4.17.15')]
    await enrol((await newToken()).token, 'd')
    await report('d', whole(seen))
    await drain(world)
    const arn = `urn:openinspector:host:${machine('d')}`
    expect((await ask('operator', 'DELETE', `/resources/${arn}`)).status).toBe(204)
    expect((await report('d', whole(seen))).status).toBe(401)
    await drain(world)
    expect(await findings('d')).toEqual([])
    expect((await enrol((await newToken()).token, 'd', { credential: credential('D') })).status).toBe(201)
    const now = [told('far-d'), row(at('srv/package-lock.json', npm('semver', '7.0.0')))]
    expect(
      (
        await ask(credential('D'), 'POST', '/agents/report', {
          protocol: 1,
          version: '1',
          at: '2026-11-22T11:00:00Z',
          drop: [],
          ...whole(now),
        })
      ).status,
    ).toBe(200)
    await drain(world)
    expect([await findings('d'), (await covered('d')).components]).toEqual([[], 1])
    await sql`update resource set gone_at = now() where arn = ${arn}`.execute(store.db)
    expect(
      (
        await ask(credential('D'), 'POST', '/agents/report', {
          protocol: 1,
          version: '1',
          at: '2026-11-22T11:00:00Z',
          drop: [],
          ...whole(seen),
        })
      ).status,
    ).toBe(403)
  })

  it('lets an agent speak of its own host, and do nothing else', async () => {
    const key = credential('a')
    for (const [method, path] of [
      ['GET', '/findings'],
      ['GET', '/agents'],
      ['GET', '/session'],
      ['POST', '/agents/tokens'],
      ['DELETE', '/session'],
    ] as const)
      expect([path, (await ask(key, method, path)).status]).toEqual([path, 401])
    for (const who of ['operator', 'stranger']) expect((await ask(who, 'POST', '/agents/report', whole([]))).status).toBe(401)
    // It has no way to name a resource: what it adds to the report is passed over.
    const other = host('web')
    await registerResource(world, other, { target: 'host', machine: 'web' })
    const before = (await ask('viewer', 'GET', `/resources/${other.arn}`)).body
    const claim = { ...told('far-a'), arn: other.arn, account: theirs } as unknown as Row
    expect((await report('a', { ...whole([claim, lodash('4.17.21')]), resource: other.arn, arn: other.arn, account: theirs })).status).toBe(
      200,
    )
    expect((await ask('viewer', 'GET', `/resources/${other.arn}`)).body).toEqual(before)
    expect((await ask('stranger', 'GET', '/coverage')).body.items).toEqual([])
    // Nor may it enrol as a host that another account has, or a worker looks at.
    expect((await enrol((await newToken('stranger')).token, 'a', { credential: credential('e') })).status).toBe(409)
    await registerResource(
      world,
      { ...other, arn: `urn:openinspector:host:${machine('f')}`, id: 'watched' },
      { target: 'host', machine: 'web' },
    )
    const watched = await enrol((await newToken()).token, 'f')
    expect([watched.status, watched.body.error.message]).toEqual([
      409,
      expect.stringContaining('A worker of this installation looks at this host'),
    ])
  })

  it.each<[string, object]>([
    ['a row that is no JSON', { add: ['{'] }],
    ['a row of an unknown kind', { add: ['{"is":"resource"}'] }],
    ['a row that is deep', { add: [`${'['.repeat(100_000)}${']'.repeat(100_000)}`] }],
    ['a deep member', { add: [`{"is":"os","id":${'['.repeat(50_000)}${']'.repeat(50_000)}}`] }],
    ['a row of two lines', { add: ['{"is":"os",\n"id":"debian"}'] }],
    ['a row that is too long', { add: [JSON.stringify({ is: 'gap', path: 'x'.repeat(300_000), extractor: 'x', reason: 'x' })] }],
    ['a text that is too long', { add: [JSON.stringify({ is: 'gap', path: 'x'.repeat(10_000), extractor: 'x', reason: 'x' })] }],
    ['a port nobody has', { add: ['{"is":"socket","protocol":"tcp","address":"::","port":70000}'] }],
    ['no state', { state: 'x' }],
    ['another state than its rows make', { add: ['{"is":"os","id":"debian"}'], state: '0'.repeat(64) }],
    ['a name that is none', { drop: ['../../etc'] }],
    ['rows that are none', { add: [1] }],
    ['a time that is none', { at: 'yesterday' }],
  ])('refuses %s, and changes nothing', async (_, body) => {
    const before = (await sql`select encode(state, 'hex'), told from agent where hostname = 'far-a'`.execute(store.db)).rows
    const lines = 'add' in body ? (body.add as string[]).map(String) : []
    const { status, body: answer } = await report('a', { state: stateOf(lines.map(nameOf)), ...body })
    expect([status, answer.error.code]).toEqual([400, 'invalid'])
    expect((await sql`select encode(state, 'hex'), told from agent where hostname = 'far-a'`.execute(store.db)).rows).toEqual(before)
  })

  it('takes names and versions that no package has, and judges nothing by them', async () => {
    const strange = { purl: 'pkg:%%%\0/\ud800?#', type: 'npm', name: '__proto__', version: '\u0000' }
    const rows: Row[] = [
      told('far-a'),
      row({ component: strange, at: { path: '../../\0' }, extractor: '' }),
      row({ component: { ...strange, type: 'deb', distro: ':::' }, at: { path: '' }, extractor: 'x' }),
    ]
    expect((await report('a', whole(rows))).body).toEqual({ is: 'recorded', everySeconds: 60 })
    await drain(world)
    expect((await covered('a')).components).toBe(2)
  })

  it('reads packed reports, and bounds what they become', async () => {
    const send = (payload: Buffer) =>
      app.inject({
        ...{ method: 'POST', url: '/api/v1/agents/report', payload },
        headers: { authorization: `Bearer ${credential('a')}`, 'content-type': 'application/json', 'content-encoding': 'gzip' },
      })
    const rows = [told('far-a'), lodash('4.17.20')]
    const body = { protocol: 1, version: '1.0.0', at: '2026-11-22T11:00:00Z', drop: [], ...whole(rows) }
    expect((await send(gzipSync(JSON.stringify(body)))).json()).toEqual({ is: 'recorded', everySeconds: 60 })
    const bomb = await send(gzipSync(Buffer.alloc(80 << 20, ' ')))
    expect([bomb.statusCode, bomb.json().error.code]).toEqual([400, 'invalid'])
    expect((await send(Buffer.from('no gzip'))).statusCode).toBe(400)
  })

  it('says which protocol it speaks', async () => {
    const refused = await report('a', { protocol: 2, somethingNew: true })
    expect(refused.status).toBe(501)
    expect(refused.body.error).toMatchObject({ code: 'unsupported', details: { speaks: [1] } })
    expect((await enrol('oie_x', 'g', { protocol: 2 })).status).toBe(501)
  })

  it('slows down who reports too often', async () => {
    const state = { state: '0'.repeat(64), base: '0'.repeat(64) }
    const statuses: number[] = []
    for (let at = 0; at < 70; at++) statuses.push((await report('a', state)).status)
    expect(statuses.at(-1)).toBe(429)
  })
})
