import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { HttpClient, HttpOptions } from './http.ts'
import { createHttp } from './http.ts'

let server: Server
let base = ''
let answer: (request: IncomingMessage, response: ServerResponse) => void = () => undefined
let asked: string[] = []
const temp = mkdtempSync(join(tmpdir(), 'http-test-'))
let client: HttpClient
let waits: number[] = []

function open(options: HttpOptions = {}): HttpClient {
  client = createHttp({
    tempFolder: temp,
    now: () => Date.parse('2026-01-01T00:00:00Z'),
    sleep: async (milliseconds) => void waits.push(milliseconds),
    ...options,
  })
  return client
}

beforeAll(async () => {
  server = createServer((request, response) => {
    asked.push(request.url ?? '')
    answer(request, response)
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterEach(async () => {
  await client.close()
  asked = []
  waits = []
})
afterAll(() => {
  server.closeAllConnections()
  server.close()
  rmSync(temp, { recursive: true })
})

const leftOvers = () => readdirSync(temp).flatMap((name) => readdirSync(join(temp, name)))
const failing = (statuses: readonly number[], headers: Record<string, string> = {}) => {
  const rest = [...statuses]
  answer = (_, response) => response.writeHead(rest.shift() ?? 200, headers).end('good')
}

describe('over the network', () => {
  it('writes the body to a file and says what it was', async () => {
    answer = (_, response) => response.writeHead(200, { etag: '"1"', 'last-modified': 'Thu, 01 Jan 2026 00:00:00 GMT' }).end('hello')
    const got = await open().get(`${base}/a`)
    if (typeof got === 'string') throw new Error(got)
    expect(got).toMatchObject({
      bytes: 5,
      etag: '"1"',
      lastModified: 'Thu, 01 Jan 2026 00:00:00 GMT',
      sha256: '2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824',
    })
    expect(readFileSync(got.path, 'utf8')).toBe('hello')
    await got.dispose()
    expect(leftOvers()).toEqual([])
  })

  it('asks for a newer one only, and takes 304 as unchanged', async () => {
    answer = (request, response) => response.writeHead(request.headers['if-none-match'] === '"1"' ? 304 : 500).end()
    expect(await open().get(`${base}/a`, { etag: '"1"' })).toBe('unchanged')
  })

  it('tells what is not there', async () => {
    failing([404])
    expect(await open().get(`${base}/a`)).toBe('missing')
  })

  it('tries again after 503, 429 and a cut connection, as long as it is told to', async () => {
    const wants = ['7', 'Thu, 01 Jan 2026 00:00:03 GMT']
    let n = 0
    answer = (_, response) => {
      n++
      if (n < 3) response.writeHead(n === 1 ? 503 : 429, { 'retry-after': wants[n - 1] ?? '' }).end()
      else if (n === 3) response.socket?.destroy()
      else response.end('good')
    }
    expect(await open().get(`${base}/a`)).toMatchObject({ bytes: 4 })
    expect(waits).toEqual([7000, 3000, 2000])
  })

  it.each([
    ['a lasting fault', () => failing([500, 500, 500, 500, 500]), /answered 500/, 4],
    ['a wait of hours', () => failing([503], { 'retry-after': '7200' }), /answered 503/, 1],
    ['a refusal', () => failing([403]), /answered 403, expected 200/, 1],
    ['a redirect loop', () => failing(Array(50).fill(302), { location: '/b' }), /redirects more than 5 times/, 6],
    ['a redirect to a file', () => failing([302], { location: 'file:///etc/passwd' }), /redirects stay on https/, 1],
  ])('ends in words after %s', async (_, prepare, words, requests) => {
    prepare()
    await expect(open().get(`${base}/a`)).rejects.toMatchObject({ code: 'upstream', message: expect.stringMatching(words) })
    expect(asked.length).toBe(requests)
    expect(leftOvers()).toEqual([])
  })

  it('follows a redirect', async () => {
    answer = (request, response) => (request.url === '/a' ? response.writeHead(301, { location: '/b' }).end() : response.end('there'))
    expect(await open().get(`${base}/a`)).toMatchObject({ bytes: 5 })
    expect(asked).toEqual(['/a', '/b'])
  })

  it('keeps nothing of a body that is cut off', async () => {
    answer = (_, response) => {
      response.writeHead(200, { 'content-length': '1000' }).write('part')
      setImmediate(() => response.socket?.end())
    }
    await expect(open({ retries: 1 }).get(`${base}/a`)).rejects.toMatchObject({ code: 'upstream' })
    expect(asked.length).toBe(2)
    expect(leftOvers()).toEqual([])
  })

  it.each([
    ['promised', { 'content-length': '11' }],
    ['unannounced', { 'transfer-encoding': 'chunked' }],
  ])('refuses a body past its limit: %s', async (_, headers) => {
    answer = (_request, response) => response.writeHead(200, headers).end('x'.repeat(11))
    await expect(open({ maxBytes: 10 }).get(`${base}/a`)).rejects.toMatchObject({
      code: 'upstream',
      message: expect.stringMatching(/more than 10 bytes/),
    })
    expect(asked.length).toBe(1)
    expect(leftOvers()).toEqual([])
  })

  it.each([
    ['never answers', () => undefined],
    ['stops in the middle', (_: IncomingMessage, response: ServerResponse) => void response.writeHead(200).write('part')],
  ])('gives up on a server that %s', async (_, hang) => {
    answer = hang
    await expect(open({ totalMs: 150, retries: 0 }).get(`${base}/a`)).rejects.toMatchObject({ code: 'upstream' })
    expect(leftOvers()).toEqual([])
  })

  it('stops when told to', async () => {
    answer = () => stop.abort()
    const stop = new AbortController()
    await expect(open({ signal: stop.signal }).get(`${base}/a`)).rejects.toMatchObject({ name: 'AbortError' })
    expect(asked.length).toBe(1)
  })

  it.each([['ftp://example.org/a'], ['no address'], ['javascript:1']])('refuses the address %s', async (url) => {
    await expect(open().get(url)).rejects.toMatchObject({ code: 'invalid' })
  })

  it('reads the names of an index page', async () => {
    answer = (request, response) =>
      request.url === '/epss/'
        ? response.end('<a href="../">up</a> <a href="b%20c.gz">b</a> <A HREF=\'./a.gz\'>a</A>')
        : response.writeHead(404).end()
    expect(await open().list(`${base}/epss`)).toEqual(['a.gz', 'b c.gz'])
    expect(await client.list(`${base}/none`)).toEqual([])
    failing([403])
    expect(await client.list(`${base}/closed`)).toEqual([])
  })
})

describe('from a mirror folder', () => {
  const root = join(temp, 'root')
  const mirror = join(root, 'mirror')
  const url = (name: string) => pathToFileURL(join(mirror, name)).href
  beforeAll(() => {
    mkdirSync(join(mirror, 'epss'), { recursive: true })
    writeFileSync(join(mirror, 'a.json'), 'hello')
    writeFileSync(join(mirror, 'epss', 'b.gz'), '')
    writeFileSync(join(mirror, 'epss', 'a.gz'), '')
    writeFileSync(join(root, 'secret'), 'secret')
    symlinkSync(join(root, 'secret'), join(mirror, 'out'))
    symlinkSync('a.json', join(mirror, 'in'))
    symlinkSync(mirror, join(root, 'link'))
  })
  afterAll(() => rmSync(root, { recursive: true }))

  it('is read in place, and is unchanged while size and time are', async () => {
    const got = await open({ folders: [mirror] }).get(url('a.json'))
    if (typeof got === 'string') throw new Error(got)
    expect(got).toMatchObject({ path: join(mirror, 'a.json'), bytes: 5 })
    await got.dispose()
    expect(await client.get(url('a.json'), got)).toBe('unchanged')
    utimesSync(join(mirror, 'a.json'), 1, 1)
    expect(await client.get(url('a.json'), got)).toMatchObject({ bytes: 5 })
  })

  it('tells what is not there, and follows links inside', async () => {
    open({ folders: [join(root, 'link')] })
    expect(await client.get(url('none'))).toBe('missing')
    expect(await client.get(url('in'))).toMatchObject({ bytes: 5 })
    expect(await client.list(url('epss'))).toEqual(['a.gz', 'b.gz'])
    expect(await client.list(url('none'))).toEqual([])
  })

  it.each([['out'], ['../secret'], ['%2e%2e/secret']])('does not leave it by %s', async (name) => {
    await expect(open({ folders: [mirror] }).get(`${url('')}/${name}`)).rejects.toMatchObject({ code: 'denied' })
  })

  it('is nothing without leave', async () => {
    await expect(open().get(url('a.json'))).rejects.toMatchObject({ code: 'denied' })
  })

  it('is bounded', async () => {
    await expect(open({ folders: [mirror], maxBytes: 4 }).get(url('a.json'))).rejects.toThrow(/holds 5 bytes, at most 4/)
    await expect(client.get(url('epss'))).rejects.toThrow(/expected a file/)
  })
})
