import { cp, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Change, CoverageItem, Finding, FindingDetail, FindingsPage, Session, Summary } from '../../src/api/v1/contract.ts'
import type { Credentials } from '../../src/app/data-folder.ts'
import { makeWorld } from '../browser/world.ts'
import { emptyStore } from '../database.ts'
import { freshServerDatabase } from '../postgres.ts'
import { oi, type Served, serving } from './oi.ts'

let scratch: string
let world: Awaited<ReturnType<typeof makeWorld>>
const served: Served[] = []
beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'oi-server-'))
  world = await makeWorld()
})
afterAll(async () => {
  await Promise.all(served.map((server) => server.stop('SIGKILL')))
  await rm(scratch, { recursive: true, force: true })
  await world.remove()
})

const start = async (args: readonly string[], env: NodeJS.ProcessEnv = {}) => {
  const server = await serving(args, { OI_CACHE: join(scratch, 'cache'), ...env })
  served.push(server)
  return server
}

describe('a server on a folder of its own', { timeout: 90_000 }, () => {
  let data: string
  let server: Served
  let credentials: Credentials
  let call: (path: string, init?: RequestInit) => Promise<Response>
  const get = async <T>(path: string): Promise<T> => (await call(path)).json() as Promise<T>

  beforeAll(async () => {
    data = join(scratch, 'data')
    server = await start(['--data', data, '--feeds', world.feeds, '--watch', `rootfs:${world.root}`])
    credentials = JSON.parse(await readFile(join(data, 'credentials.json'), 'utf8')) as Credentials
    call = (path, init = {}) =>
      fetch(`${server.url}/api/v1${path}`, { ...init, headers: { authorization: `Bearer ${credentials.token}`, ...init.headers } })
    await until(
      call,
      ({ is, ...change }) => is === 'hello' && 'knowledge' in change,
      () => settled(get),
    )
  })

  it('keeps credentials to its user, and prints one link that signs in once', async () => {
    expect((await stat(join(data, 'credentials.json'))).mode & 0o777).toBe(0o600)
    expect((await stat(data)).mode & 0o777).toBe(0o700)
    const link = /Sign in \(once, within 10 minutes\): (\S+)/.exec(server.said())?.[1] ?? ''
    expect(link).toMatch(new RegExp(`^${server.url}/sign-in#token=`))
    const token = decodeURIComponent(link.split('#token=')[1] ?? '')
    const exchange = () =>
      fetch(`${server.url}/api/v1/session/link`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ token }),
      })
    const first = await exchange()
    expect(first.status).toBe(200)
    const cookie = first.headers.get('set-cookie')?.split(';')[0] ?? ''
    expect(first.headers.get('set-cookie')).toMatch(/HttpOnly; SameSite=Strict/)
    expect((await exchange()).status).toBe(403)
    const session = await fetch(`${server.url}/api/v1/session`, { headers: { cookie } })
    expect(await session.json()).toMatchObject({
      principal: { name: 'admin', role: 'admin', account: '000000000000' },
      homeRegion: 'us-east-1',
      product: { name: 'OpenInspector', version: '0.1.0' },
      store: 'embedded',
      knowledge: { state: 'full' },
      evaluating: { pending: 0 },
    } satisfies Partial<Record<keyof Session, unknown>>)
    const foreign = { cookie, origin: 'https://evil.example', 'content-type': 'application/json' }
    expect((await fetch(`${server.url}/api/v1/feeds/sync`, { method: 'POST', headers: foreign, body: '{}' })).status).toBe(403)
    expect((await fetch(`${server.url}/api/v1/session`, { method: 'DELETE', headers: { cookie, origin: server.url } })).status).toBe(204)
    expect((await fetch(`${server.url}/api/v1/session`, { headers: { cookie } })).status).toBe(401)
  })

  it.each([
    ['/nothing', {}, 404, 'missing'],
    ['/findings/0123456789abcdef0123456789abcdef', {}, 404, 'missing'],
    ['/findings/xyz', {}, 400, 'invalid'],
    ['/findings?colour=red', {}, 400, 'invalid'],
    ['/findings?limit=0', {}, 400, 'invalid'],
    ['/findings?status=OPEN', {}, 400, 'invalid'],
    ['/findings?criteria={', {}, 400, 'invalid'],
    ['/findings?after=bm90IG91cnM', {}, 400, 'invalid'],
    ['/findings', { headers: { authorization: 'Bearer oit_none' } }, 401, 'denied'],
    [
      '/resources',
      { method: 'POST', body: '{"target":"dir:/does/not/exist"}', headers: { 'content-type': 'application/json' } },
      404,
      'missing',
    ],
    ['/resources', { method: 'POST', body: '{"target":', headers: { 'content-type': 'application/json' } }, 400, 'invalid'],
    [
      '/resources',
      { method: 'POST', body: `{"target":"${'x'.repeat(1_100_000)}"}`, headers: { 'content-type': 'application/json' } },
      400,
      'invalid',
    ],
    ['/feeds/sync', { method: 'POST', body: '{"feeds":["osv/Cobol"]}', headers: { 'content-type': 'application/json' } }, 404, 'missing'],
    ['/resources/urn%3Anone/collect', { method: 'POST' }, 404, 'missing'],
  ])('%s (%#) answers in its one error form', async (path, init, status, code) => {
    const answer = await call(path, init)
    expect(answer.status).toBe(status)
    expect(await answer.json()).toMatchObject({
      error: { code, message: expect.stringMatching(/\S/), correlationId: answer.headers.get('x-correlation-id') },
    })
  })

  it('answers nobody who came by another host name', async () => {
    const { request } = await import('node:http')
    const { hostname, port } = new URL(server.url)
    const status = await new Promise((resolve, reject) => {
      request({ hostname, port, path: '/api/v1/session', headers: { host: 'rebound.example' } }, (response) =>
        resolve(response.resume().statusCode),
      )
        .on('error', reject)
        .end()
    })
    expect(status).toBe(403)
  })

  it('lists findings page by page, the same through API and command line', async () => {
    const all: Finding[] = []
    let after: string | undefined
    do {
      const page = await get<FindingsPage>(
        `/findings?status=ACTIVE&limit=10${after === undefined ? '' : `&after=${encodeURIComponent(after)}`}`,
      )
      if (after === undefined) expect(page.total).toBe(32)
      all.push(...page.items)
      after = page.after
    } while (after !== undefined)
    expect(all).toHaveLength(32)
    expect(all[0]).toMatchObject({
      severity: 'CRITICAL',
      inspectorScore: 9.8,
      exploitAvailable: 'YES',
      fixAvailable: 'YES',
      epss: { score: expect.closeTo(0.91) },
      packageVulnerabilityDetails: { vulnerabilityId: 'CVE-2099-10001' },
    })
    const listed = await oi(['findings', 'list', '--data', data, '-o', 'ndjson', '--quiet'])
    expect(listed).toMatchObject({ code: 0, err: '' })
    expect(
      listed.out
        .trim()
        .split('\n')
        .map((line) => (JSON.parse(line) as Finding).id),
    ).toEqual(all.map(({ id }) => id))
    expect(JSON.parse((await oi(['findings', 'list', '--data', data, '--limit', '1', '-o', 'json'])).out)).toEqual([all[0]])
    expect(
      (await get<FindingsPage>('/findings?severity=CRITICAL&severity=LOW&package=libacme*')).items.map(({ severity }) => severity),
    ).toEqual(['CRITICAL', 'LOW'])
  })

  it('shows what a finding rests on', async () => {
    const [first] = (await get<FindingsPage>('/findings?vulnerability=CVE-2099-10001')).items
    const detail = JSON.parse((await oi(['findings', 'get', first?.findingArn ?? '', '--data', data, '-o', 'json'])).out) as FindingDetail
    expect(detail.evidence.matches[0]).toMatchObject({
      component: 'pkg:deb/debian/acme-archive-tools@1.2.0-1?arch=amd64',
      verdict: 'affected',
      advisory: 'CVE-2099-10001',
      feed: 'osv/Debian',
      range: { type: 'ECOSYSTEM', events: [{ introduced: '0' }, { fixed: '1.2.0-2' }] },
      fixedIn: '1.2.0-2',
    })
    expect(detail.evidence.locations[0]).toMatchObject({ path: 'var/lib/dpkg/status' })
    expect(await get(`/findings/${first?.id}/history`)).toMatchObject({
      items: [{ change: 'OPENED', status: 'ACTIVE', severity: 'CRITICAL' }],
    })
    expect((await oi(['findings', 'get', first?.id ?? '', '--data', data, '-o', 'table'])).out).toContain(
      'acme-archive-tools 1.2.0-1, fixed in 1.2.0-2',
    )
  })

  it('tells summary, coverage, feeds and verify', async () => {
    expect(await get<Summary>('/summary')).toMatchObject({
      severities: { all: 32, critical: 1, medium: 30, low: 1, high: 0 },
      exploitAvailable: 1,
      coverage: [{ status: 'ACTIVE', reason: 'SUCCESSFUL', count: 1 }],
      knowledge: { state: 'full' },
    })
    const coverage = JSON.parse((await oi(['coverage', 'list', '--data', data, '-o', 'json'])).out) as CoverageItem[]
    expect(coverage).toMatchObject([
      { status: 'ACTIVE', reason: 'SUCCESSFUL', gaps: 0, target: `rootfs:${world.root}`, counts: { all: 32 } },
    ])
    expect(await get(`/resources/${encodeURIComponent(coverage[0]?.arn ?? '')}`)).toMatchObject({
      components: 3,
      observations: [{ components: 3, gaps: [] }],
    })
    const asked = ['resources', 'sbom', coverage[0]?.arn ?? '', '--format', 'spdx-2.3', '--data', data]
    const sbom = await oi(asked)
    expect([sbom.code, JSON.parse(sbom.out).spdxVersion]).toEqual([0, 'SPDX-2.3'])
    // What it is about, its system, and the components.
    expect(JSON.parse(sbom.out).packages).toHaveLength(5)
    expect((await oi(asked)).out).toBe(sbom.out)
    const feeds = await oi(['feeds', 'status', '--data', data, '-o', 'json'])
    expect(JSON.parse(feeds.out).map(({ name, state }: { name: string; state: string }) => `${name} ${state}`)).toEqual([
      'epss fresh',
      'kev fresh',
      'osv/Debian fresh',
    ])
    expect(await oi(['verify', '--data', data])).toEqual({
      code: 0,
      out: '',
      err: expect.stringMatching(/^No difference \(3 components, 1 inventories, 1 resources, 32 findings\)\n$/),
    })
  })

  it('tells of changes as they come: a new target, its feed, its findings, and their end', async () => {
    let added: { arn: string } | undefined
    const seen = await until(
      call,
      (change) => change.is === 'findings' && change.count === 1,
      async () => {
        const ran = await oi(['resources', 'add', `dir:${world.project}`, '--data', data, '-o', 'json'])
        expect(ran.code).toBe(0)
        added = JSON.parse(ran.out)
      },
    )
    expect(seen[0]).toMatchObject({ is: 'hello', knowledge: { state: 'full' } })
    expect((await get<FindingsPage>('/findings?vulnerability=CVE-2099-10003')).items).toMatchObject([
      { severity: 'HIGH', status: 'ACTIVE' },
    ])
    const shown = await get<{ gaps: number; observations: { gaps: { path: string }[] }[] }>(
      `/resources/${encodeURIComponent(added?.arn ?? '')}`,
    )
    expect(shown.observations[0]?.gaps.map(({ path }) => path)).toEqual(['broken/package-lock.json'])
    await until(
      call,
      (change) => change.is === 'findings',
      async () => expect((await oi(['resources', 'remove', added?.arn ?? '', '--data', data])).code).toBe(0),
    )
    expect((await get<FindingsPage>('/findings?vulnerability=CVE-2099-10003')).items).toMatchObject([{ status: 'CLOSED' }])
  })

  it('says of what nobody could read that it is unknown', async () => {
    const folder = join(scratch, 'unread')
    await mkdir(folder)
    let added: { arn: string } | undefined
    await until(
      call,
      ({ is }) => is === 'coverage',
      async () => {
        added = JSON.parse((await oi(['resources', 'add', `dir:${folder}`, '--data', data, '-o', 'json'])).out) as { arn: string }
      },
    )
    const arn = added?.arn ?? ''
    while ((await get<CoverageItem>(`/resources/${encodeURIComponent(arn)}`)).reason === 'PENDING_INITIAL_SCAN')
      await new Promise((resolve) => setTimeout(resolve, 50))
    expect(await get<CoverageItem>(`/resources/${encodeURIComponent(arn)}`)).toMatchObject({
      ...{ status: 'INACTIVE', reason: 'NO_INVENTORY', gaps: 1 },
    })
    const list = await oi(['findings', 'list', '--data', data, '--limit', '1', '-o', 'json'])
    expect(list.code).toBe(3)
    expect(list.err).toContain('1 of 2 resources not covered: what is there is unknown. Next: openinspector coverage list')
    expect((await oi(['resources', 'remove', arn, '--data', data])).code).toBe(0)
    expect((await oi(['findings', 'list', '--data', data, '--limit', '1', '-o', 'json'])).code).toBe(0)
  })

  it('suppresses by a filter, and restores when it goes', async () => {
    const headers = { 'content-type': 'application/json' }
    const before = await call('/filters/preview', { method: 'POST', headers, body: JSON.stringify({ query: { severity: 'LOW' } }) })
    expect(await before.json()).toEqual({
      criteria: { severity: [{ comparison: 'EQUALS', value: 'LOW' }] },
      sentence: 'severity is LOW',
      active: 1,
      suppressed: 0,
    })
    const criteria = { severity: [{ comparison: 'EQUALS', value: 'LOW' }] }
    let arn = ''
    await until(
      call,
      ({ is }) => is === 'findings',
      async () => {
        const made = await call('/filters', {
          method: 'POST',
          headers,
          body: JSON.stringify({ name: 'no-low', action: 'SUPPRESS', criteria }),
        })
        expect(made.status).toBe(201)
        arn = ((await made.json()) as { arn: string }).arn
      },
    )
    expect((await get<FindingsPage>('/findings?severity=LOW')).items).toMatchObject([{ status: 'SUPPRESSED' }])
    expect(await get('/filters?action=SUPPRESS')).toMatchObject({
      items: [{ arn, name: 'no-low', action: 'SUPPRESS', criteria, sentence: 'severity is LOW', region: 'us-east-1', hides: 1 }],
    })
    expect(await get('/filters?action=NONE')).toEqual({ items: [] })
    const changed = await call(`/filters/${encodeURIComponent(arn)}`, {
      method: 'PATCH',
      headers,
      body: JSON.stringify({ reason: 'nobody has time' }),
    })
    expect(await changed.json()).toMatchObject({ reason: 'nobody has time', action: 'SUPPRESS' })
    await until(
      call,
      ({ is }) => is === 'findings',
      async () => {
        expect((await call(`/filters/${encodeURIComponent(arn)}`, { method: 'DELETE' })).status).toBe(204)
      },
    )
    expect((await get<FindingsPage>('/findings?severity=LOW')).items).toMatchObject([{ status: 'ACTIVE' }])
  })

  it('makes, lists and deletes rules from the command line, by the words and numbers of the API', async () => {
    const rule = ['filters', 'create', 'no-low', '--severity', 'LOW', '--reason', 'nobody has time', '--data', data]
    const said = 'Hides findings where severity is LOW: 1 active, 0 hidden already\n'
    expect(await oi([...rule, '--dry-run'])).toEqual({ code: 0, out: '', err: said })
    expect(await get('/filters')).toEqual({ items: [] })
    await until(
      call,
      ({ is }) => is === 'findings',
      async () => expect(await oi(rule)).toEqual({ code: 0, out: '', err: `${said}Made no-low\n` }),
    )
    const listed = await oi(['filters', 'list', '--data', data, '-o', 'json'])
    expect(JSON.parse(listed.out)).toMatchObject([{ name: 'no-low', sentence: 'severity is LOW', hides: 1, reason: 'nobody has time' }])
    expect(await oi(['filters', 'delete', 'other', '--data', data])).toMatchObject({
      code: 2,
      err: expect.stringContaining('no filter other'),
    })
    await until(
      call,
      ({ is }) => is === 'findings',
      async () => {
        const gone = await oi(['filters', 'delete', 'no-low', '--data', data])
        expect(gone).toEqual({ code: 0, out: '', err: 'Deleted no-low, which hid 1 finding\n' })
      },
    )
    expect(await get('/filters')).toEqual({ items: [] })
  })

  it('describes itself, and serves the console for its pages', async () => {
    const api = (await (await fetch(`${server.url}/api/v1/openapi.json`)).json()) as { openapi: string; paths: Record<string, object> }
    expect(api.openapi).toMatch(/^3\./)
    expect(
      Object.entries(api.paths)
        .flatMap(([path, methods]) => Object.keys(methods).map((method) => `${method} ${path}`))
        .toSorted(),
    ).toEqual([
      'delete /api/v1/agents/tokens/{id}',
      'delete /api/v1/agents/{id}',
      'delete /api/v1/filters/{arn}',
      'delete /api/v1/resources/{arn}',
      'delete /api/v1/session',
      'get /api/v1/agents',
      'get /api/v1/agents/tokens',
      'get /api/v1/changes',
      'get /api/v1/coverage',
      'get /api/v1/coverage/statistics',
      'get /api/v1/feeds',
      'get /api/v1/filters',
      'get /api/v1/findings',
      'get /api/v1/findings/{id}',
      'get /api/v1/findings/{id}/history',
      'get /api/v1/resources/{arn}',
      'get /api/v1/resources/{arn}/sbom',
      'get /api/v1/session',
      'get /api/v1/summary',
      'patch /api/v1/filters/{arn}',
      'post /api/v1/agents/enrol',
      'post /api/v1/agents/report',
      'post /api/v1/agents/tokens',
      'post /api/v1/feeds/sync',
      'post /api/v1/filters',
      'post /api/v1/filters/preview',
      'post /api/v1/resources',
      'post /api/v1/resources/{arn}/collect',
      'post /api/v1/session/link',
      'post /api/v1/verify',
    ])
    const page = await fetch(`${server.url}/findings?status=ACTIVE`, { headers: { accept: 'text/html' } })
    expect(page.status).toBe(200)
    expect(page.headers.get('content-security-policy')).toBe(
      "default-src 'self';style-src 'self';img-src 'self' data:;object-src 'none';base-uri 'none';form-action 'self';frame-ancestors 'none'",
    )
    expect(await page.text()).toContain('<div id="root">')
    expect((await fetch(`${server.url}/nothing.js`)).status).toBe(404)
  })

  it('a second process on the folder is told so; after SIGTERM the folder is free, and all is still there', async () => {
    const second = await oi(['serve', '--port', '0', '--data', data])
    expect(second.code).toBe(2)
    expect(second.err).toContain(data)
    expect(await server.stop()).toBe(0)
    server = await start(['--data', data, '--feeds', 'off', '--watch', `rootfs:${world.root}`])
    expect((await get<FindingsPage>('/findings?status=ACTIVE')).total).toBe(32)
    expect(await server.stop('SIGINT')).toBe(0)
  })

  it('moves to a PostgreSQL server, proven by verify', async () => {
    const { url, drop } = await freshServerDatabase()
    try {
      const moved = await oi(['migrate-store', '--to', url, '--data', data])
      expect(moved.err).toMatch(/Copied \d+ rows of \d+ tables; 32 findings recomputed, 0 differences/)
      expect(moved.code).toBe(0)
      const again = await oi(['migrate-store', '--to', url, '--data', data])
      expect(again.code).toBe(2)
      expect(again.err).toContain('The target must be empty')
      server = await start(['--data', data, '--feeds', 'off', '--watch', `rootfs:${world.root}`], { DATABASE_URL: url })
      expect(await get<Session>('/session')).toMatchObject({ store: 'server', principal: { name: 'admin' } })
      expect((await get<FindingsPage>('/findings?status=ACTIVE')).total).toBe(32)
      expect((await oi(['verify', '--data', data])).code).toBe(0)
      expect(await server.stop()).toBe(0)
    } finally {
      await drop()
    }
  })
})

