import { rootCertificates } from 'node:tls'
import type { EnvHttpProxyAgent, request } from 'undici'
import { lookupWithin, refusePrivate, type Reach } from '../../../kit/private-addresses.ts'
import { AppError } from '../../../model/errors.ts'

/** A question to a server. */
export type Ask = {
  readonly method: 'GET' | 'HEAD' | 'POST'
  readonly url: URL
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}
export type Reply = {
  readonly status: number
  header(name: string): string | undefined
  /** WWW-Authenticate may come more than once. */
  headers(name: string): readonly string[]
  readonly body: AsyncIterable<Uint8Array>
  /** At most `most` bytes; throws AppError `upstream` past that. */
  bytes(most: number): Promise<Buffer>
  /** What is not read is not waited for. */
  drop(): void
}
export type Connection = { ask(question: Ask): Promise<Reply>; close(): Promise<void> }

export type ConnectionOptions = {
  readonly reach: Reach
  /** Certificates (PEM) trusted beside the usual ones. */
  readonly ca?: string | undefined
  readonly signal?: AbortSignal | undefined
}

/** What would allow it: the setting `private`. */
const unless = 'the file that OI_REGISTRIES names says "private" of its registry'

/** Longest silence in milliseconds: connecting, waiting for headers, between two pieces of a body. */
const idleMs = 30_000

/**
 * Connections to addresses that a person or a registry gave: private networks are refused unless `reach` allows them, at the
 * moment a name has become an address. HTTPS_PROXY, HTTP_PROXY and NO_PROXY of the environment are honoured; a proxy looks names
 * up itself.
 */
export function connection({ reach, ca, signal }: ConnectionOptions): Connection {
  type Network = { readonly request: typeof request; readonly dispatcher: EnvHttpProxyAgent }
  let network: Promise<Network> | undefined
  async function connect(): Promise<Network> {
    const { EnvHttpProxyAgent, request } = await import('../../../kit/network.ts')
    const tls = ca === undefined ? {} : { ca: [...rootCertificates, ca] }
    const dispatcher = new EnvHttpProxyAgent({
      connect: { timeout: idleMs, lookup: lookupWithin(reach, unless) as never, ...tls },
      requestTls: tls,
      headersTimeout: idleMs,
      bodyTimeout: idleMs,
    })
    return { request, dispatcher }
  }
  return {
    async ask({ method, url, headers, body }) {
      refusePrivate(url.hostname, reach, unless)
      const { request, dispatcher } = await (network ??= connect())
      const answer = await request(url, {
        method,
        dispatcher,
        headers: { 'user-agent': 'OpenInspector', 'accept-encoding': 'identity', ...headers },
        ...(body !== undefined && { body }),
        ...(signal && { signal }),
      })
      const all = (name: string) => [answer.headers[name] ?? []].flat()
      const drop = () => void answer.body.on('error', () => undefined).destroy()
      return {
        status: answer.statusCode,
        header: (name) => all(name)[0],
        headers: all,
        body: answer.body,
        drop,
        bytes: (most) => bounded(answer.body, most, url),
      }
    },
    async close() {
      if (network) await (await network).dispatcher.destroy()
    },
  }
}

async function bounded(body: AsyncIterable<Uint8Array>, most: number, { host }: URL): Promise<Buffer> {
  const pieces: Uint8Array[] = []
  let held = 0
  for await (const piece of body) {
    held += piece.length
    // Leaving the loop destroys the stream, and the connection with it.
    if (held > most) throw new AppError('upstream', `${host} sends more than ${most} bytes where at most so many are read`)
    pieces.push(piece)
  }
  return Buffer.concat(pieces)
}
