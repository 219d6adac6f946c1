import { createWriteStream } from 'node:fs'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createHash, randomUUID } from 'node:crypto'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import type { EnvHttpProxyAgent, request } from 'undici'
import { AppError, reasonOf } from '../model/errors.ts'
import type { Download, Http } from '../model/seams.ts'
import { getFile, listFolder } from './http-file.ts'
import { longestWaitMs, Passing, passingStatuses, retryAfter, waitBefore } from './passing.ts'

/** What an Http may do; every member has a default fit for public feeds. */
export type HttpOptions = {
  /** `file:` URLs below these folders may be read, links resolved first. None by default. */
  readonly folders?: readonly string[]
  /** Where bodies are written; a private folder of the system's by default. */
  readonly tempFolder?: string
  /** Largest body in bytes. */
  readonly maxBytes?: number
  /** Longest silence in milliseconds: connecting, waiting for headers, between two pieces of a body. */
  readonly idleMs?: number
  /** Longest time for one whole answer, in milliseconds. */
  readonly totalMs?: number
  /** How often a passing fault is tried again. */
  readonly retries?: number
  readonly userAgent?: string
  readonly signal?: AbortSignal
  /** Milliseconds since 1970. */
  readonly now?: () => number
  readonly sleep?: (milliseconds: number, signal: AbortSignal | undefined) => Promise<void>
}

export type HttpClient = Http & { close(): Promise<void> }

type Known = { readonly etag?: string; readonly lastModified?: string }
type Limits = Required<Omit<HttpOptions, 'signal' | 'tempFolder' | 'folders'>>

const maxRedirects = 5
const moved = new Set([301, 302, 303, 307, 308])

/**
 * Bounded access to feeds. HTTPS_PROXY, HTTP_PROXY and NO_PROXY of the environment are honoured. Close it at the end: it
 * holds connections and a folder of temporary files.
 */
export function createHttp(options: HttpOptions = {}): HttpClient {
  const limits: Limits = {
    maxBytes: options.maxBytes ?? 2 ** 30,
    idleMs: options.idleMs ?? 30_000,
    totalMs: options.totalMs ?? 15 * 60_000,
    retries: options.retries ?? 3,
    userAgent: options.userAgent ?? 'OpenInspector',
    now: options.now ?? Date.now,
    sleep: options.sleep ?? ((milliseconds, signal) => sleep(milliseconds, undefined, signal ? { signal } : {})),
  }
  const { idleMs } = limits
  let network: Promise<Network> | undefined
  const folders = options.folders ?? []
  let temp: Promise<string> | undefined

  /** Loaded with the first address of the network: a scan that reads files only starts a tenth of a second sooner. */
  async function connect(): Promise<Network> {
    const { EnvHttpProxyAgent, request } = await import('./network.ts')
    return { request, dispatcher: new EnvHttpProxyAgent({ connect: { timeout: idleMs }, headersTimeout: idleMs, bodyTimeout: idleMs }) }
  }

  async function tempFile(): Promise<string> {
    temp ??= mkdtemp(join(options.tempFolder ?? tmpdir(), 'openinspector-'))
    return join(await temp, randomUUID())
  }

  async function once(address: URL, known: Known): Promise<'unchanged' | 'missing' | Download> {
    network ??= connect()
    const reached = await network
    const deadline = AbortSignal.timeout(limits.totalMs)
    const signal = options.signal ? AbortSignal.any([options.signal, deadline]) : deadline
    const answer = await follow(address, { ...reached, signal, headers: headersFor(known, limits.userAgent) }, limits.now)
    if (answer === 'unchanged' || answer === 'missing') return answer
    return save(answer, await tempFile(), address, limits.maxBytes)
  }

  async function get(url: string, known: Known = {}): Promise<'unchanged' | 'missing' | Download> {
    const address = parse(url)
    if (address.protocol === 'file:') return getFile(address, folders, known, limits.maxBytes)
    for (let attempt = 0; ; attempt++) {
      try {
        return await once(address, known)
      } catch (thrown) {
        options.signal?.throwIfAborted()
        if (thrown instanceof AppError) throw thrown
        const wait = thrown instanceof Passing ? thrown.retryAfterMs : undefined
        if (attempt >= limits.retries || (wait ?? 0) > longestWaitMs) throw refused(address, thrown, wait)
        await limits.sleep(waitBefore(attempt, wait), options.signal)
      }
    }
  }

  async function list(url: string): Promise<readonly string[]> {
    const address = parse(url.endsWith('/') ? url : `${url}/`)
    if (address.protocol === 'file:') return listFolder(address, folders)
    const page = await get(address.href).catch((thrown: unknown) => {
      if (thrown instanceof AppError && [401, 403].includes(Number(thrown.details['status']))) return 'missing' as const
      throw thrown
    })
    if (page === 'missing' || page === 'unchanged') return []
    try {
      return page.bytes > 4 * 2 ** 20 ? [] : namesIn(await readFile(page.path, 'utf8'))
    } finally {
      await page.dispose()
    }
  }

  return {
    get,
    list,
    async close() {
      if (network) await (await network).dispatcher.destroy()
      if (temp) await rm(await temp, { recursive: true, force: true })
    },
  }
}

