import { lstat, realpath } from 'node:fs/promises'
import * as z from 'zod'
import { type Compressed, unpackedCopy } from '../../kit/unpacked-copy.ts'
import type { Cache } from '../../model/seams.ts'
import { archiveCarrier, fingerprintOf, type Carrier, type StoredFile } from './carrier.ts'

/** What a name in the archive was found to be: nothing, or a file; small ones are manifests, kept with their content (base64). */
const Notes = z.record(z.string(), z.union([z.null(), z.object({ size: z.number(), content: z.string().optional() })]))
type Notes = z.infer<typeof Notes>

/** Manifests and configurations are smaller, layers mostly larger. */
const SMALL = 256 << 10

export type Means = { readonly cache?: Cache | undefined; readonly signal?: AbortSignal | undefined }

/**
 * An archive compressed as a whole. Its manifest may come last, so it is unpacked to a temporary file; but not when the cache
 * remembers from an earlier time what was asked of this very file.
 */
export async function compressedCarrier(archive: Compressed, { cache, signal }: Means): Promise<Carrier> {
  const path = await realpath(archive.path)
  const fingerprint = async () => fingerprintOf(path, await lstat(path, { bigint: true }), 0)
  const before = await fingerprint()
  const key = `compressed archive ${before}`
  const notes = notesFrom(await cache?.get(key))
  let copy: Promise<Carrier> | undefined
  const unpacked = () => (copy ??= unpackedCarrier(archive, signal))

  async function note(name: string): Promise<void> {
    const file = await (await unpacked()).find(name)
    const content = file && file.size <= SMALL ? (await bytesOf(file)).toString('base64') : undefined
    notes.set(name, file === undefined ? null : { size: file.size, ...(content !== undefined && { content }) })
  }
  async function* read(name: string, from: number): AsyncIterable<Uint8Array> {
    const content = notes.get(name)?.content
    if (content !== undefined) yield Buffer.from(content, 'base64').subarray(from)
    else yield* (await (await unpacked()).find(name))?.read(from) ?? []
  }
  return {
    path: archive.path,
    async find(name) {
      if (!notes.has(name)) await note(name)
      const found = notes.get(name)
      if (!found) return undefined
      return { name, size: found.size, fingerprint: async () => `${await fingerprint()} ${name}`, read: (from = 0) => read(name, from) }
    },
    async close() {
      if (copy === undefined) return
      await (await copy).close()
      if (before === (await fingerprint())) await cache?.set(key, Buffer.from(JSON.stringify(Object.fromEntries(notes))))
    },
  }
}

function notesFrom(bytes: Uint8Array | undefined): Map<string, Notes[string]> {
  const notes = bytes && Notes.safeParse(JSON.parse(Buffer.from(bytes).toString('utf8')))
  return new Map(Object.entries(notes?.data ?? {}))
}

async function unpackedCarrier(archive: Compressed, signal: AbortSignal | undefined): Promise<Carrier> {
  const copy = await unpackedCopy(archive, signal)
  try {
    const carrier = await archiveCarrier(copy.path, archive.limits, archive.path)
    return { ...carrier, close: async () => void (await Promise.all([carrier.close(), copy.remove()])) }
  } catch (thrown) {
    await copy.remove()
    throw thrown
  }
}

async function bytesOf(file: StoredFile): Promise<Buffer> {
  const pieces: Uint8Array[] = []
  for await (const piece of file.read()) pieces.push(piece)
  return Buffer.concat(pieces)
}
