export { recordLost, targetOf, watchedAmong, watchedTargets, type WatchedTarget } from './targets.ts'
export {
  type Alongside,
  bringBack,
  recordFailure,
  recordObservation,
  recordUnchanged,
  type Recording,
  registerLooked,
  registerResource,
  removeResource,
} from './record.ts'
export { inventoryHash, type KeyOf, readOccurrences } from './stage.ts'
export { rekeyComponents } from './rekey.ts'
export { tellCoverage } from './tell-coverage.ts'
