import { readFile } from 'node:fs/promises'
import { getCACertificates } from 'node:tls'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { AppError, reasonOf, type ErrorCode } from '../../model/errors.ts'
import { isLoopback } from '../config.ts'

/** One way to a server: what is asked goes out, and nothing ever comes in. */
export type Link = {
  /** Throws the AppError the server threw, with its words; `upstream` when it cannot be reached or failed. */
  post<T>(path: string, body: object, credential?: string): Promise<T>
  close(): Promise<void>
}
export type LinkOptions = {
  /** `https://HOST`, with a port if need be. */
  readonly server: string
  /** File with certificates (PEM) trusted beside the usual ones. */
  readonly ca?: string | undefined
  readonly signal?: AbortSignal | undefined
}

/** Milliseconds for connecting, and for one answer: a server that takes in a large inventory is busy for some seconds. */
const times = { connect: 15_000, answer: 120_000 }
const answerBytes = 1 << 20
const packed = promisify(gzip)
const codes: readonly ErrorCode[] = ['invalid', 'denied', 'missing', 'conflict', 'limited', 'quota', 'unsupported', 'upstream']

/**
 * The server's address in one form. Over plain `http:` the credential and all the host tells could be read on the way: taken to
 * this machine only, or where somebody says that the way is safe. Throws AppError `invalid`.
 */
export function serverAddress(text: string, plain: boolean): string {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.href !== `${url.origin}/` || /[?#@]/.test(text))
    throw new AppError(
      'invalid',
      `--server: expected https://HOST, with a port if need be and nothing behind it; got ${JSON.stringify(text)}.`,
    )
  if (url.protocol === 'http:' && !plain && !isLoopback(url.hostname.replace(/^\[(.*)\]$/, '$1')))
    throw new AppError(
      'invalid',
      `--server: ${url.origin} would send the credential in the clear; use https://, or --plain-http where the way is safe.`,
    )
  return url.origin
}

/** HTTPS_PROXY, HTTP_PROXY and NO_PROXY of the environment are honoured; redirects are not followed. */
export async function linkTo({ server, ca, signal }: LinkOptions): Promise<Link> {
  const { EnvHttpProxyAgent, request } = await import('../../kit/network.ts')
  const tls = ca === undefined ? {} : { ca: [...getCACertificates('default'), await certificates(ca)] }
  const dispatcher = new EnvHttpProxyAgent({
    connect: { timeout: times.connect, ...tls },
    requestTls: tls,
    headersTimeout: times.answer,
    bodyTimeout: times.answer,
  })
  return {
    async post<T>(path: string, body: object, credential?: string) {
      const url = `${server}/api/v1${path}`
      const text = JSON.stringify(body)
      const small = text.length < 1_024
      try {
        const answer = await request(url, {
          method: 'POST',
          headers: {
            'content-type': 'application/json',
            accept: 'application/json',
            ...(small ? {} : { 'content-encoding': 'gzip' }),
            ...(credential !== undefined && { authorization: `Bearer ${credential}` }),
          },
          body: small ? text : await packed(text),
          dispatcher,
          signal: signal ?? null,
        })
        return read(answer.statusCode, await bounded(answer.body), url) as T
      } catch (thrown) {
        if (thrown instanceof AppError) throw thrown
        throw new AppError('upstream', `No server answers at ${server}: ${reasonOf(thrown)}`, { cause: thrown })
      }
    },
    close: () => dispatcher.destroy(),
  }
}

async function certificates(path: string): Promise<string> {
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new AppError('missing', `Cannot read the certificates in ${path}: ${reasonOf(cause)}`, { cause })
  })
  if (text.includes('-----BEGIN CERTIFICATE-----')) return text
  throw new AppError('invalid', `Expected certificates in PEM form in ${path}.`)
}

async function bounded(body: AsyncIterable<Uint8Array>): Promise<string> {
  const parts: Uint8Array[] = []
  let bytes = 0
  for await (const part of body) {
    bytes += part.length
    if (bytes > answerBytes) throw new AppError('upstream', `The answer of the server has more than ${answerBytes} bytes.`)
    parts.push(part)
  }
  return Buffer.concat(parts).toString()
}

type Said = { readonly error?: { readonly code?: unknown; readonly message?: unknown; readonly details?: unknown } }

function read(status: number, text: string, url: string): unknown {
  const body = parsed(text)
  if (status >= 200 && status < 300 && body !== undefined) return body
  const { code, message, details } = (body as Said | undefined)?.error ?? {}
  const known = codes.find((one) => one === code)
  // Not one of our answers: a proxy or another server spoke.
  if (known === undefined || typeof message !== 'string') throw new AppError('upstream', `${url} answered ${status}.`)
  throw new AppError(known, message, typeof details === 'object' && details !== null ? { details: { ...details } } : {})
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
