import type { Gap } from '../../model/component.ts'
import type { Extractor, FileTree, Layer, ScanFile } from '../../model/seams.ts'
import type { Limits } from '../../kit/limits.ts'
import { ancestorsOf, cleanPath, depthOf, parentOf } from '../../kit/paths.ts'
import { fileInMemory, scanFile } from '../../kit/scan-file.ts'
import { walkTar, type TarEntry, type TarVisitor } from '../../kit/tar.ts'
import { release } from '../../kit/unpack.ts'
import { moved } from './compose-layers.ts'
import { extractFile, failed, keeping, nothingNear } from './extract.ts'
import { followLinks } from '../../kit/follow-links.ts'
import type { LayerRecord } from './layer-record.ts'
import { passingRoom } from './passing-room.ts'
import type { Guarding } from './reading.ts'
import type { Extraction } from './settle-inventory.ts'
import { wantedBy } from './wanted-by.ts'

/** Times a layer is read again for files that an extractor turned out to need beside those it wanted. */
const PASSES = 4

/** What a layer's archive lists, and the content of what was asked for. */
type Listing = {
  readonly nodes: Map<string, TarEntry>
  readonly held: Map<string, Buffer>
  /** What extractors that look at a file alone made of it as it came by; nothing, if it was not of their kind. */
  readonly passed: Map<string, Passed>
  readonly whiteouts: Set<string>
  readonly opaque: Set<string>
  /** Folders that a later entry made something else. */
  readonly emptied: Set<string>
  readonly gaps: Gap[]
}
type Passed = ReadonlyMap<Extractor, Extraction | undefined>
type Wanted = { readonly path: string; readonly extractors: readonly Extractor[] }
type Passing = Wanted & { readonly entry: TarEntry; readonly content: Buffer }
type Extracting = {
  readonly extractOne: (extractor: Extractor, file: ScanFile, near: Pick<FileTree, 'open'>) => Promise<Extraction | undefined>
  readonly keep: ReturnType<typeof keeping>
  readonly limits: Limits
}

/** Reads a layer to its end, so that its digests are checked, and runs the extractors over what they want of it. */
export async function extractLayer(
  layer: Layer,
  extractors: readonly Extractor[],
  limits: Limits,
  guarding: Guarding,
): Promise<LayerRecord> {
  const extracting: Extracting = {
    extractOne: (extractor, file, near) => extractFile(extractor, { file, near, layer: layer.diffId }, guarding),
    keep: keeping(limits, extractors),
    limits,
  }
  const listing = await listLayer(layer, extractors, extracting)
  const extractions = await extractWanted(layer, listing, wantedOf(listing, extractors, limits), extracting)
  const nodes = [...listing.nodes]
  const paths = (which: (entry: TarEntry) => boolean) =>
    nodes
      .filter(([, entry]) => which(entry))
      .map(([path]) => path)
      .sort()
  return {
    extractions: [...passedOf(listing), ...extractions],
    others: paths(({ kind }) => kind !== 'directory'),
    folders: paths(({ kind }) => kind === 'directory'),
    links: nodes.filter(([, { kind }]) => kind === 'symlink').map(([path, { target }]) => [path, target] as const),
    whiteouts: [...listing.whiteouts].sort(),
    opaque: [...listing.opaque].sort(),
    gaps: listing.gaps,
  }
}

