import type { FileHandle } from 'node:fs/promises'
import type { Limits } from '../../kit/limits.ts'
import { AppError, reasonOf } from '../../model/errors.ts'
import { openZip, type Zip, type ZipEntry } from '../zip.ts'
import { windowSource } from '../zip-file.ts'
import { type Archive, type ArchiveNode, untold } from './archive-tree.ts'

/** Bytes of unpacked entries that are kept: of one file extractors ask for several parts. */
const KEPT = 128 << 20
/** File types of Unix (stat(2)). */
const [typeBits, link, folder, regular] = [0o170000, 0o120000, 0o040000, 0o100000]

/** Lists a zip archive that is held open, by its directory; content is unpacked when it is asked for. */
export async function zipArchive(handle: FileHandle, named: string, limits: Limits): Promise<Omit<Archive, 'close'>> {
  try {
    const { entries, fileBytes, unpackedBytes, ratio, namesLength } = limits
    const source = windowSource(handle, (await handle.stat()).size)
    const zip = await openZip(source, { entries, entryBytes: fileBytes, totalBytes: unpackedBytes, ratio: Math.max(ratio, 250) })
    const unpacked = keeping(zip)
    const nodes = new Map<string, ArchiveNode>()
    const { tell, gaps } = untold(limits)
    let names = 0
    for (const entry of zip.entries()) {
      const { path } = entry
      names += entry.name.length
      if (names > namesLength) throw new AppError('invalid', `has more than ${namesLength} characters of names`)
      if (path === undefined) {
        if (!/^(?:\.?[/\\])+$/.test(entry.name)) tell(entry.name, 'its path leads out of the archive: not looked at')
        continue
      }
      if (nodes.has(path) && nodes.get(path)!.is !== 'folder') tell(path, 'listed twice: the last of the two was looked at')
      nodes.set(path, await nodeOf(entry, unpacked, tell))
    }
    return { nodes, gaps: gaps() }
  } catch (thrown) {
    throw new AppError('invalid', `zip archive ${named}: ${reasonOf(thrown)}`, { cause: thrown })
  }
}

async function nodeOf(entry: ZipEntry, unpacked: Zip['read'], tell: (path: string, reason: string) => void): Promise<ArchiveNode> {
  const { unixMode = 0, size, path = '' } = entry
  const type = unixMode & typeBits
  if (entry.isFolder || type === folder) return { is: 'folder' }
  if (type === link) {
    try {
      if (size > 4096) throw new AppError('invalid', `a target of ${size} bytes`)
      return { is: 'link', target: (await unpacked(entry)).toString('utf8'), fromRoot: false }
    } catch (thrown) {
      tell(path, `a link that cannot be read: ${reasonOf(thrown)}`)
      return { is: 'other' }
    }
  }
  if (type !== regular && type !== 0) return { is: 'other' }
  // Who wrote no permissions wrote none that forbid: what may be a program is looked at as one.
  const mode = unixMode === 0 ? 0o755 : unixMode & 0o7777
  const part: Extract<ArchiveNode, { is: 'file' }>['part'] = async ({ offset, length }) =>
    (await unpacked(entry)).subarray(offset, offset + length)
  return { is: 'file', size, mode, part }
}

/** What was unpacked last is kept for a while. */
function keeping(zip: Zip): Zip['read'] {
  const kept = new Map<ZipEntry, Promise<Buffer>>()
  let bytes = 0
  return async (entry) => {
    const held = kept.get(entry)
    if (held !== undefined) return await held
    const read = zip.read(entry)
    kept.set(entry, read)
    bytes += entry.size
    for (const oldest of kept.keys()) {
      if (bytes <= KEPT || oldest === entry) break
      kept.delete(oldest)
      bytes -= oldest.size
    }
    return await read
  }
}
