import { constants } from 'node:fs'
import { open } from 'node:fs/promises'
import { readExactly } from '../../kit/bounded-file.ts'
import { AppError } from '../../model/errors.ts'
import { boundedMap } from './bounded-map.ts'

/**
 * Bytes of a disk, a partition or a volume, wherever they are kept. What was never written reads as zeros. Throws AppError
 * `invalid` for what lies past the end.
 */
export type BlockReader = { readonly size: number; read(offset: number, length: number): Promise<Buffer> }

/** Bytes read at a time where only a few are asked for: what lies beside them is usually asked for next. */
const CHUNK = 1 << 16
/** Chunks kept. */
const KEPT = 512
/** A longer stretch is content of files: it is read as it is asked for, and not kept. */
const DIRECT = 8 * CHUNK

/** A regular file, held open. */
export async function fileReader(path: string): Promise<BlockReader & { close(): Promise<void> }> {
  const handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK)
  try {
    const stat = await handle.stat()
    if (!stat.isFile()) throw new AppError('invalid', `expected a regular file at ${path}`)
    return {
      size: stat.size,
      async read(offset, length) {
        checkPlace(path, stat.size, offset, length)
        return await readExactly(handle, offset, length, path)
      },
      close: () => handle.close(),
    }
  } catch (thrown) {
    await handle.close()
    throw thrown
  }
}

/** A stretch of another reader: a partition, a volume. */
export function stretchOf(reader: BlockReader, offset: number, size: number, named: string): BlockReader {
  return {
    size,
    async read(at, length) {
      checkPlace(named, size, at, length)
      return await reader.read(offset + at, length)
    },
  }
}

/** Reads whole chunks, neighbours that are missing in one go, and keeps the ones used last. */
export function cachedReader(reader: BlockReader, named: string): BlockReader {
  const chunks = boundedMap<number, Promise<Buffer>>(KEPT)
  const load = (from: number, until: number) => {
    const offset = from * CHUNK
    const loading = reader.read(offset, Math.min(until * CHUNK, reader.size) - offset)
    for (let chunk = from; chunk < until; chunk++) {
      // A copy: a part would keep the whole stretch alive.
      const part = loading.then((bytes) =>
        until - from === 1 ? bytes : Buffer.from(bytes.subarray((chunk - from) * CHUNK, (chunk - from + 1) * CHUNK)),
      )
      part.catch(() => chunks.delete(chunk))
      chunks.set(chunk, part)
    }
  }
  return {
    size: reader.size,
    async read(offset, length) {
      checkPlace(named, reader.size, offset, length)
      if (length >= DIRECT) return await reader.read(offset, length)
      if (length === 0) return Buffer.alloc(0)
      const first = Math.floor(offset / CHUNK)
      const last = Math.floor((offset + length - 1) / CHUNK)
      const parts: Promise<Buffer>[] = []
      for (let chunk = first; chunk <= last; chunk++) {
        let held = chunks.get(chunk)
        if (held === undefined) {
          let until = chunk + 1
          while (until <= last && chunks.get(until) === undefined) until++
          load(chunk, until)
          held = chunks.get(chunk)!
        }
        parts.push(held)
      }
      const from = offset - first * CHUNK
      if (parts.length === 1) return (await parts[0]!).subarray(from, from + length)
      return Buffer.concat(await Promise.all(parts)).subarray(from, from + length)
    },
  }
}

export function checkPlace(named: string, size: number, offset: number, length: number): void {
  if (Number.isSafeInteger(offset) && Number.isSafeInteger(length) && offset >= 0 && length >= 0 && offset + length <= size) return
  throw new AppError('invalid', `${named} ends at byte ${size}: expected ${length} bytes at ${offset}`)
}
