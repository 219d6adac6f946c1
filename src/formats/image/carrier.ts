import type { BigIntStats } from 'node:fs'
import { constants } from 'node:fs'
import { lstat, open, realpath, type FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import { readExactly } from '../../kit/bounded-file.ts'
import type { Limits } from '../../kit/limits.ts'
import { cleanPath, parentOf } from '../../kit/paths.ts'
import type { TarEntry } from '../../kit/tar.ts'
import { indexTar } from '../../kit/tar-index.ts'
import { CHUNK } from '../../kit/unpack.ts'
import { AppError } from '../../model/errors.ts'

/** A file inside a carrier: a stretch of a file on disk. */
export type StoredFile = {
  readonly name: string
  readonly size: number
  /**
   * Path, size, times and inode of the file that holds it, and where in there: the same text means the same bytes. Asked anew, it
   * tells whether the file changed meanwhile.
   */
  fingerprint(): Promise<string>
  /** The bytes from `from`, in pieces. Throws AppError `invalid` where the file ends early. */
  read(from?: number): AsyncIterable<Uint8Array>
  /** It is fetched by its digest alone, so that whoever runs the image gets these bytes or none. */
  readonly byDigest?: true
}

/** What a manifest says of a file it names. */
export type Described = { readonly mediaType: string; readonly size: number }

/** What carries an image: the folder of an OCI layout, or an archive of one, or of `docker save`; or a registry. */
export type Carrier = {
  /** What to call it: a path, or a name in a registry. */
  readonly path: string
  /** undefined: there is none. `described` is what a manifest says of it, where one does. */
  find(name: string, described?: Described): Promise<StoredFile | undefined>
  close(): Promise<void>
}

/** A folder; its files are opened one by one, and a link in there is no file. */
export async function folderCarrier(folder: string): Promise<Carrier> {
  const root = await realpath(folder)
  return {
    path: root,
    async find(name) {
      const clean = cleanPath(name)
      const path = clean === undefined ? undefined : join(root, clean)
      if (path === undefined) return undefined
      // The folders above may be links of this machine's administrator; out of the folder nothing is read.
      const real = await realpath(path).catch(() => undefined)
      const stat = await lstat(path).catch(() => undefined)
      if (!stat?.isFile() || real === undefined || !real.startsWith(`${root}/`)) return undefined
      return {
        name,
        size: stat.size,
        fingerprint: async () => fingerprintOf(real, await lstat(real, { bigint: true }), 0),
        read: (from = 0) => readOpening(real, from, stat.size - from, name),
      }
    },
    close: async () => {},
  }
}

/**
 * An uncompressed tar archive. Its headers are read once, stepping over content; the archive is held open, so that all is read
 * from the same file. `from` is the file a person named, when the archive is a temporary copy of its uncompressed content.
 */
export async function archiveCarrier(path: string, limits: Limits, from: string = path): Promise<Carrier> {
  const handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK)
  try {
    const { size } = await handle.stat()
    const entries = await indexArchive(handle, size, from, limits)
    return {
      path: from,
      async find(name) {
        const entry = fileAt(entries, name, limits.links)
        if (entry === undefined) return undefined
        if (entry.offset + entry.size > size) throw new AppError('invalid', `${from} is truncated: ${name} ends past the archive's end`)
        const fingerprint = async () =>
          fingerprintOf(await realpath(from), await lstat(await realpath(from), { bigint: true }), entry.offset)
        return { name, size: entry.size, fingerprint, read: (at = 0) => readStretch(handle, entry.offset + at, entry.size - at, name) }
      },
      close: () => handle.close(),
    }
  } catch (thrown) {
    await handle.close()
    throw thrown
  }
}

async function indexArchive(handle: FileHandle, size: number, named: string, limits: Limits): Promise<ReadonlyMap<string, TarEntry>> {
  const entries = new Map<string, TarEntry>()
  const visit = (entry: TarEntry) => {
    const path = cleanPath(entry.path)
    if (path !== undefined) entries.set(path, entry)
  }
  await indexTar(handle, size, { named, limits, visit })
  return entries
}

/** Older `docker save` writes a layer that two images share once, and a link to it. */
function fileAt(entries: ReadonlyMap<string, TarEntry>, name: string, most: number): TarEntry | undefined {
  let path = cleanPath(name)
  for (let followed = 0; path !== undefined && followed <= most; followed++) {
    const entry = entries.get(path)
    if (entry?.kind === 'file') return entry
    if (entry?.kind !== 'symlink' && entry?.kind !== 'link') return undefined
    path = inArchive(entry.kind === 'link' ? entry.target : `${parentOf(path)}/${entry.target}`)
  }
  return undefined
}

/** `a/../b` inside the archive; undefined when it leads out. */
function inArchive(path: string): string | undefined {
  const done: string[] = []
  for (const step of path.split('/')) {
    if (step === '' || step === '.') continue
    if (step !== '..') done.push(step)
    else if (done.pop() === undefined) return undefined
  }
  return done.join('/')
}

async function* readOpening(path: string, from: number, length: number, named: string): AsyncIterable<Uint8Array> {
  const handle = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  try {
    yield* readStretch(handle, from, length, named)
  } finally {
    await handle.close()
  }
}

async function* readStretch(handle: FileHandle, from: number, length: number, named: string): AsyncIterable<Uint8Array> {
  for (let at = 0; at < length; at += CHUNK) yield await readExactly(handle, from + at, Math.min(CHUNK, length - at), named)
}

/** A text that changes whenever the file does, as far as its file system tells. */
export function fingerprintOf(path: string, { dev, ino, size, mtimeNs, ctimeNs }: BigIntStats, offset: number): string {
  return [path, offset, dev, ino, size, mtimeNs, ctimeNs].join(' ')
}
