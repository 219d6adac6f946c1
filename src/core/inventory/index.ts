export { extractTree, type ExtractOptions } from './extract.ts'
export { extractLayers, type LayersOptions } from './extract-layers.ts'
export { settleInventory, sortOccurrences, type Inventory, type InventoryRules } from './settle-inventory.ts'