async function listLayer(layer: Layer, extractors: readonly Extractor[], { extractOne, keep, limits }: Extracting): Promise<Listing> {
  const listing: Listing = {
    nodes: new Map(),
    held: new Map(),
    passed: new Map(),
    whiteouts: new Set(),
    opaque: new Set(),
    emptied: new Set(),
    gaps: [],
  }
  let holding = 0
  /** Whom the entry concerns whose content comes next, and what came by whole in the piece just read. */
  let concerned: readonly Extractor[] = []
  let passing: Passing[] = []
  const wanting = wantedBy(extractors)
  const refusedBy = sharedRefusals()
  const room = passingRoom()
  const tell = (path: string, reason: string) => {
    if (listing.gaps.length < limits.gaps) listing.gaps.push({ path, extractor: 'layer', reason })
  }
  const tooMuch = (path: string, size: number): boolean => {
    const beside = concerned.some(({ alone }) => !alone)
    const most = beside ? limits.fileBytes : limits.passingBytes
    if (size > most) tell(path, `${size} bytes, at most ${most} of one file are read`)
    else if (beside && holding + size > limits.heldBytes)
      tell(path, `more than ${limits.heldBytes} bytes of package files in one layer: not read`)
    else return false
    return true
  }
  await walkLayer(layer, limits, {
    visit(entry) {
      const path = cleanPath(entry.path)
      if (path === undefined || depthOf(path) > limits.depth) {
        tell(
          entry.path,
          path === undefined ? 'its path leads out of the image: not looked at' : `more than ${limits.depth} folders deep: not looked at`,
        )
        return false
      }
      if (path === '' || noteWhiteout(path, listing)) return false
      place(path, entry, listing)
      if (entry.kind !== 'file' && entry.kind !== 'sparse') return false
      const { size, mode } = entry
      concerned = wanting({ path, size, mode })
      if (entry.kind === 'file') return concerned.length > 0
      if (concerned.length > 0 && !tooMuch(path, size)) tell(path, 'stored as a sparse file: not read')
      return false
    },
    starts(entry, head) {
      const path = cleanPath(entry.path)!
      const others = concerned.filter(({ starts }) => starts?.(head) === false)
      concerned = concerned.filter((extractor) => !others.includes(extractor))
      if (others.length > 0 || concerned.some(({ alone }) => alone)) listing.passed.set(path, refusedBy(others))
      if (concerned.length === 0 || tooMuch(path, entry.size)) return false
      if (concerned.some(({ alone }) => !alone)) holding += entry.size
      return true
    },
    room: ({ size }) => (concerned.every(({ alone }) => alone) ? room.take(size) : undefined),
    take(entry, content) {
      const path = cleanPath(entry.path)!
      if (concerned.some(({ alone }) => !alone)) listing.held.set(path, content)
      const alone = concerned.filter((extractor) => extractor.alone)
      if (alone.length > 0) passing.push({ path, entry, content, extractors: alone })
    },
    // Nothing further is read before what came by is looked at and let go.
    async pause() {
      const now = passing
      passing = []
      for (const { path, entry, content, extractors: by } of now) {
        if (listing.nodes.get(path) !== entry) continue
        const file = fileInMemory({ path, size: entry.size, mode: entry.mode }, content, limits.fileBytes)
        for (const extractor of by) {
          const extraction = await extractOne(extractor, file, nothingNear)
          listing.passed.set(path, new Map(listing.passed.get(path)).set(extractor, extraction && keep(extraction)))
        }
      }
      for (const { content } of now) room.free(content)
    },
  })
  dropEmptied(listing)
  return listing
}

/** Most of what is refused is refused by the same extractors: a layer of a million scripts holds one map for all. */
function sharedRefusals(): (others: readonly Extractor[]) => Passed {
  const known = new Map<string, Passed>()
  return (others) => {
    const key = others.map(({ id }) => id).join('\0')
    const held = known.get(key) ?? new Map(others.map((extractor) => [extractor, undefined]))
    known.set(key, held)
    return held
  }
}

/** OCI image specification, layer.md: `.wh.NAME` removes NAME, `.wh..wh..opq` empties its folder; other `.wh..wh.` names are AUFS's own. */
function noteWhiteout(path: string, { whiteouts, opaque }: Listing): boolean {
  const name = path.slice(path.lastIndexOf('/') + 1)
  if (!name.startsWith('.wh.')) return false
  const folder = parentOf(path)
  if (name === '.wh..wh..opq') opaque.add(folder)
  else if (!name.startsWith('.wh..wh.') && name !== '.wh.') whiteouts.add(folder === '' ? name.slice(4) : `${folder}/${name.slice(4)}`)
  return true
}

/** A later entry of the same name replaces the earlier one. */
function place(path: string, entry: TarEntry, { nodes, held, passed, emptied }: Listing): void {
  const before = nodes.get(path)
  if (before !== undefined) {
    held.delete(path)
    passed.delete(path)
  }
  if (before?.kind === 'directory' && entry.kind !== 'directory') emptied.add(path)
  nodes.set(path, entry)
}

/** What came before its folder was replaced by something else went with the folder. */
function dropEmptied({ nodes, held, passed, emptied }: Listing): void {
  if (emptied.size === 0) return
  for (const [path, { offset }] of nodes) {
    if (!ancestorsOf(path).some((above) => emptied.has(above) && nodes.get(above)!.offset > offset)) continue
    nodes.delete(path)
    held.delete(path)
    passed.delete(path)
  }
}

const passedOf = ({ passed }: Listing): readonly Extraction[] =>
  [...passed.values()].flatMap((by) => [...by.values()].filter((extraction) => extraction !== undefined))

/** What is still to be read, hard links to files included, in order of path. */
function wantedOf({ nodes, held }: Listing, extractors: readonly Extractor[], limits: Limits): readonly Wanted[] {
  const wanted: Wanted[] = []
  const add = (path: string, { size, mode }: TarEntry, wanting: ReturnType<typeof wantedBy>) =>
    wanted.push({ path, extractors: wanting({ path, size, mode }) })
  const [all, beside] = [wantedBy(extractors), wantedBy(extractors.filter(({ alone }) => !alone))]
  for (const path of held.keys()) add(path, nodes.get(path)!, beside)
  for (const [path, entry] of nodes) {
    if (entry.kind !== 'link') continue
    const target = nodes.get(cleanPath(entry.target) ?? '')
    const file = target?.kind === 'link' ? nodes.get(resolveIn(nodes, path, limits) ?? '') : target
    add(path, file ?? entry, all)
  }
  return wanted.filter((one) => one.extractors.length > 0).sort((a, b) => (a.path < b.path ? -1 : 1))
}

