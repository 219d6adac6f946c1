import type { Gap, Occurrence } from '../../model/component.ts'
import { limits } from '../../kit/limits.ts'
import { ancestorsOf, cleanPath, fileOf, parentOf } from '../../kit/paths.ts'
import { followLinks } from '../../kit/follow-links.ts'
import type { LayerRecord } from './layer-record.ts'
import type { Extraction } from './settle-inventory.ts'

/** One layer's record, and the digest that names the layer. */
export type NamedRecord = { readonly diffId: string; readonly record: LayerRecord }

/** A file of the image as seen so far, and for each thing in it the layer that introduced it. */
type Held = { readonly extractions: readonly Extraction[]; readonly since: ReadonlyMap<string, string> }
type State = { readonly files: Map<string, Held>; readonly links: Map<string, string> }

/**
 * What is left of the layers, oldest first, once each is laid over those before: as a union file system shows it, with parents
 * of a path that are links in a lower layer followed. Every occurrence names the layer that introduced it: one that an upper
 * layer only records again (dpkg rewrites its whole database) stays with the lower layer.
 */
export function composeLayers(layers: readonly NamedRecord[]): {
  readonly extractions: readonly Extraction[]
  readonly gaps: readonly Gap[]
} {
  const state: State = { files: new Map(), links: new Map() }
  for (const { diffId, record } of layers) lay(state, diffId, throughLinks(record, state.links))
  return { extractions: [...state.files.values()].flatMap(stamped), gaps: layers.flatMap(({ record }) => record.gaps) }
}

function lay({ files, links }: State, diffId: string, layer: LayerRecord): void {
  const before = new Map<string, Held>()
  if (files.size > 0 || links.size > 0) {
    const hides = hidingOf(layer)
    const others = new Set(layer.extractions.map(({ path }) => path))
    for (const [path, held] of files) {
      if (!hides(path)) continue
      files.delete(path)
      if (others.has(path)) before.set(path, held)
    }
    for (const path of links.keys()) if (hides(path)) links.delete(path)
  }
  for (const [path, extractions] of Map.groupBy(layer.extractions, ({ path }) => path)) {
    const known = before.get(path)?.since
    const keys = extractions.flatMap(({ occurrences }) => occurrences.map(keyOf))
    files.set(path, { extractions, since: new Map(keys.map((key) => [key, known?.get(key) ?? diffId])) })
  }
  for (const [path, target] of layer.links) links.set(path, target)
}

/** Whether the layer hides a path of those below it. */
function hidingOf({ others, folders, whiteouts, opaque }: LayerRecord): (path: string) => boolean {
  const removed = new Set(whiteouts)
  const emptied = new Set(opaque)
  if (emptied.has('')) return () => true
  const covers = (path: string) => removed.has(path) || holds(others, path)
  // A folder need not be listed: what lies below it is enough.
  const isFolder = (path: string) => holds(folders, path) || holdsBelow(others, path) || holdsBelow(folders, path)
  return (path) => covers(path) || isFolder(path) || ancestorsOf(path).some((above) => covers(above) || emptied.has(above))
}

/** Name, version and architecture, and where it is recorded: the same in two layers is one thing, brought by the lower. */
const keyOf = ({ component: { type, name, version, arch }, at }: Occurrence): string => [type, name, version, arch, at.path].join('\0')

const stamped = ({ extractions, since }: Held): readonly Extraction[] =>
  extractions.map((extraction) => ({
    ...extraction,
    occurrences: extraction.occurrences.map((occurrence) => ({
      ...occurrence,
      at: { ...occurrence.at, layer: since.get(keyOf(occurrence))! },
    })),
  }))

/**
 * The record with the paths its entries really have: an entry `lib/x` of a layer over one where `lib` is a link to `usr/lib` is
 * `usr/lib/x`, unless the layer brings its own `lib`.
 */
function throughLinks(record: LayerRecord, below: ReadonlyMap<string, string>): LayerRecord {
  const { others, folders, whiteouts, opaque } = record
  const replaced = (path: string) => [others, folders, whiteouts].some((list) => holds(list, path))
  const links = new Map([...[...below].filter(([path]) => !replaced(path)), ...record.links])
  const crossed = new Set([...links.keys()].filter((path) => [others, folders, whiteouts, opaque].some((list) => holdsBelow(list, path))))
  if (crossed.size === 0) return record
  const real = (path: string) => realPath(path, links, crossed)
  return {
    extractions: record.extractions.map((extraction) => moved(extraction, real(extraction.path))),
    others: others.map(real).sort(),
    folders: folders.map(real).sort(),
    links: record.links.map(([path, target]) => [real(path), target] as const),
    whiteouts: whiteouts.map(real).sort(),
    opaque: opaque.map(real).sort(),
    gaps: record.gaps,
  }
}

/** First index of a sorted list at which there is `path` or what comes after. */
function indexIn(sorted: readonly string[], path: string): number {
  let [low, high] = [0, sorted.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if (sorted[middle]! < path) low = middle + 1
    else high = middle
  }
  return low
}
const holds = (sorted: readonly string[], path: string): boolean => sorted[indexIn(sorted, path)] === path
const holdsBelow = (sorted: readonly string[], path: string): boolean =>
  sorted[indexIn(sorted, `${path}/`)]?.startsWith(`${path}/`) === true

/**
 * The path with links among its parents resolved; itself it may be a link. Past the limits a path stands as it is: the image would
 * not work there either.
 */
function realPath(path: string, links: ReadonlyMap<string, string>, crossed: ReadonlySet<string>): string {
  if (!ancestorsOf(path).some((above) => crossed.has(above))) return path
  const linkAt = (at: string) => {
    const target = links.get(at)
    return target === undefined ? undefined : { target }
  }
  const folder = followLinks(parentOf(path), linkAt, limits)
  if (folder === undefined) return path
  const name = path.slice(path.lastIndexOf('/') + 1)
  return cleanPath(`${folder}/${name}`) ?? path
}

/** The same extraction under another path; what it says of other files than its own stays as it is. */
export function moved(extraction: Extraction, path: string): Extraction {
  const from = extraction.path
  if (from === path) return extraction
  return {
    ...extraction,
    path,
    occurrences: extraction.occurrences.map((occurrence) =>
      fileOf(occurrence.at.path) === from
        ? { ...occurrence, at: { ...occurrence.at, path: `${path}${occurrence.at.path.slice(from.length)}` } }
        : occurrence,
    ),
    gaps: extraction.gaps.map((gap) => (gap.path === from ? { ...gap, path } : gap)),
  }
}
