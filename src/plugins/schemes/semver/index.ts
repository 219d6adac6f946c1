import type { VersionScheme } from '../../../model/seams.ts'

/**
 * SemVer 2.0.0 order (section 11), as OSV uses it for ranges of type SEMVER. Beyond the specification it takes what npm
 * and OSV records hold: blanks, `v` and `=` in front, leading zeros, a prerelease without its hyphen (`1.2.3beta`),
 * missing minor and patch (zero), and numbers after the third, which count as build metadata. Numbers have no limit.
 */
export const semver = {
  id: 'semver',
  version: 1,
  title: 'Semantic Versioning 2.0.0',
  names: ['npm'],
  compare(left, right) {
    const a = left.trim()
    const b = right.trim()
    const aStart = coreStart(a)
    const bStart = coreStart(b)
    const aEnd = coreEnd(a, aStart)
    const bEnd = coreEnd(b, bStart)
    if (aEnd < 0 || bEnd < 0) return undefined
    let i = aStart
    let j = bStart
    for (let part = 0; part < 3; part++) {
      const iEnd = digitsEnd(a, Math.min(i, aEnd))
      const jEnd = digitsEnd(b, Math.min(j, bEnd))
      const order = compareNumber(a, i, iEnd, b, j, jEnd)
      if (order !== 0) return order
      i = iEnd + 1
      j = jEnd + 1
    }
    return comparePrerelease(a, prereleaseStart(a, aEnd), b, prereleaseStart(b, bEnd))
  },
} satisfies VersionScheme

const PLUS = 43
const HYPHEN = 45
const DOT = 46
const ZERO = 48
const NINE = 57

const isDigit = (code: number) => code >= ZERO && code <= NINE
const isNonDigit = (code: number) => (code >= 97 && code <= 122) || (code >= 65 && code <= 90) || code === HYPHEN

/** Past the `v`, `=` and blanks that npm lets stand before a version. */
function coreStart(version: string): number {
  let at = 0
  while (' \t=v'.includes(version.charAt(at)) && at < version.length) at++
  return at
}

function digitsEnd(version: string, start: number): number {
  let at = start
  while (isDigit(version.charCodeAt(at))) at++
  return at
}

/** Where major, minor and patch end; -1 when the whole is not a version. */
function coreEnd(version: string, start: number): number {
  let at = digitsEnd(version, start)
  if (at === start) return -1
  let parts = 1
  for (; parts < 3 && version.charCodeAt(at) === DOT; parts++) {
    const next = digitsEnd(version, at + 1)
    if (next === at + 1) return -1
    at = next
  }
  // `1abc` is a commit or a name rather than a prerelease of 1.0.0
  if (parts < 3 && version.charCodeAt(at) !== HYPHEN && isNonDigit(version.charCodeAt(at))) return -1
  return isTail(version, at) ? at : -1
}

/** More numbers, or a prerelease, then perhaps build metadata: identifiers split by dots, none of them empty. */
function isTail(version: string, start: number): boolean {
  let at = start
  while (version.charCodeAt(at) === DOT) {
    const next = digitsEnd(version, at + 1)
    if (next === at + 1) return false
    at = next
  }
  const first = version.charCodeAt(at)
  if (at === start && isNonDigit(first)) at = identifiersEnd(version, first === HYPHEN ? at + 1 : at)
  if (version.charCodeAt(at) === PLUS) at = identifiersEnd(version, at + 1)
  return at === version.length
}

/** Where dot-separated identifiers end; -1 when one is empty. */
function identifiersEnd(version: string, start: number): number {
  let at = start
  for (;;) {
    const first = at
    while (isDigit(version.charCodeAt(at)) || isNonDigit(version.charCodeAt(at))) at++
    if (at === first) return -1
    if (version.charCodeAt(at) !== DOT) return at
    at++
  }
}

/** Digits of any length as numbers; an empty run is zero. */
function compareNumber(a: string, aStart: number, aEnd: number, b: string, bStart: number, bEnd: number): -1 | 0 | 1 {
  let i = aStart
  let j = bStart
  while (i < aEnd && a.charCodeAt(i) === ZERO) i++
  while (j < bEnd && b.charCodeAt(j) === ZERO) j++
  const aLength = Math.max(aEnd - i, 0)
  const bLength = Math.max(bEnd - j, 0)
  if (aLength !== bLength) return aLength < bLength ? -1 : 1
  return aLength === 0 ? 0 : compareText(a, i, aEnd, b, j, bEnd)
}

function compareText(a: string, aStart: number, aEnd: number, b: string, bStart: number, bEnd: number): -1 | 0 | 1 {
  let j = bStart
  for (let i = aStart; i < aEnd && j < bEnd; i++, j++) {
    const difference = a.charCodeAt(i) - b.charCodeAt(j)
    if (difference !== 0) return difference < 0 ? -1 : 1
  }
  const longer = aEnd - aStart - (bEnd - bStart)
  return longer === 0 ? 0 : longer < 0 ? -1 : 1
}

/** First character of the prerelease, or the length when there is none. */
function prereleaseStart(version: string, coreEnds: number): number {
  const code = version.charCodeAt(coreEnds)
  if (code === HYPHEN) return coreEnds + 1
  return isNonDigit(code) ? coreEnds : version.length
}

/** Section 11.3 and 11.4: without one is later; numbers before words; more identifiers are later. */
function comparePrerelease(a: string, aStart: number, b: string, bStart: number): -1 | 0 | 1 {
  if (aStart === a.length || bStart === b.length) return aStart === a.length ? (bStart === b.length ? 0 : 1) : -1
  let i = aStart
  let j = bStart
  for (;;) {
    const aNumberEnd = digitsEnd(a, i)
    const bNumberEnd = digitsEnd(b, j)
    const iEnd = identifierEnd(a, i)
    const jEnd = identifierEnd(b, j)
    const aNumber = aNumberEnd === iEnd
    const bNumber = bNumberEnd === jEnd
    if (aNumber !== bNumber) return aNumber ? -1 : 1
    const order = aNumber ? compareNumber(a, i, iEnd, b, j, jEnd) : compareText(a, i, iEnd, b, j, jEnd)
    if (order !== 0) return order
    const aMore = a.charCodeAt(iEnd) === DOT
    const bMore = b.charCodeAt(jEnd) === DOT
    if (!aMore || !bMore) return aMore === bMore ? 0 : aMore ? 1 : -1
    i = iEnd + 1
    j = jEnd + 1
  }
}

function identifierEnd(version: string, start: number): number {
  let at = start
  while (isDigit(version.charCodeAt(at)) || isNonDigit(version.charCodeAt(at))) at++
  return at
}
