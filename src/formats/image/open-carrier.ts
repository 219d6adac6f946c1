import { createReadStream } from 'node:fs'
import { mkdtemp, open, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Limits } from '../../kit/limits.ts'
import { CHUNK, compressionOf, unpack, type Compression } from '../../kit/unpack.ts'
import { AppError } from '../../model/errors.ts'
import { archiveCarrier, folderCarrier, type Carrier } from './carrier.ts'

/**
 * The carrier at a path, by its look: a folder (OCI layout), a tar archive (OCI or `docker save`), or one compressed as a whole,
 * which is unpacked to a temporary file first since its manifest may come last. Throws AppError `missing` or `invalid`.
 */
export async function openCarrier(path: string, limits: Limits, signal?: AbortSignal): Promise<Carrier> {
  const found = await stat(path).catch(() => undefined)
  if (found === undefined) throw new AppError('missing', `image: there is nothing readable at ${path}`)
  if (found.isDirectory()) return await folderCarrier(path)
  if (!found.isFile()) throw new AppError('invalid', `image: expected an archive or a folder at ${path}`)
  const compression = await compressionAt(path)
  if (compression === 'none') return await archiveCarrier(path, limits)
  const folder = await mkdtemp(join(tmpdir(), 'openinspector-image-'))
  try {
    const copy = join(folder, 'archive.tar')
    const source = createReadStream(path, { highWaterMark: CHUNK, ...(signal && { signal }) })
    await writeFile(copy, unpack(source, compression, path, limits), { mode: 0o600 })
    const carrier = await archiveCarrier(copy, limits, path)
    return {
      ...carrier,
      async close() {
        await carrier.close()
        await rm(folder, { recursive: true, force: true })
      },
    }
  } catch (thrown) {
    await rm(folder, { recursive: true, force: true })
    throw thrown
  }
}

async function compressionAt(path: string): Promise<Compression> {
  const handle = await open(path)
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(4), 0, 4, 0)
    return compressionOf(buffer.subarray(0, bytesRead))
  } finally {
    await handle.close()
  }
}
