export { extractTree, type ExtractOptions } from './extract.ts'
export { settleInventory, sortOccurrences, type Inventory } from './settle-inventory.ts'
