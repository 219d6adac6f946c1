/**
 * Order of rpm versions, `[epoch:]version[-release]`, as rpm itself has it: rpm-version(7) and the documentation of `rpmvercmp`.
 * Called for every (component, advisory) pair, so it walks character codes and allocates nothing. undefined: one side is no
 * version: it is empty, has no version part, or holds blanks or control characters, which no package can have.
 */
export function compareRpm(a: string, b: string): -1 | 0 | 1 | undefined {
  if (!isVersion(a) || !isVersion(b)) return undefined
  const aColon = epochEnd(a)
  const bColon = epochEnd(b)
  // Without an epoch it is 0; epochs are compared like any other part.
  const epochs = compareEpochs(a, aColon, b, bColon)
  if (epochs !== 0) return epochs
  const aEnd = versionEnd(a, aColon + 1)
  const bEnd = versionEnd(b, bColon + 1)
  const versions = comparePart(a, aColon + 1, aEnd, b, bColon + 1, bEnd)
  if (versions !== 0) return versions
  // A version without a release comes before the same with any, even an empty one.
  const aReleased = aEnd < a.length
  if (aReleased !== bEnd < b.length) return aReleased ? 1 : -1
  return comparePart(a, aEnd + 1, a.length, b, bEnd + 1, b.length)
}

const ZERO = 48
const COLON = 58
const CARET = 94
const TILDE = 126

const isDigit = (code: number) => code >= ZERO && code <= ZERO + 9
const isLetter = (code: number) => (code >= 97 && code <= 122) || (code >= 65 && code <= 90)
/** Everything else, characters outside ASCII included, only separates. */
const counts = (code: number) => isDigit(code) || isLetter(code) || code === TILDE || code === CARET

function isVersion(text: string): boolean {
  const start = epochEnd(text) + 1
  if (start === text.length || text.charCodeAt(start) === 45) return false
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code <= 32 || code === 127) return false
  }
  return true
}

/** Where the colon after the epoch stands, -1 without one: only digits may come before it. */
function epochEnd(text: string): number {
  let at = 0
  while (isDigit(text.charCodeAt(at))) at++
  return text.charCodeAt(at) === COLON ? at : -1
}

function compareEpochs(a: string, aColon: number, b: string, bColon: number): -1 | 0 | 1 {
  const aStart = skipZeros(a, 0, Math.max(aColon, 0))
  const bStart = skipZeros(b, 0, Math.max(bColon, 0))
  return compareDigits(a, aStart, Math.max(aColon, 0), b, bStart, Math.max(bColon, 0))
}

/** The release begins after the last hyphen. */
function versionEnd(text: string, start: number): number {
  const hyphen = text.lastIndexOf('-')
  return hyphen < start ? text.length : hyphen
}

function skipZeros(text: string, start: number, end: number): number {
  let at = start
  while (at < end && text.charCodeAt(at) === ZERO) at++
  return at
}

/** Two runs of digits without leading zeros: the longer is greater, no length loses precision. */
function compareDigits(a: string, aStart: number, aEnd: number, b: string, bStart: number, bEnd: number): -1 | 0 | 1 {
  if (aEnd - aStart !== bEnd - bStart) return aEnd - aStart < bEnd - bStart ? -1 : 1
  return compareText(a, aStart, aEnd, b, bStart, bEnd)
}

function compareText(a: string, aStart: number, aEnd: number, b: string, bStart: number, bEnd: number): -1 | 0 | 1 {
  let i = aStart
  let j = bStart
  for (; i < aEnd && j < bEnd; i++, j++) {
    const difference = a.charCodeAt(i) - b.charCodeAt(j)
    if (difference !== 0) return difference < 0 ? -1 : 1
  }
  if (i < aEnd) return 1
  return j < bEnd ? -1 : 0
}

function runEnd(text: string, start: number, end: number, belongs: (code: number) => boolean): number {
  let at = start
  while (at < end && belongs(text.charCodeAt(at))) at++
  return at
}

/**
 * Runs of digits and runs of letters in turn. At one place a tilde comes before the end, the end before a caret, a caret
 * before letters, letters before digits.
 */
function comparePart(a: string, aStart: number, aEnd: number, b: string, bStart: number, bEnd: number): -1 | 0 | 1 {
  let i = aStart
  let j = bStart
  while (true) {
    while (i < aEnd && !counts(a.charCodeAt(i))) i++
    while (j < bEnd && !counts(b.charCodeAt(j))) j++
    const left = rank(a, i, aEnd)
    const right = rank(b, j, bEnd)
    if (left !== right) return left < right ? -1 : 1
    if (left === END) return 0
    if (left === BEFORE_END || left === AFTER_END) {
      i++
      j++
      continue
    }
    const belongs = left === DIGITS ? isDigit : isLetter
    const aRun = runEnd(a, i, aEnd, belongs)
    const bRun = runEnd(b, j, bEnd, belongs)
    const order =
      left === DIGITS ? compareDigits(a, skipZeros(a, i, aRun), aRun, b, skipZeros(b, j, bRun), bRun) : compareText(a, i, aRun, b, j, bRun)
    if (order !== 0) return order
    i = aRun
    j = bRun
  }
}

const BEFORE_END = 0
const END = 1
const AFTER_END = 2
const LETTERS = 3
const DIGITS = 4

function rank(text: string, at: number, end: number): number {
  if (at >= end) return END
  const code = text.charCodeAt(at)
  if (isDigit(code)) return DIGITS
  return code === TILDE ? BEFORE_END : code === CARET ? AFTER_END : LETTERS
}
