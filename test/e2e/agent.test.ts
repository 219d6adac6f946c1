import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { createServer as createHttps } from 'node:https'
import { createServer, request, type IncomingMessage, type ServerResponse } from 'node:http'
import { connect, type AddressInfo } from 'node:net'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import type { AgentItem, CoverageItem, Finding, NewEnrolment } from '../../src/api/v1/contract.ts'
import type { Credentials } from '../../src/app/data-folder.ts'
import { makeWorld } from '../browser/world.ts'
import { freshServerDatabase } from '../postgres.ts'
import { oi, running, type Running, type Served, serving } from './oi.ts'

const certificates = join(import.meta.dirname, '../../src/plugins/sources/registry/fixtures')
let scratch: string
let world: Awaited<ReturnType<typeof makeWorld>>
const started: { stop(signal: NodeJS.Signals): Promise<unknown> }[] = []
beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'oi-agent-'))
  world = await makeWorld()
})
afterAll(async () => {
  await Promise.all(started.map((one) => one.stop('SIGKILL')))
  await rm(scratch, { recursive: true, force: true })
  await world.remove()
})

/** Asks until the answer fits; the time limit of the test is the only one. */
const until = async <T>(ask: () => Promise<T> | T, fits: (answer: T) => boolean): Promise<T> => {
  for (;;) {
    const answer = await ask()
    if (fits(answer)) return answer
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}
const put = async (path: string, content: string) => {
  await mkdir(dirname(path), { recursive: true })
  await writeFile(path, content)
}
const lock = (version: string) => JSON.stringify({ lockfileVersion: 3, packages: { 'node_modules/lodash': { version } } })

describe('an agent and its server', { timeout: 180_000 }, () => {
  let data: string
  let root: string
  let folder: string
  let port: string
  let database: Awaited<ReturnType<typeof freshServerDatabase>>
  let db: pg.Client
  let server: Served
  let agent: Running
  /** What the agent sent, as it passed by: the server is asked through it. */
  let wire: {
    readonly url: string
    readonly sent: { readonly path: string; readonly bytes: number; readonly encoding: string | undefined }[]
  }

  const serve = async (at = '0') => {
    const env = { OI_CACHE: join(scratch, 'cache'), DATABASE_URL: database.url }
    const made = await serving(['--data', data, '--feeds', world.feeds, '--watch', `dir:${world.project}`, '--port', at], env)
    started.push(made)
    return made
  }
  const run = () => {
    const made = running(['agent', 'run', '--data', folder, '--root', root])
    started.push(made)
    return made
  }
  const json = async <T>(...args: string[]) => JSON.parse((await oi([...args, '--data', data, '-o', 'json'])).out) as T
  const covered = async () => (await json<CoverageItem[]>('coverage', 'list', '--resource-type', 'OPENINSPECTOR_HOST'))[0]
  const findings = (status = 'ACTIVE') => json<Finding[]>('findings', 'list', '--resource-type', 'OPENINSPECTOR_HOST', '--status', status)
  const agents = () => json<AgentItem[]>('agents', 'list')
  const enrol = async (token: string, ...more: string[]) =>
    oi(['agent', 'enrol', '--server', wire.url, '--data', folder, ...more], { OI_ENROL_TOKEN: token })

  beforeAll(async () => {
    ;[data, root, folder] = [join(scratch, 'server'), join(scratch, 'root'), join(scratch, 'agent')]
    await put(join(root, 'etc/os-release'), await readFile(join(world.root, 'etc/os-release'), 'utf8'))
    await put(join(root, 'var/lib/dpkg/status'), await readFile(join(world.root, 'var/lib/dpkg/status'), 'utf8'))
    database = await freshServerDatabase()
    db = new pg.Client({ connectionString: database.url })
    await db.connect()
    server = await serve()
    port = new URL(server.url).port
    wire = await passing(() => server.url)
  })
  afterAll(async () => {
    await server.stop()
    await db.end()
    await database.drop()
  })

  it('enrols with a token, keeps its credential to itself, and says what it cannot', async () => {
    const made = await json<NewEnrolment>('agents', 'token', '--name', 'rack 7')
    const plain = await oi(['agent', 'enrol', '--server', 'http://192.0.2.1:7480', '--data', folder], { OI_ENROL_TOKEN: made.token })
    expect([plain.code, plain.err]).toEqual([2, expect.stringContaining('would send the credential in the clear')])
    expect((await oi(['agent', 'run', '--data', folder])).err).toContain('This host is not enrolled')
    const none = await enrol('oie_none')
    expect([none.code, none.err]).toEqual([4, expect.stringContaining('used up, has expired or is not one of ours')])
    const enrolled = await enrol(made.token)
    expect([enrolled.code, enrolled.err]).toEqual([
      0,
      expect.stringMatching(/^Enrolled as agent \S{36}, for urn:openinspector:host:[0-9a-f]{32}$/m),
    ])
    expect((await stat(join(folder, 'agent.json'))).mode & 0o777).toBe(0o600)
    expect((await stat(folder)).mode & 0o777).toBe(0o700)
    expect((await enrol(made.token)).err).toContain('is enrolled with')
    expect((await enrol(made.token, '--again')).code).toBe(4)
    expect(await covered()).toMatchObject({ reason: 'PENDING_INITIAL_SCAN' })
    await rm(folder, { recursive: true })
    const { id } = (await agents())[0]!
    expect((await oi(['agents', 'revoke', id, '--data', data])).code).toBe(0)
    expect((await enrol((await json<NewEnrolment>('agents', 'token')).token)).code).toBe(0)
  })

  it('shows what is on its host, and what runs there', async () => {
    agent = run()
    await until(covered, (one) => one?.reason === 'SUCCESSFUL')
    const found = await until(findings, (all) => all.length > 0)
    expect(found.map(({ title }) => title)).toContainEqual(expect.stringContaining('CVE-2099-10001'))
    const { arn, collectors } = (await covered())!
    expect(collectors).toEqual(['agent'])
    const { token } = JSON.parse(await readFile(join(data, 'credentials.json'), 'utf8')) as Credentials
    const detail = (await (
      await fetch(`${server.url}/api/v1/resources/${arn}`, { headers: { authorization: `Bearer ${token}` } })
    ).json()) as { facts: { kernel: string; processes: { pid: number }[] } }
    expect(detail.facts.kernel).toMatch(/^\d/)
    expect(detail.facts.processes.map(({ pid }) => pid)).toContain(process.pid)
  })

  it('tells a change at once, as a change', async () => {
    const before = wire.sent.length
    await put(join(root, 'srv/package-lock.json'), lock('4.17.15'))
    const status = join(root, 'var/lib/dpkg/status')
    await put(
      status,
      `${await readFile(status, 'utf8')}\nPackage: newcomer\nStatus: install ok installed\nVersion: 1.0\nArchitecture: amd64\n`,
    )
    await until(
      () =>
        db.query<{ count: string }>(
          `select count(*) from occurrence o join component c on c.id = o.component_id where c.name = 'newcomer'`,
        ),
      ({ rows }) => rows[0]?.count !== '0',
    )
    const [first] = wire.sent.slice(before).filter(({ path }) => path.endsWith('/report'))
    const whole = wire.sent
      .slice(0, before)
      .filter(({ path }) => path.endsWith('/report'))
      .map(({ bytes }) => bytes)
    expect(first!.bytes).toBeLessThan(Math.max(...whole))
  })

  it('is shown as disconnected while the server does not hear of it, closes nothing, and catches up by itself', async () => {
    expect(await agent.stop()).toBe(0)
    expect(agent.said()).toContain('Stopping (SIGTERM)')
    const open = (await findings()).length
    // What it said last may still be on its way.
    const lost = async () => {
      await db.query(`update agent set seen_at = '2026-11-01T10:00:00Z' where revoked_at is null`)
      return covered()
    }
    expect(await until(lost, (one) => one?.reason === 'INTEGRATION_CONNECTION_LOST')).toMatchObject({
      ...{ status: 'INACTIVE', reasonDetail: 'Its agent is disconnected since 2026-11-01 10:00:00 UTC.' },
    })
    const list = await oi(['agents', 'list', '--data', data, '-o', 'table'])
    expect(list.out).toContain('disconnected since 2026-11-01T10:00:00Z')
    expect([open > 0, (await findings('CLOSED')).length]).toEqual([true, 0])
    await server.stop()
    // Nobody is there: it looks, and keeps what it saw.
    await put(join(root, 'srv/package-lock.json'), lock('4.17.99'))
    agent = run()
    await until(agent.said, (said) => said.includes('"looked"') && said.includes('could not tell the server'))
    expect(await agent.stop()).toBe(0)
    server = await serve(port)
    agent = run()
    await until(covered, (one) => one?.reason === 'SUCCESSFUL')
    await until(
      () => db.query<{ count: string }>(`select count(*) from component where name = 'lodash' and version = '4.17.99'`),
      ({ rows }) => rows[0]?.count === '1',
    )
  })

  it('sends everything when the server does not know what it told before', async () => {
    await db.query(`update agent set state = null, told = null where revoked_at is null`)
    expect(await agent.stop()).toBe(0)
    agent = run()
    await until(
      () => db.query<{ state: Buffer | null }>(`select state from agent where revoked_at is null`),
      ({ rows }) => rows[0]?.state !== null,
    )
  })

  it("ends when it is revoked, and its host is shown as nobody's", async () => {
    const { id } = (await agents()).find(({ status }) => status === 'connected')!
    expect(await agent.stop()).toBe(0)
    expect((await oi(['agents', 'revoke', id, '--data', data])).code).toBe(0)
    agent = run()
    expect(await agent.ended).toBe(4)
    expect(agent.said()).toContain('was revoked')
    expect(await covered()).toMatchObject({ status: 'INACTIVE', reason: 'RESOURCE_UNMANAGED' })
    expect((await findings()).length).toBeGreaterThan(0)
  })

  it('speaks TLS with a certificate of its own, through a proxy', async () => {
    const [key, cert] = ['loopback-key.pem', 'loopback-certificate.pem'].map((name) => join(certificates, name)) as [string, string]
    const secure = createHttps(
      { key: await readFile(key), cert: await readFile(cert) },
      passOn(() => server.url),
    )
    const tunnels: string[] = []
    const proxy = createServer()
    proxy.on('connect', ({ url = '' }, socket) => {
      tunnels.push(url)
      const there = connect(Number(url.split(':')[1]), '127.0.0.1', () => socket.write('HTTP/1.1 200 OK\r\n\r\n'))
      there.pipe(socket).pipe(there)
      for (const one of [there, socket]) one.on('error', () => {})
    })
    for (const one of [secure, proxy]) await once(one.listen(0, '127.0.0.1'), 'listening')
    onTestFinished(() => [secure, proxy].forEach((one) => (one.closeAllConnections(), one.close())))
    const portOf = (one: typeof secure | typeof proxy) => (one.address() as AddressInfo).port
    const address = `https://127.0.0.1:${portOf(secure)}`
    const env = { HTTPS_PROXY: `http://127.0.0.1:${portOf(proxy)}`, OI_ENROL_TOKEN: (await json<NewEnrolment>('agents', 'token')).token }
    const args = ['agent', 'enrol', '--server', address, '--data', folder, '--again']
    const unknown = await oi(args, env)
    expect([unknown.code, unknown.err]).toEqual([5, expect.stringContaining('self-signed certificate')])
    expect((await oi([...args, '--ca', cert], env)).code).toBe(0)
    expect(new Set(tunnels)).toEqual(new Set([`127.0.0.1:${portOf(secure)}`]))
    const made = running(['agent', 'run', '--data', folder, '--root', root], { HTTPS_PROXY: env.HTTPS_PROXY })
    started.push(made)
    await until(made.said, (said) => said.includes('"looked"'))
    await until(covered, (one) => one?.reason === 'SUCCESSFUL')
    expect(await made.stop()).toBe(0)
    const direct = tunnels.length
    const beside = running(['agent', 'run', '--data', folder, '--root', root], { HTTPS_PROXY: env.HTTPS_PROXY, NO_PROXY: '127.0.0.1' })
    started.push(beside)
    await until(agents, (all) => all.some(({ status }) => status === 'connected'))
    await until(beside.said, (said) => said.includes('"looked"'))
    expect(await beside.stop()).toBe(0)
    expect(tunnels.length).toBe(direct)
  })
})

/** A server before the server, which notes what passes by. */
async function passing(target: () => string) {
  const sent: { path: string; bytes: number; encoding: string | undefined }[] = []
  const server = createServer(
    passOn(target, (incoming, bytes) => sent.push({ path: incoming.url ?? '', bytes, encoding: incoming.headers['content-encoding'] })),
  )
  await once(server.listen(0, '127.0.0.1'), 'listening')
  started.push({ stop: async () => (server.closeAllConnections(), server.close()) })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, sent }
}

type Note = (incoming: IncomingMessage, bytes: number) => void

/** Answers as the target does; like a server that is not there, where it is not there. */
function passOn(target: () => string, note: Note = () => {}) {
  return (incoming: IncomingMessage, outgoing: ServerResponse): void => {
    forward(incoming, target(), note).then(
      (answer) => {
        outgoing.writeHead(answer.statusCode ?? 500, answer.headers)
        answer.pipe(outgoing)
      },
      () => outgoing.destroy(),
    )
  }
}

async function forward(incoming: IncomingMessage, to: string, note: Note): Promise<IncomingMessage> {
  const parts: Buffer[] = []
  for await (const part of incoming) parts.push(part as Buffer)
  const body = Buffer.concat(parts)
  note(incoming, body.length)
  const url = new URL(to)
  const headers = { ...incoming.headers, host: url.host }
  const outgoing = request({ hostname: url.hostname, port: url.port, path: incoming.url, method: incoming.method, headers })
  outgoing.end(body)
  const [answer] = (await once(outgoing, 'response')) as [IncomingMessage]
  return answer
}
