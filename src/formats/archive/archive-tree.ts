import { followLinks } from '../../kit/follow-links.ts'
import type { Limits } from '../../kit/limits.ts'
import { ancestorsOf, depthOf } from '../../kit/paths.ts'
import { type Range, scanFile } from '../../kit/scan-file.ts'
import { AppError } from '../../model/errors.ts'
import type { FileTree } from '../../model/seams.ts'

/** What an archive lists under a path. Devices and the like are `other`. */
export type ArchiveNode =
  | { readonly is: 'file'; readonly size: number; readonly mode: number; readonly part: (range: Range) => Promise<Uint8Array> }
  /** `fromRoot`: the target is a path from the archive's root, as that of a hard link. */
  | { readonly is: 'link'; readonly target: string; readonly fromRoot: boolean }
  | { readonly is: 'folder' | 'other' }

export type Untold = { readonly path: string; readonly reason: string }

/** An archive that was listed, and what in it could not be. Paths are clean; of two entries of one path the last holds. */
export type Archive = {
  readonly nodes: ReadonlyMap<string, ArchiveNode>
  readonly gaps: readonly Untold[]
  close(): Promise<void>
}

/** The files of archives as of one root; nothing is written anywhere, so that nothing can lead out of it. */
export function archiveTree({ nodes, gaps }: Pick<Archive, 'nodes' | 'gaps'>, limits: Limits): FileTree {
  const linkAt = (path: string) => {
    const node = nodes.get(path)
    return node?.is === 'link' ? node : undefined
  }
  const fileAt = (path: string) => {
    const node = nodes.get(followLinks(path, linkAt, limits) ?? '')
    return node?.is === 'file' ? node : undefined
  }
  return {
    async *entries(onGap) {
      for (const gap of gaps) onGap(gap)
      for (const path of [...nodes.keys()].sort()) {
        const node = nodes.get(path)!
        // Like in a folder, a symbolic link is no file; a hard link is one.
        if (node.is !== 'file' && !(node.is === 'link' && node.fromRoot)) continue
        const file = fileAt(path)
        if (depthOf(path) > limits.depth) onGap({ path, reason: `more than ${limits.depth} folders deep: not looked at` })
        else if (ancestorsOf(path).some((above) => (nodes.get(above)?.is ?? 'folder') !== 'folder'))
          onGap({ path, reason: 'lies below what the archive says is no folder: not looked at' })
        else if (file === undefined) onGap({ path, reason: 'a hard link to what is no file of the archive: not read' })
        else yield { path, size: file.size, mode: file.mode }
      }
    },
    async open(path) {
      const file = fileAt(path)
      if (file === undefined) return undefined
      const { size, mode, part } = file
      const all = () => {
        if (size > limits.fileBytes)
          throw new AppError('invalid', `${path}: ${size} bytes, at most ${limits.fileBytes} of one file are read`)
        return part({ offset: 0, length: size })
      }
      return scanFile({ path, size, mode }, { all: async () => await all(), part }, limits.fileBytes)
    },
  }
}

/** At most so many gaps are held one by one, whatever an archive lists. */
export function untold({ gaps: most }: Pick<Limits, 'gaps'>) {
  const gaps: Untold[] = []
  let more = 0
  return {
    tell: (path: string, reason: string): void => void (gaps.length < most ? gaps.push({ path: path.slice(0, 4096), reason }) : more++),
    gaps: (): readonly Untold[] => (more === 0 ? gaps : [...gaps, { path: '', reason: `${more} more entries could not be looked at` }]),
  }
}
