import type { VersionScheme } from '../../../model/seams.ts'

/**
 * Debian package versions: deb-version(7) and Debian Policy 5.6.12. A version that `dpkg --validate-version` refuses has
 * no order here. Called for every (component, advisory) pair, so it walks character codes and allocates nothing.
 */
export const deb = {
  id: 'deb',
  version: 1,
  title: 'Debian package versions',
  names: ['debian', 'ubuntu'],
  compare(left, right) {
    const a = trimmed(left)
    const b = trimmed(right)
    const aColon = a.indexOf(':')
    const bColon = b.indexOf(':')
    const aEpoch = epoch(a, aColon)
    const bEpoch = epoch(b, bColon)
    if (aEpoch < 0 || bEpoch < 0) return undefined
    const aEnd = upstreamEnd(a, aColon + 1)
    const bEnd = upstreamEnd(b, bColon + 1)
    if (aEnd < 0 || bEnd < 0) return undefined
    if (aEpoch !== bEpoch) return aEpoch < bEpoch ? -1 : 1
    const upstream = comparePart(a, aColon + 1, aEnd, b, bColon + 1, bEnd)
    return upstream === 0 ? comparePart(a, aEnd + 1, a.length, b, bEnd + 1, b.length) : upstream
  },
} satisfies VersionScheme

const SPACE = 32
const TAB = 9
const PLUS = 43
const HYPHEN = 45
const ZERO = 48
const COLON = 58
/** dpkg keeps the epoch in a C int. */
const MAX_EPOCH = 2 ** 31 - 1

/** Rank of each character that may stand in a version: tilde, then the end and digits (0), letters, the rest; INVALID otherwise. */
const INVALID = -2
const ranks = new Int16Array(128).fill(INVALID)
for (const digit of '0123456789') ranks[digit.charCodeAt(0)] = 0
for (let code = 65; code < 91; code++) {
  ranks[code] = code
  ranks[code + 32] = code + 32
}
for (const other of '.+-:') ranks[other.charCodeAt(0)] = other.charCodeAt(0) + 256
ranks['~'.charCodeAt(0)] = -1

const isDigit = (code: number) => code >= ZERO && code <= ZERO + 9
const isBlank = (code: number) => code === SPACE || code === TAB

/** dpkg drops blanks around a version; inside one they are an error. */
function trimmed(version: string): string {
  return isBlank(version.charCodeAt(0)) || isBlank(version.charCodeAt(version.length - 1))
    ? version.replace(/^[ \t]+|[ \t]+$/g, '')
    : version
}

/** The number before the first colon, 0 without one, -1 when it is none (read as C's strtol does, so a sign may lead). */
function epoch(version: string, colon: number): number {
  if (colon < 0) return 0
  const negative = version.charCodeAt(0) === HYPHEN
  const first = negative || version.charCodeAt(0) === PLUS ? 1 : 0
  if (first >= colon) return -1
  let value = 0
  for (let at = first; at < colon; at++) {
    const code = version.charCodeAt(at)
    if (!isDigit(code)) return -1
    value = value * 10 + code - ZERO
  }
  return value > MAX_EPOCH || (negative && value > 0) ? -1 : value
}

/** Where the upstream version ends (at the last hyphen, else at the end); -1 when upstream version or revision is not valid. */
function upstreamEnd(version: string, start: number): number {
  const hyphen = version.lastIndexOf('-')
  const end = hyphen < start ? version.length : hyphen
  if (end === version.length - 1 || !isDigit(version.charCodeAt(start))) return -1
  for (let at = start + 1; at < version.length; at++) {
    const code = version.charCodeAt(at)
    if ((ranks[code] ?? INVALID) === INVALID || (code === COLON && at > end)) return -1
  }
  return end
}

const rank = (version: string, at: number, end: number) => (at < end ? (ranks[version.charCodeAt(at)] ?? 0) : 0)

/** Upstream versions or revisions: runs of non-digits by rank and runs of digits as numbers, in turn. */
function comparePart(a: string, aStart: number, aEnd: number, b: string, bStart: number, bEnd: number): -1 | 0 | 1 {
  let i = aStart
  let j = bStart
  while (i < aEnd || j < bEnd) {
    while ((i < aEnd && !isDigit(a.charCodeAt(i))) || (j < bEnd && !isDigit(b.charCodeAt(j)))) {
      const difference = rank(a, i, aEnd) - rank(b, j, bEnd)
      if (difference !== 0) return difference < 0 ? -1 : 1
      i++
      j++
    }
    while (i < aEnd && a.charCodeAt(i) === ZERO) i++
    while (j < bEnd && b.charCodeAt(j) === ZERO) j++
    let first = 0
    while (i < aEnd && j < bEnd && isDigit(a.charCodeAt(i)) && isDigit(b.charCodeAt(j))) {
      if (first === 0) first = a.charCodeAt(i) - b.charCodeAt(j)
      i++
      j++
    }
    if (i < aEnd && isDigit(a.charCodeAt(i))) return 1
    if (j < bEnd && isDigit(b.charCodeAt(j))) return -1
    if (first !== 0) return first < 0 ? -1 : 1
  }
  return 0
}
