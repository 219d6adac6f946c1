import pMap from 'p-map'
import { AppError } from '../../model/errors.ts'
import type { Cache, Extractor, Layer } from '../../model/seams.ts'
import { limits as defaults, type Limits } from '../../kit/limits.ts'
import { composeLayers, type NamedRecord } from './compose-layers.ts'
import { extractLayer } from './extract-layer.ts'
import type { ExtractOptions } from './extract.ts'
import { decodeLayer, encodeLayer, layerKey } from './layer-record.ts'
import { settleInventory, type Inventory } from './settle-inventory.ts'

/** Layers read at once: while one is hashed here, the other is inflated in the thread pool. */
const CONCURRENCY = 2

export type LayersOptions = ExtractOptions & { readonly cache?: Cache }

/**
 * The inventory of an image. A layer is read once for each set of extractors and kept in the cache; one found there is only
 * verified. A layer that is damaged rejects the whole: what the others hold would not be what the image holds.
 */
export async function extractLayers(
  layers: readonly Layer[],
  extractors: readonly Extractor[],
  options: LayersOptions = {},
): Promise<Inventory> {
  const limits = { ...defaults, ...options.limits }
  const weigh = weighing(limits)
  const records = await pMap(layers, async (layer) => weigh(await recordOf(layer, extractors, options, limits)), {
    concurrency: CONCURRENCY,
    ...(options.signal && { signal: options.signal }),
  })
  const { extractions, gaps } = composeLayers(records)
  return settleInventory(extractions, gaps, limits)
}

/** The limits of one layer hold for all layers of an image together: some hundred of them could not be held in memory. */
function weighing({ namesLength, occurrences: most }: Limits): (named: NamedRecord) => NamedRecord {
  let names = 0
  let occurrences = 0
  return (named) => {
    const { others, folders, extractions } = named.record
    for (const path of others) names += path.length
    for (const path of folders) names += path.length
    for (const extraction of extractions) occurrences += extraction.occurrences.length
    if (names > namesLength || occurrences > most)
      throw new AppError('invalid', `the image has more than ${namesLength} characters of names or ${most} packages: not read further`)
    return named
  }
}

async function recordOf(layer: Layer, extractors: readonly Extractor[], options: LayersOptions, limits: Limits): Promise<NamedRecord> {
  const { cache, leftOut = [] } = options
  const { diffId } = layer
  const key = layerKey(diffId, extractors)
  const held = await cache?.get(key)
  if (held !== undefined) {
    await layer.verify()
    return { diffId, record: decodeLayer(held) }
  }
  const record = await extractLayer(layer, extractors, limits, options)
  // With more memory or time the same layer may say more.
  if (!leftOut.some((one) => one.layer === diffId)) await cache?.set(key, encodeLayer(record))
  return { diffId, record }
}
