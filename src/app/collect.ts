import type { Resource } from '../model/resource.ts'
import { AppError } from '../model/errors.ts'
import type { Cache, Collected, SourcedResource, SourceScope } from '../model/seams.ts'
import { extractLayers, extractTree, type Inventory } from '../core/inventory/index.ts'
import { parseTarget, sources } from '../plugins/sources/index.ts'
import { extractors } from './units.ts'

/** A target that was found, and the collector that found it. */
export type Opened = { readonly target: string; readonly collector: string; readonly sourced: SourcedResource }
export type Collecting = { readonly cache?: Cache; readonly signal?: AbortSignal }

/** Looks a target up: what it is, not yet what it holds. Throws AppError `invalid` or `missing` in words for a person. */
export async function openTarget(text: string, scope: SourceScope): Promise<Opened> {
  const target = parseTarget(text)
  const source = sources.find(({ targets }) => targets.includes(target.scheme))
  if (source === undefined) throw new AppError('unsupported', `No source takes the target ${JSON.stringify(text)}.`)
  const written = target.value === '' ? target.scheme : `${target.scheme}:${target.value}`
  return { target: written, collector: source.id, sourced: await source.open(target, scope) }
}

/** Everything a resource holds, with what could not be read. */
export async function inventoryOf({ sourced }: Opened, { cache, signal }: Collecting = {}): Promise<Inventory> {
  const collected = await sourced.collect()
  return inventoryFrom(collected, { ...(signal && { signal }) }, cache)
}

async function inventoryFrom(
  collected: Collected,
  options: { readonly signal?: AbortSignal },
  cache: Cache | undefined,
): Promise<Inventory> {
  switch (collected.is) {
    case 'files':
      return extractTree(collected.tree, extractors, options)
    case 'layers': {
      const inventory = await extractLayers(collected.layers, extractors, { ...options, ...(cache && { cache }) })
      return { ...inventory, gaps: [...collected.gaps, ...inventory.gaps] }
    }
    case 'components': {
      const { occurrences, gaps, os } = collected
      return { occurrences, gaps, ...(os && { os }) }
    }
  }
}

/** The resource with what its inventory taught of it. */
export function withSystem(resource: Resource, { os }: Inventory): Resource {
  return os === undefined ? resource : { ...resource, facts: { ...resource.facts, os } }
}
