import type { FileHandle } from 'node:fs/promises'
import { open } from 'node:fs/promises'
import { AppError, reasonOf } from '../model/errors.ts'
import { inside, openZip, zipLimits, type ZipLimits, type ZipSource } from './zip.ts'

export type ZipFileEntry = { readonly name: string; readonly bytes: Buffer }

const windowBytes = 1 << 18

/**
 * Entries of a zip archive on disk in the order of its directory, unpacked whole, one in memory at a time. Names must be
 * plain file names: no folder, no way up. Throws AppError `invalid` on anything truncated, damaged, encrypted or too big.
 */
export async function* readZip(path: string, limits: ZipLimits = zipLimits): AsyncGenerator<ZipFileEntry> {
  let file: FileHandle | undefined
  try {
    file = await open(path, 'r')
    const zip = await openZip(windowSource(file, (await file.stat()).size), limits)
    for (const entry of zip.entries()) {
      const { name } = entry
      if (/[/\\\0]/.test(name) || name === '' || name === '.' || name === '..')
        throw new AppError('invalid', `entry ${JSON.stringify(name.slice(0, 100))} is not a plain file name`)
      yield { name, bytes: await zip.read(entry) }
    }
  } catch (thrown) {
    throw new AppError('invalid', `zip archive ${path}: ${reasonOf(thrown)}`, { cause: thrown })
  } finally {
    await file?.close()
  }
}

/** A piece of the file is held in memory: small entries lie side by side, so one read serves hundreds. */
export function windowSource(file: FileHandle, size: number): ZipSource {
  let held = Buffer.alloc(0)
  let from = 0
  return {
    size,
    async read(at, length) {
      inside(at, length, size)
      if (at < from || at + length > from + held.length) {
        held = await pieceOf(file, at, Math.min(Math.max(length, windowBytes), size - at))
        from = at
      }
      return held.subarray(at - from, at - from + length)
    },
  }
}

async function pieceOf(file: FileHandle, at: number, length: number): Promise<Buffer<ArrayBuffer>> {
  const buffer = Buffer.allocUnsafe(length)
  let have = 0
  while (have < length) {
    const { bytesRead } = await file.read(buffer, have, length - have, at + have)
    if (bytesRead === 0) throw new AppError('invalid', 'became shorter while it was read')
    have += bytesRead
  }
  return buffer
}
