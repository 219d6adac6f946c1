import { zstdCompressSync, zstdDecompressSync } from 'node:zlib'
import type { Gap } from '../../model/component.ts'
import type { Extractor } from '../../model/seams.ts'
import type { Extraction } from './settle-inventory.ts'

/** Raise when the shape or the meaning of a record changes: stored ones are then made again. */
const FORMAT = 1

/** All that composing an image asks of one layer; made once for each layer and set of extractors. Paths are clean and relative. */
export type LayerRecord = {
  /** What extractors made of the files they wanted. */
  readonly extractions: readonly Extraction[]
  /** Everything here that is no folder: it hides whatever a lower layer has at or below its path. */
  readonly others: readonly string[]
  readonly folders: readonly string[]
  /** Symbolic links and their targets; they are among `others`, too. */
  readonly links: readonly (readonly [path: string, target: string])[]
  /** Paths that are removed from lower layers (OCI image specification, layer.md, "Whiteouts"). */
  readonly whiteouts: readonly string[]
  /** Folders of which nothing of lower layers is left ("Opaque Whiteout"). */
  readonly opaque: readonly string[]
  /** What is wrong with the layer itself, beside what extractors say of their files. */
  readonly gaps: readonly Gap[]
}

/** The name under which a layer's record is kept. */
export function layerKey(diffId: string, extractors: readonly Extractor[]): string {
  const ids = extractors.map(({ id, version }) => `${id}@${version}`).sort()
  return ['layer', FORMAT, diffId, ...ids].join(' ')
}

export function encodeLayer(record: LayerRecord): Uint8Array {
  return zstdCompressSync(JSON.stringify(record))
}

export function decodeLayer(bytes: Uint8Array): LayerRecord {
  return JSON.parse(zstdDecompressSync(bytes).toString('utf8')) as LayerRecord
}
