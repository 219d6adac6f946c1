import { lstatSync, readdirSync, type Dirent, type Stats } from 'node:fs'
import { lstat, readlink, realpath } from 'node:fs/promises'
import { join } from 'node:path'
import { setImmediate as breathe } from 'node:timers/promises'
import { reasonOf } from '../model/errors.ts'
import type { FileEntry, FileTree } from '../model/seams.ts'
import { readBoundedFile, readFileAtOnce, readFileRange } from './bounded-file.ts'
import { limits as defaults, type Limits } from './limits.ts'
import { depthOf, parentOf } from './paths.ts'
import { resolveInside } from './resolve-inside.ts'
import { type Range, scanFile } from './scan-file.ts'

export type FolderScope = {
  /**
   * What a link means. `root`: as for a process that has the folder as its root, absolute links begin there and `..` stops
   * there. `inside`: as for a process of this machine; what leads out of the folder is not followed.
   */
  readonly links: 'root' | 'inside'
  /**
   * Folders below the root to list, in this order; one that an earlier one holds is not listed again, unless it is a link that
   * leads there. Default: all.
   */
  readonly starts?: readonly string[]
  /** Folders not to enter. */
  readonly skip?: (path: string, name: string) => boolean
  readonly limits?: Partial<Limits>
  /** Milliseconds that tell the system's memory from the disk. */
  readonly quickMs?: number
}

type OnGap = Parameters<FileTree['entries']>[0]

/** Milliseconds after which listing lets others run: a server answers requests on the same thread. */
const SLICE = 8
/** Bytes of a file that is read at once. */
const SMALL = 1 << 20
const QUICK_MS = 0.25
/** Files that are read several at a time after one that was slow. */
const AFTER_SLOW = 64

/** The regular files below a folder of this machine. Links are never entered while listing, and never followed out of the folder. */
export async function folderTree(folder: string, scope: FolderScope): Promise<FileTree> {
  const root = await realpath(folder)
  const limits = { ...defaults, ...scope.limits }
  /** Folders reached without a link: what lies directly in them needs no resolving. */
  const real = new Set<string>()
  const atOnce = whileQuick(scope.quickMs ?? QUICK_MS)
  const statOf = async (at: string) => atOnce(() => lstatSync(at, { throwIfNoEntry: false })) ?? (await lstat(at).catch(() => undefined))
  const fileAt = (path: string, at: string, stat: Stats) =>
    scanFile(entryOf(path, stat), contentOf(path, at, stat, limits, atOnce), limits.fileBytes)
  return {
    entries: (onGap) => list(root, scope, limits, real, onGap),
    async open(path) {
      const at = real.has(parentOf(path)) ? path : await resolveBelow(root, path, scope.links, limits.links)
      if (at === undefined) return undefined
      const stat = await statOf(join(root, at))
      if (stat?.isSymbolicLink()) {
        const target = await resolveBelow(root, at, scope.links, limits.links)
        const behind = target === undefined ? undefined : await statOf(join(root, target))
        return target !== undefined && behind?.isFile() ? fileAt(path, join(root, target), behind) : undefined
      }
      return stat?.isFile() ? fileAt(path, join(root, at), stat) : undefined
    },
  }
}

async function* list(root: string, scope: FolderScope, limits: Limits, real: Set<string>, onGap: OnGap): AsyncIterable<FileEntry> {
  let count = 0
  let since = performance.now()
  for (const start of scope.starts ?? ['']) {
    const top = await resolveBelow(root, start, scope.links, limits.links)
    if (top === undefined || !isFolder(join(root, top))) continue
    // Reached through a link it is listed under the name it was asked by: extractors know files by their usual place.
    const linked = top !== start
    const named = (path: string) => (linked ? `${start}${path.slice(top.length)}` : path)
    const waiting = [top]
    while (waiting.length > 0) {
      const folder = waiting.pop()!
      if (!linked && real.has(folder)) continue
      if (performance.now() - since > SLICE) {
        await breathe()
        since = performance.now()
      }
      const children = childrenOf(root, folder, onGap)
      if (!linked) real.add(folder)
      count += children.length
      if (count > limits.entries) {
        onGap({ path: named(folder), reason: `more than ${limits.entries} entries: the rest of the tree was not looked at` })
        return
      }
      for (const child of children) if (child.isFile()) yield lazyEntry(named(below(folder, child.name)), join(root, folder, child.name))
      for (const child of children.toReversed()) {
        if (!child.isDirectory()) continue
        const path = below(folder, child.name)
        if (scope.skip?.(path, child.name) || (linked && scope.skip?.(named(path), child.name))) continue
        if (depthOf(path) > limits.depth) onGap({ path: named(path), reason: `more than ${limits.depth} folders deep: not looked at` })
        else waiting.push(path)
      }
    }
  }
}

