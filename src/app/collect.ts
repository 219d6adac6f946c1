import { AppError } from '../model/errors.ts'
import type { Resource } from '../model/resource.ts'
import type { Extractor, Listing, ResourceSource, SourcedResource, SourceScope } from '../model/seams.ts'
import { extractLayers, extractTree, type Inventory, type LayersOptions } from '../core/extraction/index.ts'
import { parseTarget, sources, type Target } from '../plugins/sources/index.ts'

/** A target that was found, and the collector that found it. */
export type Sourced = { readonly target: string; readonly collector: string; readonly sourced: SourcedResource }

/** Looks a target up: what it is, not yet what it holds. Throws AppError `invalid` or `missing` in words for a person. */
export async function openTarget(text: string, scope: SourceScope): Promise<Sourced> {
  const { target, source } = sourceOf(text)
  if (source.several?.has(target.value))
    throw new AppError('invalid', `${writtenTarget(target)} stands for several resources: expected a target of one of them`)
  return { target: writtenTarget(target), collector: source.id, sourced: await source.open(target, scope) }
}

/** Whether a target stands for several resources, by its text alone. One that is not understood does not. */
export function standsForSeveral(text: string): boolean {
  try {
    const { target, source } = sourceOf(text)
    return source.several?.has(target.value) === true
  } catch (thrown) {
    if (thrown instanceof AppError) return false
    throw thrown
  }
}

/** The targets of one that stands for several, and what to watch for a change of that list. */
export async function listTarget(
  text: string,
  scope: SourceScope,
): Promise<{ readonly targets: readonly string[] } & Pick<Listing, 'watch'>> {
  const { target, source } = sourceOf(text)
  if (source.several === undefined) throw new AppError('invalid', `${writtenTarget(target)} stands for one resource`)
  const { values, watch } = await source.several.list(target.value, scope)
  return { targets: values.map((value) => writtenTarget({ ...target, value })), ...(watch && { watch }) }
}

function sourceOf(text: string): { readonly target: Target; readonly source: ResourceSource } {
  const target = parseTarget(text)
  const source = sources.find(({ targets }) => targets.includes(target.scheme))
  if (source === undefined) throw new AppError('unsupported', `No source takes the target ${JSON.stringify(text)}.`)
  return { target, source }
}

/** A target as it is kept: `host`, `dir:/srv/shop`, `docker:`. */
export const writtenTarget = ({ scheme, value }: Target): string => (scheme === 'host' ? scheme : `${scheme}:${value}`)

/** Everything a resource holds, with what could not be read. */
export async function inventoryOf({ sourced }: Sourced, extractors: readonly Extractor[], options: LayersOptions): Promise<Inventory> {
  const collected = await sourced.collect()
  switch (collected.is) {
    case 'files':
      return extractTree(collected.tree, extractors, options)
    case 'layers': {
      const inventory = await extractLayers(collected.layers, extractors, options)
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
