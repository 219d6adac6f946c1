import type { Gap, Occurrence } from '../../model/component.ts'
import { ancestorsOf, cleanPath, parentOf } from '../../kit/paths.ts'
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
function hidingOf(layer: LayerRecord): (path: string) => boolean {
  const covers = new Set([...layer.others, ...layer.whiteouts])
  const folders = new Set(layer.folders)
  const opaque = new Set(layer.opaque)
  if (opaque.has('')) return () => true
  return (path) => covers.has(path) || folders.has(path) || ancestorsOf(path).some((above) => covers.has(above) || opaque.has(above))
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
  const own = new Set([...record.others, ...record.folders, ...record.whiteouts])
  const links = new Map([...[...below].filter(([path]) => !own.has(path)), ...record.links])
  const lists = [record.others, record.folders, record.whiteouts, record.opaque, record.extractions.map(({ path }) => path)]
  const parents = new Set<string>()
  for (const path of lists.flat()) {
    for (const above of ancestorsOf(path)) {
      if (parents.has(above)) break
      parents.add(above)
    }
  }
  const crossed = new Map([...links].filter(([path]) => parents.has(path)))
  if (crossed.size === 0) return record
  const real = (path: string) => realPath(path, links, crossed)
  return {
    extractions: record.extractions.map((extraction) => moved(extraction, real(extraction.path))),
    others: record.others.map(real),
    folders: record.folders.map(real),
    links: record.links.map(([path, target]) => [real(path), target] as const),
    whiteouts: record.whiteouts.map(real),
    opaque: record.opaque.map(real),
    gaps: record.gaps,
  }
}

/** Links followed before we take a path as it stands: the image would not work there either. */
const FOLLOWED = 40

/** The path with links among its parents resolved; itself it may be a link. */
function realPath(path: string, links: ReadonlyMap<string, string>, crossed: ReadonlyMap<string, string>): string {
  if (!ancestorsOf(path).some((above) => crossed.has(above))) return path
  const todo = parentOf(path).split('/').reverse()
  let at = ''
  for (let followed = 0; todo.length > 0; ) {
    const step = todo.pop()!
    if (step === '' || step === '.') continue
    if (step === '..') {
      at = parentOf(at)
      continue
    }
    const next = at === '' ? step : `${at}/${step}`
    const target = links.get(next)
    if (target === undefined) at = next
    else {
      if (++followed > FOLLOWED) return path
      if (target.startsWith('/')) at = ''
      todo.push(...target.split('/').reverse())
    }
  }
  const name = path.slice(path.lastIndexOf('/') + 1)
  return cleanPath(`${at}/${name}`) ?? path
}

/** The same extraction under another path; what it says of other files than its own stays as it is. */
function moved(extraction: Extraction, path: string): Extraction {
  const from = extraction.path
  if (from === path) return extraction
  return {
    ...extraction,
    path,
    occurrences: extraction.occurrences.map((occurrence) =>
      occurrence.at.path === from ? { ...occurrence, at: { ...occurrence.at, path } } : occurrence,
    ),
    gaps: extraction.gaps.map((gap) => (gap.path === from ? { ...gap, path } : gap)),
  }
}
