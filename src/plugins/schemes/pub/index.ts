import { compareDigits, compareText, isDigits } from '../../../formats/digits.ts'
import type { VersionScheme } from '../../../model/seams.ts'

/** SemVer 2.0.0 with a `v` in front, or fewer or more numbers, as Julia and old records write it. */
const VERSION = /^v?(\d+(?:\.\d+)*)(?:-([\da-z-]+(?:\.[\da-z-]+)*))?(?:\+([\da-z-]+(?:\.[\da-z-]+)*))?$/i

/**
 * The order of Dart's pub_semver, and of Julia's `VersionNumber`: SemVer's, and of versions that differ in their build alone the one
 * without comes first, then part by part as prereleases are compared.
 */
export const pub = {
  id: 'pub',
  version: 1,
  title: 'SemVer with ordered builds (Dart, Julia)',
  names: ['julia'],
  compare(left, right) {
    const a = VERSION.exec(left.trim())
    const b = VERSION.exec(right.trim())
    if (a === null || b === null) return undefined
    return compareNumbers(a[1] ?? '', b[1] ?? '') || compareParts(a[2], b[2], 1) || compareParts(a[3], b[3], -1)
  },
} satisfies VersionScheme

/** A missing number is zero. */
function compareNumbers(left: string, right: string): -1 | 0 | 1 {
  const [a, b] = [left.split('.'), right.split('.')]
  for (let at = 0; at < Math.max(a.length, b.length); at++) {
    const order = compareDigits(a[at] ?? '', b[at] ?? '')
    if (order !== 0) return order
  }
  return 0
}

/** SemVer 11.4: numbers before words, the longer after its beginning. `absent` is the order of a side that has none. */
function compareParts(left: string | undefined, right: string | undefined, absent: -1 | 1): -1 | 0 | 1 {
  if (left === undefined || right === undefined) return left === right ? 0 : left === undefined ? absent : absent === 1 ? -1 : 1
  const [a, b] = [left.split('.'), right.split('.')]
  for (let at = 0; at < Math.min(a.length, b.length); at++) {
    const order = comparePart(a[at] ?? '', b[at] ?? '')
    if (order !== 0) return order
  }
  return a.length === b.length ? 0 : a.length < b.length ? -1 : 1
}

function comparePart(a: string, b: string): -1 | 0 | 1 {
  if (isDigits(a) !== isDigits(b)) return isDigits(a) ? -1 : 1
  return isDigits(a) ? compareDigits(a, b) : compareText(a, b)
}
