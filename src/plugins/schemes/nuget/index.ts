import { compareDigits, compareText, isDigits } from '../../../formats/digits.ts'
import type { VersionScheme } from '../../../model/seams.ts'

/**
 * NuGet's order: SemVer 2.0.0 with up to four numbers, fewer counting as zeros, leading zeros allowed, and identifiers of a
 * prerelease compared without regard to case. Numbers have no limit.
 */
export const nuget = {
  id: 'nuget',
  version: 1,
  title: 'NuGet package versions',
  names: ['nuget'],
  compare(left, right) {
    const [a, b] = [parse(left), parse(right)]
    if (a === undefined || b === undefined) return undefined
    for (let at = 0; at < 4; at++) {
      const order = compareDigits(a.numbers[at] ?? '', b.numbers[at] ?? '')
      if (order !== 0) return order
    }
    return comparePrerelease(a.prerelease, b.prerelease)
  },
} satisfies VersionScheme

type Parsed = { readonly numbers: readonly string[]; readonly prerelease: readonly string[] }

const LONGEST = 1024
const form = /^[vV]?(\d+(?:\.\d+){0,3})(?:-([0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*))?(?:\+[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?$/

function parse(text: string): Parsed | undefined {
  if (text.length > LONGEST) return undefined
  const [, numbers, prerelease] = form.exec(text.trim()) ?? []
  if (numbers === undefined) return undefined
  return { numbers: numbers.split('.'), prerelease: prerelease === undefined ? [] : prerelease.toLowerCase().split('.') }
}

/** SemVer 2.0.0, section 11: without one is later; numbers before words; more identifiers are later. */
function comparePrerelease(a: readonly string[], b: readonly string[]): -1 | 0 | 1 {
  if (a.length === 0 || b.length === 0) return a.length === b.length ? 0 : a.length === 0 ? 1 : -1
  for (let at = 0; at < Math.min(a.length, b.length); at++) {
    const [one, other] = [a[at] ?? '', b[at] ?? '']
    const [isNumber, otherIsNumber] = [isDigits(one), isDigits(other)]
    if (isNumber !== otherIsNumber) return isNumber ? -1 : 1
    const order = isNumber ? compareDigits(one, other) : compareText(one, other)
    if (order !== 0) return order
  }
  return a.length === b.length ? 0 : a.length < b.length ? -1 : 1
}
