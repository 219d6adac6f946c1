import type { VersionScheme } from '../../../model/seams.ts'

/** Versions of ebuilds: Package Manager Specification 8, sections 3.2 and 3.3. What 3.2 does not allow has no order. */
export const portage = {
  id: 'portage',
  version: 1,
  title: 'Gentoo package versions',
  names: ['gentoo'],
  compare(left, right) {
    const a = form.exec(left)
    const b = form.exec(right)
    if (a === null || b === null) return undefined
    return (
      compareNumbers(a[1] ?? '', b[1] ?? '') ||
      compareTexts(a[2] ?? '', b[2] ?? '') ||
      compareSuffixes(a[3] ?? '', b[3] ?? '') ||
      compareIntegers(a[4] ?? '', b[4] ?? '')
    )
  },
} satisfies VersionScheme

/** Numbers, a letter, suffixes, the revision. */
const form = /^(\d+(?:\.\d+)*)([a-z]?)((?:_(?:alpha|beta|pre|rc|p)\d*)*)(?:-r(\d+))?$/

type Order = -1 | 0 | 1

/** The first as integers, later ones as text where either begins with a zero; more of them are greater (Algorithms 3.2 and 3.3). */
function compareNumbers(a: string, b: string): Order {
  const left = a.split('.')
  const right = b.split('.')
  for (let at = 0; at < left.length && at < right.length; at++) {
    const x = left[at] ?? ''
    const y = right[at] ?? ''
    const asText = at > 0 && (x.startsWith('0') || y.startsWith('0'))
    const order = asText ? compareTexts(withoutTrailingZeros(x), withoutTrailingZeros(y)) : compareIntegers(x, y)
    if (order !== 0) return order
  }
  return sign(left.length - right.length)
}

const suffixes = ['alpha', 'beta', 'pre', 'rc', '', 'p']
const NO_SUFFIX = 4

/** One by one; the end comes between `_rc` and `_p` (Algorithms 3.5 and 3.6). */
function compareSuffixes(a: string, b: string): Order {
  const left = a.split('_').slice(1)
  const right = b.split('_').slice(1)
  for (let at = 0; at < Math.max(left.length, right.length); at++) {
    const [x, xNumber] = suffixOf(left[at])
    const [y, yNumber] = suffixOf(right[at])
    const order = sign(x - y) || compareIntegers(xNumber, yNumber)
    if (order !== 0) return order
  }
  return 0
}

function suffixOf(text: string | undefined): readonly [rank: number, number: string] {
  if (text === undefined) return [NO_SUFFIX, '']
  const word = text.replace(/\d+$/, '')
  return [suffixes.indexOf(word), text.slice(word.length)]
}

/** Digit by digit, no number is 0: no length loses precision. */
function compareIntegers(a: string, b: string): Order {
  const left = a.replace(/^0+/, '')
  const right = b.replace(/^0+/, '')
  return left.length === right.length ? compareTexts(left, right) : sign(left.length - right.length)
}

/** Walked from the end: a pattern that looks for zeros before the end would begin anew at each zero. */
function withoutTrailingZeros(digits: string): string {
  let end = digits.length
  while (end > 0 && digits.charCodeAt(end - 1) === 48) end--
  return digits.slice(0, end)
}

const compareTexts = (a: string, b: string): Order => (a < b ? -1 : a > b ? 1 : 0)
const sign = (difference: number): Order => (difference < 0 ? -1 : difference > 0 ? 1 : 0)
