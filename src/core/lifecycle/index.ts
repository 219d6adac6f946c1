export { type Support, supportOf, supportWords, systemName } from './support.ts'
