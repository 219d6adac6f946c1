import type { VersionScheme } from '../../../model/seams.ts'

/** Versions of pacman packages, `[epoch:]pkgver-pkgrel`, ordered as vercmp(8) orders them. */
export const pacman = {
  id: 'pacman',
  version: 1,
  title: 'pacman package versions',
  names: ['arch', 'arch linux'],
  compare(left, right) {
    const [a, b] = [FORM.exec(left), FORM.exec(right)]
    if (a === null || b === null) return undefined
    const epochs = comparePart(a[1] ?? '0', b[1] ?? '0')
    if (epochs !== 0) return epochs
    const versions = comparePart(a[2] ?? '', b[2] ?? '')
    return versions === 0 ? comparePart(a[3] ?? '', b[3] ?? '') : versions
  },
} satisfies VersionScheme

/**
 * Runs of letters and digits with single characters between them. pacman takes others, too, and has no order of them: of `1`, `.a` and `.` each
 * comes before the next one in a circle. Nor has it one with what lacks a release, which it calls equal to every release.
 */
const PART = String.raw`[A-Za-z0-9]+(?:[^A-Za-z0-9:/\s\p{C}\u0080-\u{10ffff}-][A-Za-z0-9]+)*`
const FORM = new RegExp(String.raw`^(?:(\d+):)?(${PART})-(${PART})$`, 'u')

const END = 1

/**
 * What stands at one place, in pacman's order: letters that follow without a break, the end, digits that do, letters behind a
 * separator, digits behind one.
 */
function rank(run: string | undefined): number {
  if (run === undefined) return END
  const [first = '', second = ''] = run
  const separated = !isWord(first)
  return (separated ? 3 : 0) + (isDigit(separated ? second : first) ? (separated ? 1 : 2) : 0)
}

function comparePart(left: string, right: string): -1 | 0 | 1 {
  const [a, b] = [runsOf(left), runsOf(right)]
  for (let at = 0; at < a.length || at < b.length; at++) {
    const [ranked, other] = [rank(a[at]), rank(b[at])]
    if (ranked !== other) return ranked < other ? -1 : 1
    const [one, two] = [bare(a[at] ?? ''), bare(b[at] ?? '')]
    const order = isDigit(one) ? compareNumbers(one, two) : compareText(one, two)
    if (order !== 0) return order
  }
  return 0
}

/** Each with the separator before it. */
const runsOf = (part: string): readonly string[] => part.match(/[^a-z0-9]?(?:[0-9]+|[a-z]+)/gi) ?? []
const isWord = (character: string): boolean => /^[a-z0-9]/i.test(character)
const isDigit = (text: string): boolean => /^[0-9]/.test(text)
const bare = (run: string): string => (run === '' || isWord(run) ? run : run.slice(1))

/** By length without leading zeros, then digit by digit: no length loses precision. */
function compareNumbers(left: string, right: string): -1 | 0 | 1 {
  const [a, b] = [left.replace(/^0+/, ''), right.replace(/^0+/, '')]
  return a.length === b.length ? compareText(a, b) : a.length < b.length ? -1 : 1
}

const compareText = (left: string, right: string): -1 | 0 | 1 => (left === right ? 0 : left < right ? -1 : 1)