function childrenOf(root: string, folder: string, onGap: OnGap): readonly Dirent[] {
  try {
    return readdirSync(join(root, folder), { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))
  } catch (thrown) {
    // A folder removed since its parent was listed holds nothing; anything else is something we did not see.
    if ((thrown as NodeJS.ErrnoException).code !== 'ENOENT') onGap({ path: folder, reason: `cannot list: ${wordsOf(thrown)}` })
    return []
  }
}

/** Size and mode are asked for when an extractor looks at them: most decide by the path alone, and a stat costs more than that. */
function lazyEntry(path: string, at: string): FileEntry {
  let stat: { readonly size: number; readonly mode: number } | undefined
  const known = () => (stat ??= lstatSync(at, { throwIfNoEntry: false }) ?? { size: 0, mode: 0 })
  return {
    path,
    get size() {
      return known().size
    },
    get mode() {
      return known().mode & 0o7777
    },
  }
}

type AtOnce = ReturnType<typeof whileQuick>

/**
 * Does things without waiting for as long as they are quick. A thing that takes long waits for the disk, or for another machine:
 * the next ones are undefined, for whoever asks to do them several at a time.
 */
function whileQuick(quickMs: number) {
  let others = 0
  return <T>(now: () => T | undefined): T | undefined => {
    if (others > 0) {
      others--
      return undefined
    }
    const begun = performance.now()
    const done = now()
    if (performance.now() - begun > quickMs) others = AFTER_SLOW
    return done
  }
}

const entryOf = (path: string, { size, mode }: Stats): FileEntry => ({ path, size, mode: mode & 0o7777 })

function contentOf(path: string, at: string, { size }: Stats, { fileBytes }: Limits, atOnce: AtOnce) {
  const quick = (range: Range) => (range.length > SMALL ? undefined : atOnce(() => readFileAtOnce(at, range)))
  return {
    all: async () => {
      const bytes = size > fileBytes ? undefined : quick({ offset: 0, length: size + 1 })
      const grown = bytes !== undefined && bytes.length > size
      return bytes === undefined || grown ? await readBoundedFile(at, fileBytes, path) : bytes
    },
    part: async (range: Range) => quick(range) ?? (await readFileRange(at, range, path)),
  }
}

/** Decided step by step here and not by the kernel, which would begin absolute links at this machine's root. */
async function resolveBelow(root: string, path: string, links: FolderScope['links'], most: number): Promise<string | undefined> {
  const linkAt = (inside: string) => readlink(join(root, inside)).catch(notALink)
  const fromTop = (target: string) => (links === 'root' ? target : insideOf(root, target))
  return await resolveInside(path, { linkAt, fromTop, stops: links === 'root', most })
}

/** An absolute path of this machine as one below `root`; undefined: it leads elsewhere. */
function insideOf(root: string, target: string): string | undefined {
  const top = root === '/' ? '/' : `${root}/`
  return target === root ? '' : target.startsWith(top) ? target.slice(top.length) : undefined
}

/** EINVAL: it is there and no link. ENOENT and the like are left to whoever opens the path. */
const notALink = (): undefined => undefined

function isFolder(path: string): boolean {
  try {
    return lstatSync(path, { throwIfNoEntry: false })?.isDirectory() === true
  } catch {
    return true // not allowed to look: listing it says so
  }
}

const below = (folder: string, name: string): string => (folder === '' ? name : `${folder}/${name}`)
const wordsOf = (thrown: unknown): string => (thrown as NodeJS.ErrnoException).code ?? reasonOf(thrown)
