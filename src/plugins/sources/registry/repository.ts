import { indexTypes, manifestTypes, schema1Types } from '../../../formats/image/manifest.ts'
import { waitBefore } from '../../../kit/passing.ts'
import { AppError, reasonOf } from '../../../model/errors.ts'
import type { Reply } from './connection.ts'
import type { Clock, Endpoint } from './endpoint.ts'

/** What a registry says of a manifest, before it is read. */
export type Held = { readonly digest?: string; readonly mediaType?: string }
export type ReadManifest = { readonly bytes: Buffer; readonly mediaType: string }

/** One repository of a registry, read from its mirrors or from itself. */
export type Repository = {
  /** undefined: it does not tell; the manifest itself will. */
  describe(reference: string): Promise<Held | undefined>
  /** Of a tag or digest. Throws AppError `missing`. */
  manifest(reference: string): Promise<ReadManifest>
  has(digest: string): Promise<boolean>
  /** The bytes of a blob from `from`; one cut short is read on from where it ended. Throws AppError. */
  blob(digest: string, size: number, from: number): AsyncIterable<Uint8Array>
}

const accept = [...indexTypes, ...manifestTypes, ...schema1Types].join(', ')

export type RepositoryOptions = {
  /** Mirrors first, the registry itself last. */
  readonly endpoints: readonly Endpoint[]
  /** Bytes of a manifest. */
  readonly manifestBytes: number
  readonly clock: Clock
  readonly signal?: AbortSignal | undefined
}

/** Times a blob may break off before a megabyte of it has come; with each one the count begins anew. */
const BREAKS = 4
const GETS_ON = 1 << 20

export function repository(name: string, { endpoints, manifestBytes, clock, signal }: RepositoryOptions): Repository {
  const path = (kind: 'manifests' | 'blobs', reference: string) => `/v2/${name}/${kind}/${reference}`

  /** Mirrors that failed: they are not waited for again. */
  const broken = new Set<Endpoint>()

  /** What the first endpoint that has it answers. A mirror that cannot is passed over; the registry's own word is the last. */
  async function first<T>(ask: (endpoint: Endpoint) => Promise<T | undefined>): Promise<T | undefined> {
    const itself = endpoints.at(-1)!
    for (const mirror of endpoints.slice(0, -1)) {
      if (broken.has(mirror)) continue
      try {
        const found = await ask(mirror)
        if (found !== undefined) return found
      } catch (thrown) {
        if (!(thrown instanceof AppError)) throw thrown
        broken.add(mirror)
      }
    }
    return await ask(itself)
  }

  async function* blob(digest: string, size: number, from: number): AsyncIterable<Uint8Array> {
    const open = (endpoint: Endpoint, at: number) => endpoint.get(path('blobs', digest), at > 0 ? { range: `bytes=${at}-` } : {})
    let at = from
    let breaks = 0
    let since = at
    while (at < size) {
      const reply = await first((endpoint) => endpoint.retrying(() => open(endpoint, at)))
      if (reply === undefined) throw new AppError('missing', `${where()} has no blob ${digest}`)
      let why = 'ends'
      try {
        for await (const piece of fromPlace(reply, at)) {
          if (at + piece.length > size) throw new AppError('invalid', `${where()} sends more than the ${size} bytes of blob ${digest}`)
          at += piece.length
          yield piece
        }
      } catch (thrown) {
        signal?.throwIfAborted()
        if (thrown instanceof AppError) throw thrown
        why = reasonOf(thrown)
      } finally {
        reply.drop()
      }
      if (at === size) return
      if (at - since >= GETS_ON) breaks = 0
      if (breaks++ === BREAKS) throw new AppError('upstream', `${where()} breaks off blob ${digest} after ${at} of ${size} bytes: ${why}`)
      since = at
      await clock.sleep(waitBefore(breaks), signal)
    }
  }
  const where = () => endpoints.at(-1)!.base.host

  return {
    blob,
    describe: (reference) =>
      first((endpoint) =>
        endpoint.retrying(async () => {
          const reply = await endpoint.head(path('manifests', reference), { accept })
          if (reply === undefined) return undefined
          reply.drop()
          const [digest, mediaType] = [reply.header('docker-content-digest'), mediaTypeOf(reply)]
          return { ...(digest !== undefined && { digest }), ...(mediaType !== undefined && { mediaType }) }
        }),
      ),
    async manifest(reference) {
      const found = await first((endpoint) =>
        endpoint.retrying(async () => {
          const reply = await endpoint.get(path('manifests', reference), { accept })
          return reply && { bytes: await reply.bytes(manifestBytes), mediaType: mediaTypeOf(reply) ?? '' }
        }),
      )
      if (found === undefined) throw new AppError('missing', `${where()} has no image ${name} ${reference}`)
      return found
    },
    async has(digest) {
      const found = await first((endpoint) => endpoint.retrying(() => endpoint.head(path('blobs', digest))))
      found?.drop()
      return found !== undefined
    },
  }
}

/** The bytes from `at`, whether the server kept to the range or sent all (RFC 9110 section 14.2 leaves it free to). */
async function* fromPlace(reply: Reply, at: number): AsyncIterable<Uint8Array> {
  let before = at
  if (reply.status === 206) {
    const start = Number(/^bytes (\d{1,15})-/.exec(reply.header('content-range') ?? '')?.[1] ?? Number.NaN)
    if (start !== at) throw new AppError('upstream', `asked for bytes from ${at}, a registry sends those from ${start}`)
    before = 0
  }
  for await (const piece of reply.body) {
    const rest = piece.subarray(Math.min(before, piece.length))
    before -= piece.length - rest.length
    if (rest.length > 0) yield rest
  }
}

const mediaTypeOf = (reply: Reply): string | undefined => reply.header('content-type')?.split(';', 1)[0]?.trim().toLowerCase()
