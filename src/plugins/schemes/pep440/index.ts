import type { VersionScheme } from '../../../model/seams.ts'
import { compareLegacy, legacyKey } from './legacy.ts'

/**
 * The order of PEP 440: epoch, release, pre-release, post-release, development release, local version, with every spelling
 * its appendix B takes. Numbers have no limit. What is no version by PEP 440 comes before all that are, ordered as the
 * Python tools ordered it until 2022: advisories and old projects still hold such versions.
 */
export const pep440 = {
  id: 'pep440',
  version: 1,
  title: 'Python versions (PEP 440)',
  names: ['pypi'],
  compare(left, right) {
    const a = parse(left)
    const b = parse(right)
    if (a !== undefined && b !== undefined) return compareParsed(a, b)
    const older = a === undefined ? legacyKey(left) : []
    const newer = b === undefined ? legacyKey(right) : []
    if (older === undefined || newer === undefined) return undefined
    if (a !== undefined || b !== undefined) return a === undefined ? -1 : 1
    return compareLegacy(older, newer)
  },
} satisfies VersionScheme

/** PEP 440, appendix B. No two parts of it can begin alike, so it never tries a text in more than one way. */
const VERSION =
  /^\s*v?(?:(?<epoch>\d+)!)?(?<release>\d+(?:\.\d+)*)(?:[-_.]?(?<pre>a|b|c|rc|alpha|beta|pre|preview)[-_.]?(?<preNumber>\d*))?(?:-(?<implicit>\d+)|[-_.]?(?<post>post|rev|r)[-_.]?(?<postNumber>\d*))?(?:[-_.]?(?<dev>dev)[-_.]?(?<devNumber>\d*))?(?:\+(?<local>[a-z0-9]+(?:[-_.][a-z0-9]+)*))?\s*$/i

/** Numbers are kept as digits without leading zeros, so that none is too long. */
type Parsed = {
  readonly epoch: string
  readonly release: readonly string[]
  /** -1: a development release of the release itself; 3: no pre-release. */
  readonly preKind: -1 | 0 | 1 | 2 | 3
  readonly preNumber: string
  /** undefined comes first. */
  readonly post: string | undefined
  /** undefined comes last. */
  readonly dev: string | undefined
  readonly local: readonly string[]
}

function parse(version: string): Parsed | undefined {
  const parts = VERSION.exec(version)?.groups
  if (parts === undefined) return undefined
  const post = parts['implicit'] ?? (parts['post'] === undefined ? undefined : (parts['postNumber'] ?? ''))
  const dev = parts['dev'] === undefined ? undefined : (parts['devNumber'] ?? '')
  const release = (parts['release'] ?? '').split('.').map(number)
  while (release.length > 1 && release.at(-1) === '') release.pop()
  return {
    epoch: number(parts['epoch'] ?? ''),
    release,
    preKind: preKindOf(parts['pre'], post !== undefined, dev !== undefined),
    preNumber: number(parts['preNumber'] ?? ''),
    post: post === undefined ? undefined : number(post),
    dev: dev === undefined ? undefined : number(dev),
    local: parts['local'] === undefined ? [] : parts['local'].toLowerCase().split(/[-_.]/),
  }
}

function preKindOf(pre: string | undefined, post: boolean, dev: boolean): Parsed['preKind'] {
  if (pre === undefined) return dev && !post ? -1 : 3
  const letter = pre.charAt(0).toLowerCase()
  return letter === 'a' ? 0 : letter === 'b' ? 1 : 2
}

const number = (digits: string): string => digits.replace(/^0+/, '')

type Order = -1 | 0 | 1

function compareParsed(a: Parsed, b: Parsed): Order {
  return (
    compareNumber(a.epoch, b.epoch) ||
    compareRelease(a.release, b.release) ||
    orderOf(a.preKind - b.preKind) ||
    compareNumber(a.preNumber, b.preNumber) ||
    compareOptional(a.post, b.post, -1) ||
    compareOptional(a.dev, b.dev, 1) ||
    compareLocal(a.local, b.local)
  )
}

function compareRelease(a: readonly string[], b: readonly string[]): Order {
  for (let at = 0; at < Math.max(a.length, b.length); at++) {
    const order = compareNumber(a[at] ?? '', b[at] ?? '')
    if (order !== 0) return order
  }
  return 0
}

/** `absent` is the order of a side that has none against one that has. */
function compareOptional(a: string | undefined, b: string | undefined, absent: -1 | 1): Order {
  if (a === undefined || b === undefined) return a === b ? 0 : a === undefined ? absent : absent === 1 ? -1 : 1
  return compareNumber(a, b)
}

/** PEP 440, "Local version identifiers": numbers come after words, the longer after its beginning, none before any. */
function compareLocal(a: readonly string[], b: readonly string[]): Order {
  for (let at = 0; at < Math.min(a.length, b.length); at++) {
    const order = compareSegment(a[at] ?? '', b[at] ?? '')
    if (order !== 0) return order
  }
  return orderOf(a.length - b.length)
}

function compareSegment(a: string, b: string): Order {
  const numbers = [/^\d+$/.test(a), /^\d+$/.test(b)] as const
  if (numbers[0] !== numbers[1]) return numbers[0] ? 1 : -1
  return numbers[0] ? compareNumber(number(a), number(b)) : a === b ? 0 : a < b ? -1 : 1
}

function compareNumber(a: string, b: string): Order {
  if (a.length !== b.length) return a.length < b.length ? -1 : 1
  return a === b ? 0 : a < b ? -1 : 1
}

const orderOf = (difference: number): Order => (difference === 0 ? 0 : difference < 0 ? -1 : 1)
