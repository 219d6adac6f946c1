import type { FileHandle } from 'node:fs/promises'
import { readExactly } from '../../kit/bounded-file.ts'
import type { Limits } from '../../kit/limits.ts'
import { cleanPath } from '../../kit/paths.ts'
import type { Range } from '../../kit/scan-file.ts'
import type { TarEntry } from '../../kit/tar.ts'
import { indexTar } from '../../kit/tar-index.ts'
import { AppError } from '../../model/errors.ts'
import { type Archive, type ArchiveNode, untold } from './archive-tree.ts'

/** Lists an uncompressed tar archive that is held open; content is read from its place when it is asked for. */
export async function tarArchive(handle: FileHandle, named: string, limits: Limits): Promise<Omit<Archive, 'close'>> {
  const { size } = await handle.stat()
  const nodes = new Map<string, ArchiveNode>()
  const { tell, gaps } = untold(limits)
  const visit = (entry: TarEntry) => {
    const path = cleanPath(entry.path)
    if (path === undefined) tell(entry.path, 'its path leads out of the archive: not looked at')
    else if (path !== '') nodes.set(path, nodeOf(entry))
  }
  const nodeOf = ({ kind, path, size: bytes, mode, target, offset }: TarEntry): ArchiveNode => {
    switch (kind) {
      case 'file':
        return { is: 'file', size: bytes, mode, part: (range) => readExactly(handle, offset + range.offset, within(range, bytes), named) }
      case 'sparse':
        return { is: 'file', size: bytes, mode, part: async () => await refuse(`${path} is stored as a sparse file: not read`) }
      case 'link':
        return { is: 'link', target, fromRoot: true }
      case 'symlink':
        return { is: 'link', target, fromRoot: false }
      case 'directory':
        return { is: 'folder' }
      case 'device':
      case 'other':
        return { is: 'other' }
    }
  }
  await indexTar(handle, size, { named, limits, visit })
  return { nodes, gaps: gaps() }
}

const within = ({ offset, length }: Range, size: number): number => Math.max(0, Math.min(length, size - offset))

async function refuse(reason: string): Promise<never> {
  throw new AppError('invalid', reason)
}
