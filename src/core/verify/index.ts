export { type Difference, type Verification, verify } from './verify.ts'
