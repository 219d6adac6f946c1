import { compareDigits, isDigits } from '../../../formats/digits.ts'
import type { VersionScheme } from '../../../model/seams.ts'

/**
 * Order of PHP's `version_compare`, which OSV uses for Packagist: parts split at dots, `-`, `_`, `+` and between digits and
 * letters; dev and unknown words before alpha, beta, RC, the end of a version, numbers and patches, in this order. A `v` in
 * front is left out, as Composer does.
 */
export const composer = {
  id: 'composer',
  version: 1,
  title: 'Composer and PHP versions',
  names: ['packagist'],
  compare(left, right) {
    const [a, b] = [parts(left), parts(right)]
    return a === undefined || b === undefined ? undefined : compareAll(a, b)
  },
} satisfies VersionScheme

const LONGEST = 1024
/** In their order; a word counts by how it begins, an unknown one as `dev`. `#` stands for a number, and for the end of a version. */
const words = ['dev', 'a', 'b', 'rc', '#', 'p']
const NUMBER = '#'

function parts(text: string): readonly string[] | undefined {
  const version = text.trim()
  if (version === '' || version.length > LONGEST || /\s/.test(version)) return undefined
  return version
    .replace(/^[vV]/, '')
    .replaceAll(/[-_+]/g, '.')
    .replaceAll(/(?<=[^\d.])(?=\d)|(?<=\d)(?=[^\d.])/g, '.')
    .split('.')
}

function compareAll(a: readonly string[], b: readonly string[]): -1 | 0 | 1 {
  const shared = Math.min(a.length, b.length)
  for (let at = 0; at < shared; at++) {
    const order = compareParts(a[at] ?? '', b[at] ?? '')
    if (order !== 0) return order
  }
  if (a.length === b.length) return 0
  return a.length > b.length ? toTheEnd(a.slice(shared)) : opposite(toTheEnd(b.slice(shared)))
}

function compareParts(a: string, b: string): -1 | 0 | 1 {
  if (isDigits(a) && isDigits(b)) return compareDigits(a, b)
  return sign(rankOf(isDigits(a) ? NUMBER : a) - rankOf(isDigits(b) ? NUMBER : b))
}

/** Further parts against a version that has none: a number is later whatever it is. */
function toTheEnd([first = '', ...rest]: readonly string[]): -1 | 0 | 1 {
  if (isDigits(first)) return 1
  const order = compareParts(first, NUMBER)
  return order === 0 && rest.length > 0 ? toTheEnd(rest) : order
}

function rankOf(word: string): number {
  const lower = word.startsWith('RC') ? 'rc' : word
  return Math.max(
    words.findIndex((known) => lower.startsWith(known)),
    0,
  )
}

const sign = (difference: number): -1 | 0 | 1 => (difference < 0 ? -1 : difference > 0 ? 1 : 0)
const opposite = (order: -1 | 0 | 1): -1 | 0 | 1 => sign(-order)