function parse(url: string): URL {
  const address = URL.canParse(url) ? new URL(url) : undefined
  if (!address || !['https:', 'http:', 'file:'].includes(address.protocol))
    throw new AppError('invalid', `expected an https:, http: or file: address, got ${JSON.stringify(url.slice(0, 200))}`)
  return address
}

function headersFor(known: Known, userAgent: string): Record<string, string> {
  return {
    'user-agent': userAgent,
    accept: '*/*',
    // A length can only be held against the bytes that come when nothing repacks them on the way.
    'accept-encoding': 'identity',
    ...(known.etag && { 'if-none-match': known.etag }),
    ...(known.lastModified && { 'if-modified-since': known.lastModified }),
  }
}

type Answer = Awaited<ReturnType<typeof request>>
type Network = { readonly request: typeof request; readonly dispatcher: EnvHttpProxyAgent }
type Asked = Network & { readonly signal: AbortSignal; readonly headers: Record<string, string> }

async function follow(from: URL, { request, ...asked }: Asked, now: () => number): Promise<'unchanged' | 'missing' | Answer> {
  let address = from
  for (let hops = 0; hops <= maxRedirects; hops++) {
    const answer = await request(address, asked)
    const { statusCode } = answer
    if (statusCode === 200) return answer
    // What is not kept is not read either: the connection goes with it.
    answer.body.on('error', () => undefined).destroy()
    if (statusCode === 304) return 'unchanged'
    if (statusCode === 404 || statusCode === 410) return 'missing'
    const message = `${address.href} answered ${statusCode}`
    if (passingStatuses.has(statusCode)) throw new Passing(message, retryAfter(answer.headers['retry-after'], now()))
    const target = answer.headers['location']
    if (!moved.has(statusCode) || typeof target !== 'string' || !URL.canParse(target, address.href))
      throw new AppError('upstream', `${message}, expected 200`, { details: { status: statusCode } })
    const next = new URL(target, address)
    const kept = next.protocol === 'https:' || (next.protocol === 'http:' && address.protocol === 'http:')
    if (!kept) throw new AppError('upstream', `${message} and points to ${next.href}: redirects stay on https`)
    address = next
  }
  throw new AppError('upstream', `${from.href} redirects more than ${maxRedirects} times`)
}

async function save(answer: Answer, path: string, address: URL, maxBytes: number): Promise<Download> {
  const { headers } = answer
  const promised = typeof headers['content-length'] === 'string' ? Number(headers['content-length']) : undefined
  const tooBig = new AppError('upstream', `${address.href} sends more than ${maxBytes} bytes`)
  if (promised !== undefined && promised > maxBytes) {
    answer.body.on('error', () => undefined).destroy()
    throw tooBig
  }
  const hash = createHash('sha256')
  let bytes = 0
  const counted = new Transform({
    transform(chunk: Buffer, _, done) {
      bytes += chunk.length
      if (bytes > maxBytes) return done(tooBig)
      hash.update(chunk)
      done(null, chunk)
    },
  })
  try {
    await pipeline(answer.body, counted, createWriteStream(path, { flags: 'wx', mode: 0o600 }))
    if (promised !== undefined && promised !== bytes) throw new Passing(`${address.href} promised ${promised} bytes and sent ${bytes}`)
  } catch (thrown) {
    await rm(path, { force: true })
    throw thrown
  }
  return {
    path,
    bytes,
    sha256: hash.digest('hex'),
    ...(typeof headers['etag'] === 'string' && { etag: headers['etag'] }),
    ...(typeof headers['last-modified'] === 'string' && { lastModified: headers['last-modified'] }),
    dispose: () => rm(path, { force: true }),
  }
}

function refused(address: URL, thrown: unknown, wait: number | undefined): AppError {
  const why = thrown instanceof Passing ? thrown.message : `${address.href} could not be read: ${reasonOf(thrown)}`
  return new AppError('upstream', why, { cause: thrown, details: wait === undefined ? {} : { retryAfterMs: wait } })
}

/** File names that a page links to; whoever serves a folder (nginx, Apache, Caddy, Python) links each by its name. */
function namesIn(page: string): readonly string[] {
  const names = new Set<string>()
  for (const [, link = ''] of page.matchAll(/href\s*=\s*["']?(?:\.\/)?([^"'\s>/?#]{1,255})["'\s>]/gi)) {
    try {
      names.add(decodeURIComponent(link))
    } catch {
      // Not a percent-encoded name: no file of ours.
    }
  }
  return [...names].sort()
}
