import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs'
import { open, type FileHandle } from 'node:fs/promises'
import { AppError } from '../model/errors.ts'
import type { Range } from './scan-file.ts'

/** O_NOFOLLOW: whoever calls has resolved the links. O_NONBLOCK: a FIFO put there meanwhile must not hang us. */
const FLAGS = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK

/** The content of a regular file of at most `most` bytes. Throws AppError `invalid` past that, and for what is no regular file. */
export async function readBoundedFile(path: string, most: number, named: string = path): Promise<Buffer> {
  return await withFile(path, named, async (handle, size) => {
    if (size > most) throw tooLarge(named, size, most)
    return await drain(handle, size, most, named)
  })
}

/** `length` bytes from `offset` of a regular file of any size, fewer where it ends earlier. */
export async function readFileRange(path: string, { offset, length }: Range, named: string = path): Promise<Buffer> {
  return await withFile(path, named, async (handle, size) => {
    // A file may be cut while it is read, and what a stranger's header asks for need not be there.
    const bytes = Buffer.allocUnsafe(Math.max(0, Math.min(length, size - offset)))
    let held = 0
    while (held < bytes.length) {
      const { bytesRead } = await handle.read(bytes, held, bytes.length - held, offset + held)
      if (bytesRead === 0) break
      held += bytesRead
    }
    return bytes.subarray(0, held)
  })
}

/**
 * The same without waiting: several times less work where the system has the file in its memory. undefined for all that is not plain,
 * which `readFileRange` and `readBoundedFile` have the words for.
 */
export function readFileAtOnce(path: string, { offset, length }: Range): Buffer | undefined {
  let file: number | undefined
  try {
    file = openSync(path, FLAGS)
    const stat = fstatSync(file)
    const bytes = Math.min(length, stat.size - offset)
    // One of procfs says size 0.
    if (!stat.isFile() || bytes <= 0) return undefined
    const held = Buffer.allocUnsafe(bytes)
    return readSync(file, held, 0, bytes, offset) === bytes ? held : undefined
  } catch {
    return undefined // it is asked again
  } finally {
    if (file !== undefined) closeSync(file)
  }
}

async function withFile<T>(path: string, named: string, use: (handle: FileHandle, size: number) => Promise<T>): Promise<T> {
  const handle = await open(path, FLAGS)
  try {
    return await use(handle, (await regular(handle, named)).size)
  } finally {
    await handle.close()
  }
}

/** `length` bytes from `position`; throws AppError `invalid` where the file ends earlier. */
export async function readExactly(handle: FileHandle, position: number, length: number, named: string): Promise<Buffer> {
  const bytes = Buffer.allocUnsafe(length)
  let held = 0
  while (held < length) {
    const { bytesRead } = await handle.read(bytes, held, length - held, position + held)
    if (bytesRead === 0) throw new AppError('invalid', `${named} is truncated: expected ${length} bytes at ${position}, got ${held}`)
    held += bytesRead
  }
  return bytes
}

async function regular(handle: FileHandle, named: string): Promise<{ readonly size: number }> {
  const stat = await handle.stat()
  if (!stat.isFile()) throw new AppError('invalid', `expected a regular file at ${named}`)
  return stat
}

/** A file may grow while it is read, and one of procfs says size 0: the end is where a read brings nothing. */
async function drain(handle: FileHandle, size: number, most: number, named: string): Promise<Buffer> {
  let bytes = Buffer.allocUnsafe(size + 1)
  let held = 0
  while (true) {
    const { bytesRead } = await handle.read(bytes, held, bytes.length - held, held)
    if (bytesRead === 0) return bytes.subarray(0, held)
    held += bytesRead
    if (held > most) throw tooLarge(named, held, most)
    if (held === bytes.length) bytes = Buffer.concat([bytes, Buffer.allocUnsafe(Math.min(bytes.length, most - held) + 1)])
  }
}

const tooLarge = (named: string, size: number, most: number) =>
  new AppError('invalid', `${named} is too large: ${size} bytes or more, at most ${most} are read`)
