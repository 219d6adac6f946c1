import { setImmediate as breathe } from 'node:timers/promises'
import { limits as defaults, type Limits } from '../../kit/limits.ts'
import { depthOf, parentOf } from '../../kit/paths.ts'
import { resolveInside } from '../../kit/resolve-inside.ts'
import { scanFile } from '../../kit/scan-file.ts'
import { AppError, reasonOf } from '../../model/errors.ts'
import type { FileEntry, FileTree, ScanFile } from '../../model/seams.ts'
import { boundedMap } from './bounded-map.ts'
import type { Child, FileSystem, Node, NodeKind } from './file-system.ts'

/** A file system and the path it is seen at; '' is the root itself. */
export type Mounted = { readonly at: string; readonly system: FileSystem }

export type VolumeScope = {
  /** Folders below the root to list, in this order, as for a folder of this machine. Default: all. */
  readonly starts?: readonly string[]
  /** Folders not to enter. */
  readonly skip?: (path: string) => boolean
  readonly limits?: Partial<Limits>
}

export interface VolumeTree extends FileTree {
  /** The path without links of a folder; undefined: no such folder. */
  folder(path: string): Promise<string | undefined>
}

type OnGap = Parameters<FileTree['entries']>[0]
/** `kind`: where the folder above tells, so that the inode need not be read for it. */
type Place = { readonly system: FileSystem; readonly id: number; readonly kind?: NodeKind }
type Names = ReadonlyMap<string, Child>

/** Milliseconds after which listing lets others run: what is in the cache needs no waiting for a disk. */
const SLICE = 8
/** Names of folders kept, all together. */
const KEPT_NAMES = 200_000
const ignored = () => {}

/** The files of one or more file systems, the one at '' first, as a process would see them that has them as its root. */
export function volumeTree(mounts: readonly Mounted[], scope: VolumeScope = {}): VolumeTree {
  const limits = { ...defaults, ...scope.limits }
  const places = placesIn(mounts, limits)
  return {
    entries: (onGap) => list(places, scope, limits, onGap),
    async folder(path) {
      const at = await places.resolve(path)
      const place = at === undefined ? undefined : await places.find(at)
      return place !== undefined && (await kindOf(place)) === 'folder' ? at : undefined
    },
    async open(path) {
      const at = await places.resolve(path)
      const place = at === undefined ? undefined : await places.find(at)
      if (place === undefined) return undefined
      const node = await place.system.node(place.id)
      return node.kind === 'file' ? fileAt(path, place.system, node, limits.fileBytes) : undefined
    },
  }
}

const kindOf = async ({ system, id, kind }: Place): Promise<NodeKind> => kind ?? (await system.node(id)).kind

type Places = {
  /** The place of a path without links; undefined: nothing is there. */
  find(path: string): Promise<Place | undefined>
  /** The path without links that `path` stands for. */
  resolve(path: string): Promise<string | undefined>
  names(folder: Place, onGap: (reason: string) => void): Promise<Names>
}

function placesIn(mounts: readonly Mounted[], { links }: Limits): Places {
  const mounted = new Map(mounts.map(({ at, system }) => [at, { system, id: system.top, kind: 'folder' as const }]))
  const folders = new Map(
    mounts.map(({ system }) => [system, boundedMap<number, Names>(KEPT_NAMES / mounts.length, ({ size }) => size + 1)]),
  )
  const names: Places['names'] = async ({ system, id }, onGap) => {
    const held = folders.get(system)?.get(id)
    if (held !== undefined) return held
    let whole = true
    const children = await system.children(id, (reason) => {
      whole = false
      onGap(reason)
    })
    const found = new Map(children.map((child) => [child.name, child]))
    // One that is damaged is read again, so that whoever lists it is told.
    if (whole) folders.get(system)?.set(id, found)
    return found
  }
  const find: Places['find'] = async (path) => {
    const own = mounted.get(path)
    if (own !== undefined || path === '') return own
    const parent = await find(parentOf(path))
    if (parent === undefined || (await kindOf(parent)) !== 'folder') return undefined
    const child = (await names(parent, ignored)).get(path.slice(path.lastIndexOf('/') + 1))
    return child && { ...child, system: parent.system }
  }
  const linkAt = async (path: string) => {
    const place = await find(path)
    if (place === undefined || (await kindOf(place)) !== 'link') return undefined
    return await place.system.target(place.id)
  }
  return { find, names, resolve: (path) => resolveInside(path, { linkAt, fromTop: (target) => target, stops: true, most: links }) }
}

