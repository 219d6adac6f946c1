import * as z from 'zod'
import type { Carrier, Described, StoredFile } from '../../../formats/image/carrier.ts'
import { digestOf, indexTypes, isForeign, isLayerType, manifestTypes, schema1Types } from '../../../formats/image/manifest.ts'
import type { Limits } from '../../../kit/limits.ts'
import { AppError } from '../../../model/errors.ts'
import type { Cache } from '../../../model/seams.ts'
import { type Reference, referenceWords } from './reference.ts'
import type { ReadManifest, Repository } from './repository.ts'

export type CarrierMeans = { readonly cache?: Cache | undefined; readonly limits: Limits }

/**
 * An image in a registry, as the OCI layout it could be saved to: an index that lists the one manifest that was named, and blobs
 * by their digests. Small documents are kept in the cache by their digest: an image that did not change costs one question.
 */
export async function registryCarrier(reference: Reference, repository: Repository, { cache, limits }: CarrierMeans): Promise<Carrier> {
  const words = referenceWords(reference)

  /** A document, whole. One that is not what its digest says is handed out all the same: whoever reads it tells. */
  async function document(digest: string, fetch: () => Promise<Uint8Array>): Promise<Uint8Array> {
    const key = `registry document ${digest}`
    const held = await cache?.get(key)
    if (held !== undefined && digestOf(held) === digest) return held
    const bytes = await fetch()
    if (digestOf(bytes) === digest) await cache?.set(key, bytes)
    return bytes
  }
  const blob = async (digest: string, size: number) => {
    const pieces: Uint8Array[] = []
    for await (const piece of repository.blob(digest, size, 0)) pieces.push(piece)
    return Buffer.concat(pieces)
  }
  function fileOf(name: string, digest: string, size: number, read: StoredFile['read']): StoredFile {
    return { name, size, read, byDigest: true, fingerprint: async () => `registry ${digest}` }
  }

  async function described(name: string, digest: string, { mediaType, size }: Described): Promise<StoredFile | undefined> {
    if (isManifest(mediaType))
      return fileOf(name, digest, size, (from) =>
        once(
          document(digest, async () => (await repository.manifest(digest)).bytes),
          from,
        ),
      )
    if (!isLayerType(mediaType)) {
      // Whoever reads it says so: nothing is fetched that is larger than what is read.
      const fetch = () => document(digest, () => blob(digest, size))
      return fileOf(name, digest, size, (from) => once(fetch(), from))
    }
    if (size > limits.unpackedBytes)
      throw new AppError('invalid', `${words}: layer ${digest} has ${size} bytes, at most ${limits.unpackedBytes} are read`)
    if (isForeign(mediaType) && !(await repository.has(digest))) return undefined
    return fileOf(name, digest, size, (from = 0) => repository.blob(digest, size, from))
  }

  const top = await topOf(reference, repository, document)
  const index = Buffer.from(JSON.stringify({ manifests: [top] }))
  return {
    path: words,
    async find(name, what) {
      if (name === 'index.json') return fileOf(name, digestOf(index), index.length, (from) => once(Promise.resolve(index), from))
      const hex = /^blobs\/sha256\/([0-9a-f]{64})$/.exec(name)?.[1]
      return hex === undefined || what === undefined ? undefined : await described(name, `sha256:${hex}`, what)
    },
    close: async () => {},
  }
}

type Top = { readonly mediaType: string; readonly digest: string; readonly size: number }

async function topOf(
  reference: Reference,
  repository: Repository,
  document: (digest: string, fetch: () => Promise<Uint8Array>) => Promise<Uint8Array>,
): Promise<Top> {
  const asked = reference.digest ?? reference.tag ?? 'latest'
  const held = await repository.describe(asked)
  let fetched: ReadManifest | undefined
  const fetch = async () => (fetched = await repository.manifest(asked)).bytes
  const said = reference.digest ?? held?.digest
  // What it does not describe it is asked for, if only to hear it say that there is none.
  const known = held !== undefined && said !== undefined && isManifest(held.mediaType ?? '')
  const bytes = known ? await document(said, fetch) : await fetch()
  const digest = digestOf(bytes)
  if (reference.digest !== undefined && digest !== reference.digest)
    throw new AppError('invalid', `${referenceWords(reference)} is damaged: the registry sends a manifest with the digest ${digest}`)
  return { mediaType: typeOf(bytes, fetched?.mediaType ?? held?.mediaType ?? ''), digest, size: bytes.length }
}

const isManifest = (mediaType: string): boolean => indexTypes.has(mediaType) || manifestTypes.has(mediaType) || schema1Types.has(mediaType)

const Typed = z.object({ mediaType: z.string() })

/** Some servers that only hold files say `application/json` of a manifest: then its own word counts. */
function typeOf(bytes: Uint8Array, header: string): string {
  if (isManifest(header)) return header
  try {
    return Typed.safeParse(JSON.parse(Buffer.from(bytes).toString('utf8'))).data?.mediaType ?? header
  } catch {
    return header
  }
}

async function* once(bytes: Promise<Uint8Array>, from = 0): AsyncIterable<Uint8Array> {
  yield (await bytes).subarray(from)
}
