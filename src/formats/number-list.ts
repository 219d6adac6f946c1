import { compareDigits } from './digits.ts'

/** Order of two versions that are lists of numbers: number by number, and a beginning before what goes on from it (`1.0` before `1.0.0`). */
export function compareNumberLists(left: readonly string[], right: readonly string[]): -1 | 0 | 1 {
  for (let at = 0; at < Math.min(left.length, right.length); at++) {
    const order = compareDigits(left[at] ?? '', right[at] ?? '')
    if (order !== 0) return order
  }
  return left.length === right.length ? 0 : left.length < right.length ? -1 : 1
}
