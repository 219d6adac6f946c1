import { createHash } from 'node:crypto'
import type { Limits } from '../../kit/limits.ts'
import { compressionOf, release, unpack } from '../../kit/unpack.ts'
import { AppError } from '../../model/errors.ts'
import type { Cache, Layer } from '../../model/seams.ts'
import type { StoredLayer } from './image.ts'

/**
 * A layer that checks what it hands out: the digest of the stored bytes, where the manifest gives one, and of the uncompressed.
 * What was read whole and found right is remembered by the fingerprint of its file, and need not be read again while that holds.
 */
export function checkedLayer({ diffId, digest, file }: StoredLayer, cache: Cache | undefined, limits: Limits, signal?: AbortSignal): Layer {
  const named = `layer ${digest ?? file.name}`
  const stored = () => hashed(file.read(), digest, `${named}: stored content`, signal)
  /** Known good: exactly this file, or any file with these stored bytes. */
  const fileKey = async () => `verified file ${await file.fingerprint()} ${digest ?? ''} ${diffId}`
  const pairKey = digest === undefined ? undefined : `verified pair ${digest} ${diffId}`

  async function* content(): AsyncIterable<Uint8Array> {
    const key = await fileKey()
    const { head, whole } = await begun(stored())
    const compression = compressionOf(head)
    const unpacked = unpack(whole, compression, named, limits)
    // Stored as it is, the one digest is the other.
    const again = compression !== 'none' || digest !== diffId
    yield* again ? hashed(unpacked, diffId, `${named}: uncompressed content`, signal) : unpacked
    await remember(key)
    if (pairKey !== undefined) await cache?.set(pairKey, sure)
  }
  /** Unless the file changed while it was read. */
  async function remember(key: string): Promise<void> {
    if (key === (await fileKey())) await cache?.set(key, sure)
  }
  return {
    diffId,
    ...(digest !== undefined && { digest }),
    open: async () => content(),
    async verify() {
      const key = await fileKey()
      if ((await cache?.get(key)) !== undefined) return
      const known = pairKey !== undefined && (await cache?.get(pairKey)) !== undefined
      if (known && file.byDigest) return
      for await (const chunk of known ? stored() : content()) release(chunk)
      if (known) await remember(key)
    },
  }
}

const sure = Buffer.from('1')

/** A stream whose first four bytes were looked at, from its beginning all the same. */
async function begun(source: AsyncIterable<Uint8Array>): Promise<{ head: Uint8Array; whole: AsyncIterable<Uint8Array> }> {
  const rest = source[Symbol.asyncIterator]()
  let head = Buffer.alloc(0)
  for (let next = await rest.next(); !next.done; next = await rest.next()) {
    head = Buffer.concat([head, next.value])
    if (head.length >= 4) break
  }
  async function* whole(): AsyncIterable<Uint8Array> {
    try {
      yield head
      yield* { [Symbol.asyncIterator]: () => rest }
    } finally {
      await rest.return?.()
    }
  }
  return { head, whole: whole() }
}

/** The same bytes; ends with AppError `invalid` when their SHA-256 is not the expected one. */
async function* hashed(
  source: AsyncIterable<Uint8Array>,
  expected: string | undefined,
  named: string,
  signal?: AbortSignal,
): AsyncIterable<Uint8Array> {
  const hash = expected === undefined ? undefined : createHash('sha256')
  for await (const chunk of source) {
    signal?.throwIfAborted()
    hash?.update(chunk)
    yield chunk
  }
  const found = hash && `sha256:${hash.digest('hex')}`
  if (found !== expected) throw new AppError('invalid', `${named} is damaged: expected ${expected}, got ${found}`)
}
