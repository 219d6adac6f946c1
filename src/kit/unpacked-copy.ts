import { createReadStream } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Limits } from './limits.ts'
import { CHUNK, unpack, type Compression } from './unpack.ts'

/** A file compressed as a whole. */
export type Compressed = { readonly path: string; readonly compression: Compression; readonly limits: Limits }

/** Its uncompressed content in a temporary file of ours, until it is removed. */
export type UnpackedCopy = { readonly path: string; remove(): Promise<void> }

export async function unpackedCopy({ path, compression, limits }: Compressed, signal?: AbortSignal): Promise<UnpackedCopy> {
  const folder = await mkdtemp(join(tmpdir(), 'openinspector-image-'))
  const remove = () => rm(folder, { recursive: true, force: true })
  try {
    const copy = join(folder, 'archive.tar')
    const source = createReadStream(path, { highWaterMark: CHUNK, ...(signal && { signal }) })
    await writeFile(copy, unpack(source, compression, path, limits), { mode: 0o600 })
    return { path: copy, remove }
  } catch (thrown) {
    await remove()
    throw thrown
  }
}
