import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { type IncomingMessage, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Credentials } from '../../src/app/data-folder.ts'
import { emptyStore } from '../database.ts'
import { oi, type Served, serving } from './oi.ts'

const ours = 'https://inspector.example:8443'
let folder: string
let data: string
let server: Served
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'oi-public-'))
  data = join(folder, 'data')
  await emptyStore(data)
  server = await serving(['--data', data, '--feeds', 'off', '--watch', `dir:${import.meta.dirname}`, '--public-url', `${ours}/`])
})
afterAll(async () => {
  await server?.stop('SIGKILL')
  await rm(folder, { recursive: true, force: true })
})

/** As a proxy passes it on: fetch would put a Host of its own. */
async function ask(method: string, path: string, headers: Record<string, string>, body?: string) {
  const { hostname, port } = new URL(server.url)
  const sent = request({
    hostname,
    port,
    path,
    method,
    headers: { ...headers, ...(body !== undefined && { 'content-type': 'application/json' }) },
  })
  sent.end(body)
  const [answer] = (await once(sent, 'response')) as [IncomingMessage]
  return { status: answer.statusCode, headers: answer.headers, body: await text(answer) }
}

it('behind a proxy with TLS: the link leads to its name, the cookie is Secure, writes come from its pages only', async () => {
  const token = new RegExp(`^Sign in \\(once, within 10 minutes\\): ${ours}/sign-in#token=(\\S+)$`, 'm').exec(server.said())?.[1] ?? ''
  expect(server.said()).toContain(`Reached by browsers as ${ours}\n`)
  const signIn = (headers: Record<string, string>) =>
    ask('POST', '/api/v1/session/link', headers, JSON.stringify({ token: decodeURIComponent(token) }))
  const page = { host: 'inspector.example:8443', origin: ours, 'sec-fetch-site': 'same-origin' }
  // What a stranger claims in a forwarded header counts for nothing.
  expect((await signIn({ host: 'rebound.example', 'x-forwarded-host': 'inspector.example' })).status).toBe(403)
  expect((await signIn({ ...page, origin: 'https://evil.example', 'x-forwarded-host': 'evil.example' })).status).toBe(403)
  expect((await signIn({ ...page, origin: 'https://inspector.example' })).status).toBe(403)
  const signedIn = await signIn(page)
  expect(signedIn.status).toBe(200)
  expect(signedIn.headers['set-cookie']).toEqual([
    expect.stringMatching(/^oi_session=\S+; Path=\/; HttpOnly; SameSite=Strict; Max-Age=43200; Secure$/),
  ])
  const cookie = signedIn.headers['set-cookie']?.[0]?.split(';')[0] ?? ''
  // A proxy that puts the address it speaks to as Host is understood as well.
  const rewritten = { ...page, host: new URL(server.url).host, cookie }
  const filter = JSON.stringify({ name: 'mine', action: 'NONE', criteria: {} })
  expect((await ask('POST', '/api/v1/filters', rewritten, filter)).status).toBe(201)
  expect((await ask('POST', '/api/v1/filters', { ...rewritten, origin: 'https://evil.example' }, filter)).status).toBe(403)
  const out = await ask('DELETE', '/api/v1/session', rewritten)
  expect([out.status, out.headers['set-cookie']]).toEqual([204, [expect.stringMatching(/; Max-Age=0; Secure$/)]])
})

it('the command line of the machine still finds it by the address it listens on', async () => {
  expect((JSON.parse(await readFile(join(data, 'credentials.json'), 'utf8')) as Credentials).url).toBe(server.url)
  expect((await oi(['coverage', 'list', '--data', data, '-o', 'json'])).code).toBe(0)
})
