import { constants } from 'node:fs'
import { open, type FileHandle } from 'node:fs/promises'
import type { Limits } from '../../kit/limits.ts'
import { compressionOf, FORMAT_HEAD, unreadFormat } from '../../kit/unpack.ts'
import { unpackedCopy } from '../../kit/unpacked-copy.ts'
import { AppError } from '../../model/errors.ts'
import type { Archive } from './archive-tree.ts'
import { tarArchive } from './tar-archive.ts'
import { zipArchive } from './zip-archive.ts'

/** `PK` and: a file's header, the end record of an archive without entries, the mark of a split one (APPNOTE sections 4.3.7, 4.3.16, 8.5.4). */
const zipStarts: ReadonlySet<string> = new Set(['504b0304', '504b0506', '504b0708'])

/** The archive in a file, by its first bytes: zip, tar, or tar in gzip or zstd. Throws AppError `missing` or `invalid`. */
export async function openArchive(path: string, limits: Limits, signal?: AbortSignal): Promise<Archive> {
  const handle = await openFile(path)
  const head = Buffer.alloc(FORMAT_HEAD)
  try {
    const { bytesRead } = await handle.read(head, 0, head.length, 0)
    const start = head.subarray(0, bytesRead)
    const unread = unreadFormat(start)
    if (unread !== undefined)
      throw new AppError('unsupported', `${path} is packed with ${unread}: expected tar, tar in gzip or zstd, or zip`)
    const compression = compressionOf(start)
    if (zipStarts.has(start.toString('hex', 0, 4)) || (compression === 'none' && /\.zip$/i.test(path)))
      return { ...(await zipArchive(handle, path, limits)), close: () => handle.close() }
    if (compression === 'none') return { ...(await tarArchive(handle, path, limits)), close: () => handle.close() }
    await handle.close()
    return await unpackedTar(await unpackedCopy({ path, compression, limits }, signal), path, limits)
  } catch (thrown) {
    await handle.close()
    throw thrown
  }
}

async function unpackedTar(copy: Awaited<ReturnType<typeof unpackedCopy>>, named: string, limits: Limits): Promise<Archive> {
  let handle: FileHandle | undefined
  const close = async () => {
    await handle?.close()
    await copy.remove()
  }
  try {
    handle = await open(copy.path)
    return { ...(await tarArchive(handle, named, limits)), close }
  } catch (thrown) {
    await close()
    throw thrown
  }
}

async function openFile(path: string): Promise<FileHandle> {
  // O_NONBLOCK: a FIFO must not hang us.
  const handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK).catch(() => undefined)
  if (handle === undefined) throw new AppError('missing', `expected an archive, but there is nothing readable at ${path}`)
  if ((await handle.stat()).isFile()) return handle
  await handle.close()
  throw new AppError('invalid', `expected an archive (tar or zip) at ${path}, got what is no file`)
}
