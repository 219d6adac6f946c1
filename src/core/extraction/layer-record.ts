import { zstdCompressSync, zstdDecompressSync } from 'node:zlib'
import type { Gap } from '../../model/component.ts'
import type { Extractor } from '../../model/seams.ts'
import type { Extraction } from './settle-inventory.ts'

/** Raise when the shape or the meaning of a record changes: stored ones are then made again. */
const FORMAT = 3

/** All that composing an image asks of one layer; made once for each layer and set of extractors. Paths are clean and relative. */
export type LayerRecord = {
  /** What extractors made of the files they wanted. */
  readonly extractions: readonly Extraction[]
  /** Everything here that is no folder, sorted: it hides whatever a lower layer has at or below its path. */
  readonly others: readonly string[]
  /** Sorted. */
  readonly folders: readonly string[]
  /** Symbolic links and their targets; they are among `others`, too. */
  readonly links: readonly (readonly [path: string, target: string])[]
  /** Sorted paths that are removed from lower layers (OCI image specification, layer.md, "Whiteouts"). */
  readonly whiteouts: readonly string[]
  /** Sorted folders of which nothing of lower layers is left ("Opaque Whiteout"). */
  readonly opaque: readonly string[]
  /** What is wrong with the layer itself, beside what extractors say of their files. */
  readonly gaps: readonly Gap[]
}

/** The name under which a layer's record is kept. */
export function layerKey(diffId: string, extractors: readonly Extractor[]): string {
  const ids = extractors.map(({ id, version }) => `${id}@${version}`).sort()
  return ['layer', FORMAT, diffId, ...ids].join(' ')
}

/** A layer lists some hundred thousand paths: as one string, NUL between them, they are read back in half the time. */
type Stored = Omit<LayerRecord, 'others' | 'folders'> & { readonly others: string; readonly folders: string }

export function encodeLayer(record: LayerRecord): Uint8Array {
  const stored: Stored = { ...record, others: record.others.join('\0'), folders: record.folders.join('\0') }
  return zstdCompressSync(JSON.stringify(stored))
}

export function decodeLayer(bytes: Uint8Array): LayerRecord {
  const stored = JSON.parse(zstdDecompressSync(bytes).toString('utf8')) as Stored
  return { ...stored, others: listed(stored.others), folders: listed(stored.folders) }
}

const listed = (paths: string): readonly string[] => (paths === '' ? [] : paths.split('\0'))
