import { compareDigits, compareText, isDigits } from '../../../formats/digits.ts'
import type { VersionScheme } from '../../../model/seams.ts'

/**
 * Order of `Gem::Version`: runs of digits and runs of letters in turn, a word before any number, missing parts zero, zeros
 * at the end of the numbers and of the whole without weight. A hyphen begins a prerelease, as `.pre.` would.
 */
export const rubygems = {
  id: 'rubygems',
  version: 1,
  title: 'RubyGems versions',
  names: ['rubygems'],
  compare(left, right) {
    const [a, b] = [segments(left), segments(right)]
    if (a === undefined || b === undefined) return undefined
    for (let at = 0; at < Math.max(a.length, b.length); at++) {
      const [one, other] = [a[at] ?? '0', b[at] ?? '0']
      const [isNumber, otherIsNumber] = [isDigits(one), isDigits(other)]
      if (isNumber !== otherIsNumber) return isNumber ? 1 : -1
      const order = isNumber ? compareDigits(one, other) : compareText(one, other)
      if (order !== 0) return order
    }
    return 0
  },
} satisfies VersionScheme

const LONGEST = 1024
/** `Gem::Version::VERSION_PATTERN`; an empty text is no version, letters may follow the first number (`1beta`). */
const form = /^[0-9][0-9a-zA-Z]*(?:\.[0-9a-zA-Z]+)*(?:-[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?$/

/** `canonical_segments`: without the zeros that end the leading numbers, and those that end the whole. */
function segments(text: string): readonly string[] | undefined {
  const version = text.trim()
  if (version.length > LONGEST || !form.test(version)) return undefined
  const all = version.replaceAll('-', '.pre.').match(/[0-9]+|[a-zA-Z]+/g) ?? []
  const word = all.findIndex((segment) => !isDigits(segment))
  return word < 0 ? withoutLastZeros(all) : [...withoutLastZeros(all.slice(0, word)), ...withoutLastZeros(all.slice(word))]
}

function withoutLastZeros(list: readonly string[]): readonly string[] {
  let end = list.length
  while (end > 0 && /^0+$/.test(list[end - 1] ?? '')) end--
  return list.slice(0, end)
}