it('without any feed it says that only the starter set was judged', { timeout: 60_000 }, async () => {
  const data = join(scratch, 'starter')
  await emptyStore(data)
  const server = await start(['--data', data, '--feeds', 'off', '--watch', `rootfs:${world.root}`])
  await expect.poll(server.said, { timeout: 30_000 }).toContain('only the starter set is judged')
  const list = await oi(['findings', 'list', '--data', data, '-o', 'json'])
  expect(list.code).toBe(3)
  expect(list.err).toContain('of it only the starter set was judged')
  expect(await server.stop()).toBe(0)
})

it('judges by the starter set what the feed that could not be loaded would have judged', { timeout: 60_000 }, async () => {
  const [data, feeds, root] = ['half', 'half-feeds', 'half-root'].map((name) => join(scratch, name)) as [string, string, string]
  await cp(join(world.feeds, 'osv/npm'), join(feeds, 'osv/npm'), { recursive: true })
  await mkdir(join(feeds, 'osv/Debian'))
  await writeFile(join(feeds, 'osv/Debian/all.zip'), (await readFile(join(world.feeds, 'osv/Debian/all.zip'))).subarray(0, -30))
  await mkdir(join(root, 'etc'), { recursive: true })
  await mkdir(join(root, 'var/lib/dpkg'), { recursive: true })
  await emptyStore(data)
  await writeFile(join(root, 'etc/os-release'), 'ID=debian\nVERSION_ID="12"\n')
  const installed = 'Status: install ok installed\nArchitecture: amd64'
  await writeFile(join(root, 'var/lib/dpkg/status'), `Package: openssh-server\nSource: openssh\n${installed}\nVersion: 1:9.2p1-2\n`)
  await writeFile(
    join(root, 'package-lock.json'),
    JSON.stringify({ lockfileVersion: 3, packages: { 'node_modules/lodash': { version: '4.17.15' } } }),
  )
  const server = await start(['--data', data, '--feeds', feeds, '--watch', `rootfs:${root}`])
  const { token } = JSON.parse(await readFile(join(data, 'credentials.json'), 'utf8')) as Credentials
  const get = async <T>(path: string): Promise<T> =>
    (await fetch(`${server.url}/api/v1${path}`, { headers: { authorization: `Bearer ${token}` } })).json() as Promise<T>
  for (;;) {
    const { knowledge, evaluating, coverage } = await get<Summary>('/summary')
    const about = (name: string) => knowledge.feeds.find((feed) => feed.name === name)
    const tried = about('osv/Debian')?.error !== undefined && about('osv/npm')?.loadedAt !== undefined
    if (tried && evaluating.pending === 0 && coverage.every(({ reason }) => reason === 'SUCCESSFUL')) break
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  const { items, knowledge } = await get<FindingsPage>('/findings?status=ACTIVE')
  expect(knowledge.state).toBe('starter')
  expect(items.map(({ title }) => title)).toContain('CVE-2024-6387 - openssh-server')
  expect(await server.stop()).toBe(0)
})

type Call = (path: string, init?: RequestInit) => Promise<Response>

/** Follows `/changes` until one fits; `act` runs once the stream is open. */
async function until(call: Call, fits: (change: Change) => boolean, act: () => Promise<unknown>): Promise<readonly Change[]> {
  const ending = new AbortController()
  const response = await call('/changes', { signal: ending.signal })
  expect(response.headers.get('content-type')).toBe('text/event-stream')
  const seen: Change[] = []
  let rest = ''
  const acted = act()
  try {
    for await (const bytes of response.body ?? []) {
      const blocks = (rest + Buffer.from(bytes).toString()).split('\n\n')
      rest = blocks.pop() ?? ''
      for (const block of blocks) if (block.startsWith('data: ')) seen.push(JSON.parse(block.slice(6)) as Change)
      await acted
      if (seen.some(fits)) return seen
    }
    throw new Error(`the stream ended before what was waited for: ${JSON.stringify(seen)}`)
  } finally {
    ending.abort()
  }
}

/** Everything watched is collected, every feed loaded, and nothing left to do. */
async function settled(get: <T>(path: string) => Promise<T>): Promise<void> {
  for (;;) {
    const { knowledge, evaluating, coverage } = await get<Summary>('/summary')
    const scanned = coverage.length > 0 && coverage.every(({ reason }) => reason === 'SUCCESSFUL')
    if (knowledge.state === 'full' && scanned && evaluating.pending === 0) return
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}
