import type { Gap } from '../../model/component.ts'
import type { Extractor, FileEntry, FileTree, Layer, ScanFile } from '../../model/seams.ts'
import type { Limits } from '../../kit/limits.ts'
import { ancestorsOf, cleanPath, depthOf, parentOf } from '../../kit/paths.ts'
import { walkTar, type TarEntry } from '../../kit/tar.ts'
import { extractFile, failed, keeping } from './extract.ts'
import { followLinks } from './follow-links.ts'
import type { LayerRecord } from './layer-record.ts'
import type { Guarding } from './reading.ts'
import type { Extraction } from './settle-inventory.ts'

/** Times a layer is read again for files that an extractor turned out to need beside those it wanted. */
const PASSES = 4

/** What a layer's archive lists, and the content of what was asked for. */
type Listing = {
  readonly nodes: Map<string, TarEntry>
  readonly held: Map<string, Buffer>
  readonly whiteouts: Set<string>
  readonly opaque: Set<string>
  /** Folders that a later entry made something else. */
  readonly emptied: Set<string>
  readonly gaps: Gap[]
}
type Wanted = { readonly path: string; readonly extractors: readonly Extractor[] }
type Extracting = {
  readonly extractOne: (extractor: Extractor, file: ScanFile, near: Pick<FileTree, 'open'>) => Promise<Extraction>
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
  const listing = await listLayer(layer, extractors, limits)
  const keep = keeping(extractors, limits)
  const extractOne = async (extractor: Extractor, file: ScanFile, near: Pick<FileTree, 'open'>) =>
    extractFile(extractor, { file, near, layer: layer.diffId }, guarding)
  const extractions = await extractWanted(layer, listing, wantedOf(listing, extractors), { extractOne, keep, limits })
  const nodes = [...listing.nodes]
  const paths = (which: (entry: TarEntry) => boolean) =>
    nodes
      .filter(([, entry]) => which(entry))
      .map(([path]) => path)
      .sort()
  return {
    extractions,
    others: paths(({ kind }) => kind !== 'directory'),
    folders: paths(({ kind }) => kind === 'directory'),
    links: nodes.filter(([, { kind }]) => kind === 'symlink').map(([path, { target }]) => [path, target] as const),
    whiteouts: [...listing.whiteouts].sort(),
    opaque: [...listing.opaque].sort(),
    gaps: listing.gaps,
  }
}

async function listLayer(layer: Layer, extractors: readonly Extractor[], limits: Limits): Promise<Listing> {
  const listing: Listing = { nodes: new Map(), held: new Map(), whiteouts: new Set(), opaque: new Set(), emptied: new Set(), gaps: [] }
  let holding = 0
  const tell = (path: string, reason: string) => {
    if (listing.gaps.length < limits.gaps) listing.gaps.push({ path, extractor: 'layer', reason })
  }
  const wants = (entry: FileEntry): boolean => {
    if (!extractors.some((extractor) => extractor.wants(entry))) return false
    if (entry.size > limits.fileBytes) tell(entry.path, `${entry.size} bytes, at most ${limits.fileBytes} of one file are read`)
    else if (holding + entry.size > limits.heldBytes)
      tell(entry.path, `more than ${limits.heldBytes} bytes of package files in one layer: not read`)
    else return true
    return false
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
      if (entry.kind === 'sparse' && wants({ ...entry, path })) tell(path, 'stored as a sparse file: not read')
      if (entry.kind !== 'file' || !wants({ path, size: entry.size, mode: entry.mode })) return false
      holding += entry.size
      return true
    },
    take(entry, content) {
      listing.held.set(cleanPath(entry.path)!, content)
    },
  })
  dropEmptied(listing)
  return listing
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
function place(path: string, entry: TarEntry, { nodes, held, emptied }: Listing): void {
  const before = nodes.get(path)
  if (before !== undefined) held.delete(path)
  if (before?.kind === 'directory' && entry.kind !== 'directory') emptied.add(path)
  nodes.set(path, entry)
}

/** What came before its folder was replaced by something else went with the folder. */
function dropEmptied({ nodes, held, emptied }: Listing): void {
  if (emptied.size === 0) return
  for (const [path, { offset }] of nodes) {
    if (!ancestorsOf(path).some((above) => emptied.has(above) && nodes.get(above)!.offset > offset)) continue
    nodes.delete(path)
    held.delete(path)
  }
}

/** Files the extractors want, hard links to files included, in order of path. */
function wantedOf({ nodes, held }: Listing, extractors: readonly Extractor[]): readonly Wanted[] {
  const wanted: Wanted[] = []
  const add = (path: string, { size, mode }: TarEntry) =>
    wanted.push({ path, extractors: extractors.filter((extractor) => extractor.wants({ path, size, mode })) })
  for (const path of held.keys()) add(path, nodes.get(path)!)
  for (const [path, entry] of nodes) if (entry.kind === 'link') add(path, nodes.get(cleanPath(entry.target) ?? '') ?? entry)
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
  { extractOne, keep, limits }: Extracting,
): Promise<readonly Extraction[]> {
  const done: Extraction[] = []
  let todo = wanted
  for (let pass = 0; todo.length > 0; pass++) {
    const missed = new Set<string>()
    const again: Wanted[] = []
    for (const { path, extractors } of todo) {
      for (const extractor of extractors) {
        const missedHere = new Set<string>()
        const near = { open: async (asked: string) => openIn(listing, asked, limits, missedHere) }
        const file = await near.open(path)
        const extraction =
          file === undefined
            ? failed(extractor.id, path, 'a hard link to what is not a file of the same layer: not read')
            : await extractOne(extractor, file, near)
        if (missedHere.size === 0) done.push(keep(extraction))
        else if (pass === PASSES) done.push(failed(extractor.id, path, `needs further files of the layer after ${PASSES} readings`))
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

/** A file of the layer, hard and symbolic links inside it followed. Its content may have been missed when the layer was read. */
function openIn({ nodes, held }: Listing, asked: string, limits: Limits, missed: Set<string>): ScanFile | undefined {
  const at = resolveIn(nodes, asked, limits)
  const node = at === undefined ? undefined : nodes.get(at)
  if (at === undefined || node?.kind !== 'file') return undefined
  const bytes = async () => {
    const content = held.get(at)
    if (content !== undefined) return content
    if (node.size > limits.fileBytes) throw new Error(`${at}: ${node.size} bytes, at most ${limits.fileBytes} of one file are read`)
    missed.add(at)
    throw new Error(`${at} is not held yet`)
  }
  return { path: asked, size: node.size, mode: node.mode, bytes, text: async () => (await bytes()).toString('utf8') }
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

async function walkLayer(layer: Layer, limits: Limits, visitor: Parameters<typeof walkTar>[0]): Promise<void> {
  const walk = walkTar(visitor, `layer ${layer.diffId}`, limits)
  for await (const chunk of await layer.open()) walk.push(chunk)
  walk.end()
}
