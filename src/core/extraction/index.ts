export { extractTree, type ExtractOptions } from './extract.ts'
export { extractLayers, type LayersOptions } from './extract-layers.ts'
export type { Guarding, LeftOut, Reading } from './reading.ts'
export { occurrenceKey, type Inventory } from './settle-inventory.ts'
