import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { readdir, realpath, stat } from 'node:fs/promises'
import { sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { pipeline } from 'node:stream/promises'
import { AppError, reasonOf } from '../model/errors.ts'
import type { Download } from '../model/seams.ts'

/**
 * A file of a mirror folder, read in place. Its size and time of change stand for the ETag, so a file that was only
 * touched is read again and one that was not is not.
 */
export async function getFile(
  address: URL,
  folders: readonly string[],
  known: { readonly etag?: string },
  maxBytes: number,
): Promise<'unchanged' | 'missing' | Download> {
  const path = await inside(address, folders)
  if (path === undefined) return 'missing'
  const found = await stat(path)
  if (!found.isFile()) throw new AppError('invalid', `expected a file at ${path}`)
  if (found.size > maxBytes) throw new AppError('upstream', `${path} holds ${found.size} bytes, at most ${maxBytes} are read`)
  const etag = `"${found.size}-${found.mtimeMs}"`
  if (known.etag === etag) return 'unchanged'
  const hash = createHash('sha256')
  try {
    await pipeline(createReadStream(path, { highWaterMark: 1 << 20 }), hash)
  } catch (thrown) {
    throw new AppError('upstream', `${path} could not be read: ${reasonOf(thrown)}`, { cause: thrown })
  }
  return {
    path,
    bytes: found.size,
    etag,
    lastModified: found.mtime.toUTCString(),
    sha256: hash.digest('hex'),
    dispose: async () => undefined,
  }
}

/** Names of the regular files in a mirror's folder, sorted; none when there is no such folder. */
export async function listFolder(address: URL, folders: readonly string[]): Promise<readonly string[]> {
  const path = await inside(address, folders)
  if (path === undefined) return []
  const entries = await readdir(path, { withFileTypes: true })
  return entries
    .filter((entry) => entry.isFile() || entry.isSymbolicLink())
    .map((entry) => entry.name)
    .sort()
}

/** The real path behind a `file:` address; undefined when nothing is there. Throws when it lies outside every allowed folder. */
async function inside(address: URL, folders: readonly string[]): Promise<string | undefined> {
  const path = fileURLToPath(address)
  const real = await resolve(path)
  if (real === undefined) return undefined
  for (const folder of folders) {
    const root = await resolve(folder)
    if (root !== undefined && (real === root || real.startsWith(root.endsWith(sep) ? root : root + sep))) return real
  }
  throw new AppError('denied', `${path} lies outside the mirror folder`)
}

async function resolve(path: string): Promise<string | undefined> {
  try {
    return await realpath(path)
  } catch (thrown) {
    const code = thrown instanceof Error && 'code' in thrown ? thrown.code : undefined
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined
    throw new AppError('upstream', `${path} could not be read: ${reasonOf(thrown)}`, { cause: thrown })
  }
}
