import type { VersionScheme } from '../../../model/seams.ts'

/** Versions of apk packages, ordered as apk-tools 3 orders them. What apk itself calls invalid has no order. */
export const apk = {
  id: 'apk',
  version: 1,
  title: 'apk package versions',
  names: ['alpine', 'wolfi', 'chainguard'],
  compare(left, right) {
    const a = left.trim()
    const b = right.trim()
    if (!form.test(a) || !form.test(b)) return undefined
    return compareParts(a, b)
  },
} satisfies VersionScheme

/** `number{.number}{letter}{_suffix{number}}{~hash}{-r#}`, as apk-tools' `apk version --check` takes it. */
const form = /^\d+(?:\.\d+)*[a-z]?(?:_(?:alpha|beta|pre|rc|cvs|svn|git|hg|p)\d*)*(?:~[0-9a-f]+)?(?:-r\d+)?$/

/** What may come next at one place, in their order: a suffix of a pre-release before the end, all else after it. */
const kinds = { preRelease: 0, end: 1, revision: 2, hash: 3, suffixNumber: 4, suffix: 5, letter: 6, number: 7 }
const suffixes = ['alpha', 'beta', 'pre', 'rc', '', 'cvs', 'svn', 'git', 'hg', 'p']
const NO_SUFFIX = 4

type Part = { readonly kind: number; readonly text: string; readonly start: number }

function compareParts(a: string, b: string): -1 | 0 | 1 {
  let i = 0
  let j = 0
  let before: number | undefined
  while (true) {
    const left = partAt(a, i, before)
    const right = partAt(b, j, before)
    if (left.kind !== right.kind) return left.kind < right.kind ? -1 : 1
    if (left.kind === kinds.end) return 0
    const order = compareOne(left, right, before === undefined)
    if (order !== 0) return order
    before = left.kind
    i = left.start + left.text.length
    j = right.start + right.text.length
  }
}

/** The part that begins at `at`; `before` is the kind of the one in front of it. The version has the form. */
function partAt(version: string, at: number, before: number | undefined): Part {
  const first = version.charCodeAt(at)
  if (at >= version.length) return { kind: kinds.end, text: '', start: at }
  if (first === 46) return { kind: kinds.number, text: run(version, at + 1, isDigit), start: at + 1 }
  if (isDigit(first)) {
    const follows = before === kinds.suffix || before === kinds.preRelease
    return { kind: follows ? kinds.suffixNumber : kinds.number, text: run(version, at, isDigit), start: at }
  }
  if (first === 95) {
    const text = run(version, at + 1, isLetter)
    return { kind: suffixes.indexOf(text) < NO_SUFFIX ? kinds.preRelease : kinds.suffix, text, start: at + 1 }
  }
  if (first === 126) return { kind: kinds.hash, text: run(version, at + 1, isHex), start: at + 1 }
  if (first === 45) return { kind: kinds.revision, text: run(version, at + 2, isDigit), start: at + 2 }
  return { kind: kinds.letter, text: version.charAt(at), start: at }
}

/** Two parts of one kind. Numbers but the first are compared as text where either begins with a zero. */
function compareOne({ kind, text: a }: Part, { text: b }: Part, first: boolean): -1 | 0 | 1 {
  switch (kind) {
    case kinds.number:
      return !first && (a.charCodeAt(0) === 48 || b.charCodeAt(0) === 48) ? compareTexts(a, b) : compareNumbers(a, b)
    case kinds.suffixNumber:
    case kinds.revision:
      return compareNumbers(a, b)
    case kinds.preRelease:
    case kinds.suffix:
      return sign(suffixes.indexOf(a) - suffixes.indexOf(b))
    default:
      return compareTexts(a, b)
  }
}

const isDigit = (code: number) => code >= 48 && code <= 57
const isLetter = (code: number) => code >= 97 && code <= 122
const isHex = (code: number) => isDigit(code) || (code >= 97 && code <= 102)

function run(version: string, start: number, belongs: (code: number) => boolean): string {
  let at = start
  while (at < version.length && belongs(version.charCodeAt(at))) at++
  return version.slice(start, at)
}

/** Digit by digit: no length loses precision. */
function compareNumbers(a: string, b: string): -1 | 0 | 1 {
  const left = a.replace(/^0+/, '')
  const right = b.replace(/^0+/, '')
  return left.length === right.length ? compareTexts(left, right) : sign(left.length - right.length)
}

const compareTexts = (a: string, b: string): -1 | 0 | 1 => (a < b ? -1 : a > b ? 1 : 0)
const sign = (difference: number): -1 | 0 | 1 => (difference < 0 ? -1 : difference > 0 ? 1 : 0)