/** The files of a folder before those of the folders in it, each in the order of their names: as a folder of this machine is listed. */
async function* list(places: Places, scope: VolumeScope, limits: Limits, onGap: OnGap): AsyncIterable<FileEntry> {
  let count = 0
  let since = performance.now()
  const seen = new Map<FileSystem, Set<number>>()
  for (const start of scope.starts ?? ['']) {
    const found = await startAt(places, start, onGap)
    if (found === undefined) continue
    const { top, place } = found
    // Reached through a link it is listed under the name it was asked by: extractors know files by their usual place.
    const linked = top !== start
    const listed = linked ? new Map<FileSystem, Set<number>>() : seen
    if (!linked && start !== '' && seen.get(place.system)?.has(place.id)) continue
    const waiting: (Place & { readonly path: string })[] = [{ ...place, path: start }]
    while (waiting.length > 0) {
      const folder = waiting.pop()!
      if (performance.now() - since > SLICE) {
        await breathe()
        since = performance.now()
      }
      const { system, path } = folder
      const ids = listed.get(system) ?? new Set()
      listed.set(system, ids)
      if (ids.has(folder.id)) {
        onGap({ path, reason: `inode ${folder.id} is the folder of another path too: it is listed there only` })
        continue
      }
      ids.add(folder.id)
      const children = await sortedNodes(places, folder, onGap)
      count += children.length
      if (count > limits.entries) {
        onGap({ path, reason: `more than ${limits.entries} entries: the rest of the tree was not looked at` })
        return
      }
      for (const { path: file, node } of children) if (node.kind === 'file') yield { path: file, size: node.size, mode: node.mode }
      for (const child of children.toReversed()) {
        if (child.node.kind !== 'folder' || scope.skip?.(child.path)) continue
        if (depthOf(child.path) > limits.depth) onGap({ path: child.path, reason: `more than ${limits.depth} folders deep: not looked at` })
        else waiting.push({ system: child.system, id: child.node.id, path: child.path })
      }
    }
  }
}

/** The folder that a listing begins at; undefined: there is none. */
async function startAt(places: Places, start: string, onGap: OnGap): Promise<{ readonly top: string; readonly place: Place } | undefined> {
  try {
    const top = await places.resolve(start)
    const place = top === undefined ? undefined : await places.find(top)
    return top !== undefined && place !== undefined && (await kindOf(place)) === 'folder' ? { top, place } : undefined
  } catch (thrown) {
    onGap({ path: start, reason: `cannot list: ${reasonOf(thrown)}` })
    return undefined
  }
}

type Found = { readonly path: string; readonly system: FileSystem; readonly node: Node }

async function sortedNodes(places: Places, folder: Place & { readonly path: string }, onGap: OnGap): Promise<readonly Found[]> {
  const { system, path } = folder
  let names: Names
  try {
    names = await places.names(folder, (reason) => onGap({ path, reason }))
  } catch (thrown) {
    onGap({ path, reason: `cannot list: ${reasonOf(thrown)}` })
    return []
  }
  const found: Found[] = []
  for (const { name, id, kind } of [...names.values()].sort((a, b) => (a.name < b.name ? -1 : 1))) {
    if (kind === 'link' || kind === 'other') continue
    const below = path === '' ? name : `${path}/${name}`
    try {
      const place = kind === 'file' ? { system, id } : ((await places.find(below)) ?? { system, id })
      found.push({ path: below, system: place.system, node: await place.system.node(place.id) })
    } catch (thrown) {
      onGap({ path: below, reason: reasonOf(thrown) })
    }
  }
  return found
}

function fileAt(path: string, system: FileSystem, node: Node, most: number): ScanFile {
  const all = async () => {
    if (node.size > most) throw new AppError('invalid', `${path} is too large: ${node.size} bytes or more, at most ${most} are read`)
    return await system.read(node.id, 0, node.size)
  }
  const part = ({ offset, length }: { readonly offset: number; readonly length: number }) => system.read(node.id, offset, length)
  return scanFile({ path, size: node.size, mode: node.mode }, { all, part }, most)
}