/**
 * Content is held only of what was wanted at first sight. When a file turns out to be needed beside (the target of a hard link, a
 * neighbour), the layer is read again for it and the extraction done anew.
 */
async function extractWanted(
  layer: Layer,
  listing: Listing,
  wanted: readonly Wanted[],
  extracting: Extracting,
): Promise<readonly Extraction[]> {
  const { keep, limits } = extracting
  const done: Extraction[] = []
  let todo = wanted
  for (let pass = 0; todo.length > 0; pass++) {
    const missed = new Set<string>()
    const again: Wanted[] = []
    for (const { path, extractors } of todo) {
      for (const extractor of extractors) {
        const missedHere = new Set<string>()
        const extraction = await extractHeld(extractor, path, listing, missedHere, extracting)
        if (missedHere.size === 0) {
          if (extraction !== undefined) done.push(keep(extraction))
        } else if (pass === PASSES) done.push(failed(extractor.id, path, `needs further files of the layer after ${PASSES} readings`))
        else {
          again.push({ path, extractors: [extractor] })
          for (const one of missedHere) missed.add(one)
        }
      }
    }
    if (missed.size > 0) await holdAlso(layer, listing, missed, limits)
    todo = again
  }
  return done
}

async function extractHeld(
  extractor: Extractor,
  path: string,
  listing: Listing,
  missed: Set<string>,
  { extractOne, limits }: Extracting,
): Promise<Extraction | undefined> {
  const at = extractor.alone || extractor.starts ? resolveIn(listing.nodes, path, limits) : undefined
  const passed = at === undefined ? undefined : listing.passed.get(at)
  if (passed?.has(extractor)) return renamed(passed.get(extractor), path)
  const near = { open: async (asked: string) => openIn(listing, asked, limits, missed) }
  const file = await near.open(path)
  if (file === undefined) return failed(extractor.id, path, 'a hard link to what is not a file of the same layer: not read')
  return await extractOne(extractor, file, near)
}

/** A hard link is the same content under another name, of which an extractor that looks at it alone makes the same. */
const renamed = (extraction: Extraction | undefined, path: string): Extraction | undefined => extraction && moved(extraction, path)

/**
 * A file of the layer, hard and symbolic links inside it followed. One that the layer lists below a link of its own is held under the
 * name it has there. Its content may have been missed when the layer was read.
 */
function openIn({ nodes, held }: Listing, asked: string, limits: Limits, missed: Set<string>): ScanFile | undefined {
  const at = nodes.get(asked)?.kind === 'file' ? asked : resolveIn(nodes, asked, limits)
  const node = at === undefined ? undefined : nodes.get(at)
  if (at === undefined || node?.kind !== 'file') return undefined
  const entry = { path: asked, size: node.size, mode: node.mode }
  const content = held.get(at)
  if (content !== undefined) return fileInMemory(entry, content, limits.fileBytes)
  const miss = async () => {
    if (node.size > limits.fileBytes) throw new Error(`${at}: ${node.size} bytes, at most ${limits.fileBytes} of one file are read`)
    missed.add(at)
    throw new Error(`${at} is not held yet`)
  }
  return scanFile(entry, { all: miss, part: miss }, limits.fileBytes)
}

/** A hard link's target is a path from the archive's root; a symbolic link's from its own folder, unless absolute. */
function resolveIn(nodes: ReadonlyMap<string, TarEntry>, path: string, limits: Limits): string | undefined {
  const linkAt = (at: string) => {
    const node = nodes.get(at)
    return node?.kind === 'symlink' || node?.kind === 'link' ? { target: node.target, fromRoot: node.kind === 'link' } : undefined
  }
  return followLinks(path, linkAt, limits)
}

async function holdAlso(layer: Layer, { nodes, held }: Listing, missed: ReadonlySet<string>, limits: Limits): Promise<void> {
  let holding = held.values().reduce((sum, { length }) => sum + length, 0)
  await walkLayer(layer, limits, {
    visit({ path, kind, size, offset }) {
      const clean = cleanPath(path)
      if (clean === undefined || !missed.has(clean) || kind !== 'file' || nodes.get(clean)?.offset !== offset) return false
      holding += size
      return holding <= limits.heldBytes
    },
    take({ path }, content) {
      held.set(cleanPath(path)!, content)
    },
  })
}

async function walkLayer(layer: Layer, limits: Limits, visitor: TarVisitor & { pause?(): Promise<void> }): Promise<void> {
  const walk = walkTar(visitor, `layer ${layer.diffId}`, limits)
  for await (const chunk of await layer.open()) {
    walk.push(chunk)
    await visitor.pause?.()
    release(chunk)
  }
  walk.end()
}
