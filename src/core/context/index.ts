export { replaceExploits } from './exploit.ts'
export { probabilityOf, replaceProbabilities } from './probability.ts'
