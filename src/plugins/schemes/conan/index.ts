import { compareDigits, compareText } from '../../../formats/digits.ts'
import type { VersionScheme } from '../../../model/seams.ts'

/**
 * Conan 2's order of versions (docs.conan.io, "Version ranges", "Semantic versioning"): as many parts as one likes, with letters
 * in them; zeros at the end do not count; a prerelease comes before its release, a build after.
 */
export const conan = {
  id: 'conan',
  version: 1,
  title: 'Conan versions',
  names: ['conancenter'],
  compare(left, right) {
    const [a, b] = [partsOf(left), partsOf(right)]
    if (a === undefined || b === undefined) return undefined
    const order = compareItems(a.items, b.items)
    if (order !== 0) return order
    if ((a.pre === undefined) !== (b.pre === undefined)) return a.pre === undefined ? 1 : -1
    const pre = compareItems(a.pre ?? [], b.pre ?? [])
    if (pre !== 0) return pre
    if ((a.build === undefined) !== (b.build === undefined)) return a.build === undefined ? -1 : 1
    return compareItems(a.build ?? [], b.build ?? [])
  },
} satisfies VersionScheme

type Parts = { readonly items: readonly string[]; readonly pre?: readonly string[]; readonly build?: readonly string[] }

function partsOf(version: string): Parts | undefined {
  if (!/^[A-Za-z0-9_][A-Za-z0-9_.+-]*$/.test(version)) return undefined
  const plus = version.lastIndexOf('+')
  const main = plus < 0 ? version : version.slice(0, plus)
  const hyphen = main.indexOf('-')
  return {
    items: itemsOf(hyphen < 0 ? main : main.slice(0, hyphen)),
    ...(hyphen >= 0 && { pre: itemsOf(main.slice(hyphen + 1)) }),
    ...(plus >= 0 && { build: itemsOf(version.slice(plus + 1)) }),
  }
}

function itemsOf(text: string): readonly string[] {
  const items = text.split('.')
  while (/^0+$/.test(items.at(-1) ?? '')) items.pop()
  return items
}

function compareItems(left: readonly string[], right: readonly string[]): -1 | 0 | 1 {
  for (let at = 0; at < left.length && at < right.length; at++) {
    const order = compareItem(left[at] ?? '', right[at] ?? '')
    if (order !== 0) return order
  }
  return left.length === right.length ? 0 : left.length < right.length ? -1 : 1
}

/** Numbers before words; `1` before `1k`: first the number in front, then what follows it. */
function compareItem(left: string, right: string): -1 | 0 | 1 {
  const [a, b] = [digitsIn(left), digitsIn(right)]
  if ((a === '') !== (b === '')) return a === '' ? (left === '' ? -1 : 1) : right === '' ? 1 : -1
  const order = compareDigits(a, b)
  return order === 0 ? compareText(left.slice(a.length), right.slice(b.length)) : order
}

const digitsIn = (item: string): string => /^\d*/.exec(item)?.[0] ?? ''
