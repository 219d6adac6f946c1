import { open, stat } from 'node:fs/promises'
import type { Limits } from '../../kit/limits.ts'
import { compressionOf, type Compression, FORMAT_HEAD, unreadFormat } from '../../kit/unpack.ts'
import { AppError } from '../../model/errors.ts'
import { archiveCarrier, folderCarrier, type Carrier } from './carrier.ts'
import { compressedCarrier, type Means } from './compressed-carrier.ts'

/**
 * The carrier at a path, by its look: a folder (OCI layout), a tar archive (OCI or `docker save`), or one compressed as a whole.
 * Throws AppError `missing` or `invalid`.
 */
export async function openCarrier(path: string, limits: Limits, means: Means = {}): Promise<Carrier> {
  const found = await stat(path).catch(() => undefined)
  if (found === undefined) throw new AppError('missing', `image: there is nothing readable at ${path}`)
  if (found.isDirectory()) return await folderCarrier(path)
  if (!found.isFile()) throw new AppError('invalid', `image: expected an archive or a folder at ${path}`)
  const compression = await compressionAt(path)
  return compression === 'none' ? await archiveCarrier(path, limits) : await compressedCarrier({ path, compression, limits }, means)
}

async function compressionAt(path: string): Promise<Compression> {
  const handle = await open(path)
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(FORMAT_HEAD), 0, FORMAT_HEAD, 0)
    const head = buffer.subarray(0, bytesRead)
    const unread = unreadFormat(head)
    if (unread !== undefined)
      throw new AppError('unsupported', `${path} is packed with ${unread}: expected an image as it is, in gzip or zstd`)
    return compressionOf(head)
  } finally {
    await handle.close()
  }
}
