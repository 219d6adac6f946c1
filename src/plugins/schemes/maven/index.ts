import type { VersionScheme } from '../../../model/seams.ts'

/**
 * Maven's order of versions: the POM reference's "Version Order Specification", as Maven's ComparableVersion carries it out.
 * A version is a list of numbers and words; each hyphen, and each change between digits and letters, opens a list inside the
 * list. As nothing ever follows an inner list, the lists of a version form a chain, and are kept here as one.
 */
export const maven = {
  id: 'maven',
  version: 1,
  title: 'Maven versions',
  names: ['maven'],
  compare(left, right) {
    if (!isVersion(left) || !isVersion(right)) return undefined
    return left === right ? 0 : compareChains(chainOf(left.toLowerCase()), chainOf(right.toLowerCase()))
  },
} satisfies VersionScheme

/**
 * Maven itself would order any text. What holds a blank, a property (`${revision}`) or a bracket of a range is no version
 * but something nobody resolved, and so are the two words that ask for the newest.
 */
function isVersion(text: string): boolean {
  for (let at = 0; at < text.length; at++) if (!VERSION_CHARACTER[text.charCodeAt(at)]) return false
  return text !== '' && !NEWEST.has(text.toLowerCase())
}

const VERSION_CHARACTER = Array.from({ length: 127 }, (_, code) => code > 32 && !'$(),;<>[]{}'.includes(String.fromCharCode(code)))
const NEWEST = new Set(['latest', 'release'])

/** Digits without leading zeros, or a word; the empty word is the release itself. */
type Item = string
/** A list, its last member the list after it in the chain. */
type Chain = readonly (readonly Item[])[]

/** Words before a release, the release, and what comes after; an unknown word comes after all of them. */
const RANKS = new Map([
  ['alpha', 0],
  ['beta', 1],
  ['milestone', 2],
  ['rc', 3],
  ['snapshot', 4],
  ['', 5],
  ['sp', 6],
])
const UNKNOWN = 7
const ALIASES = new Map([
  ['ga', ''],
  ['final', ''],
  ['release', ''],
  ['cr', 'rc'],
])
const BEFORE_DIGIT = new Map([
  ['a', 'alpha'],
  ['b', 'beta'],
  ['m', 'milestone'],
])

const isDigit = (code: number) => code >= 48 && code <= 57
const isNumber = (item: Item) => item !== '' && isDigit(item.charCodeAt(0))
const isNull = (item: Item) => item === '' || item === '0'

function chainOf(version: string): Chain {
  const chain: Item[][] = [[]]
  let list = chain[0]!
  const open = () => {
    list = []
    chain.push(list)
  }
  let digits = false
  let start = 0
  for (let at = 0; at < version.length; at++) {
    const character = version.charCodeAt(at)
    if (character === DOT || character === HYPHEN) {
      list.push(at === start ? '0' : digits ? numberIn(version, start, at) : wordIn(version, start, at, false))
      start = at + 1
      if (character === HYPHEN) open()
    } else if (isDigit(character) !== digits) {
      if (at > start) {
        if (!digits && list.length > 0) open()
        list.push(digits ? numberIn(version, start, at) : wordIn(version, start, at, true))
        open()
      }
      start = at
      digits = !digits
    }
  }
  if (version.length > start) {
    if (!digits && list.length > 0) open()
    list.push(digits ? numberIn(version, start, version.length) : wordIn(version, start, version.length, false))
  }
  return normalized(chain)
}

const DOT = 46
const HYPHEN = 45

function numberIn(version: string, start: number, end: number): Item {
  let from = start
  while (from < end - 1 && version.charCodeAt(from) === 48) from++
  return version.slice(from, end)
}

function wordIn(version: string, start: number, end: number, beforeDigit: boolean): Item {
  const word = version.slice(start, end)
  const long = (beforeDigit ? BEFORE_DIGIT.get(word) : undefined) ?? word
  return ALIASES.get(long) ?? long
}

/** Zeros and releases at the end of a list say nothing; a list of nothing else is none. */
function normalized(chain: readonly Item[][]): Chain {
  for (const list of chain) while (list.length > 0 && isNull(list.at(-1)!)) list.pop()
  return chain.filter((list, i) => i === 0 || list.length > 0)
}

/** Members of both lists in turn; only when both come to their inner list at once does the comparison go on inside. */
function compareChains(a: Chain, b: Chain): -1 | 0 | 1 {
  let level = 0
  for (let at = 0; ; at++) {
    const left = a[level]![at]
    const right = b[level]![at]
    const leftOpens = at === a[level]!.length && level + 1 < a.length
    const rightOpens = at === b[level]!.length && level + 1 < b.length
    if (leftOpens && rightOpens) {
      level++
      at = -1
      continue
    }
    if (left === undefined && right === undefined) {
      if (leftOpens) return listsToNothing(a, level + 1)
      return rightOpens ? turned(listsToNothing(b, level + 1)) : 0
    }
    const order = left === undefined ? turned(itemTo(right!, left, leftOpens)) : itemTo(left, right, rightOpens)
    if (order !== 0) return order
  }
}

const turned = (order: -1 | 0 | 1) => (order === 0 ? 0 : order === 1 ? -1 : 1)

/** An item beside another, beside an inner list, or beside nothing: numbers come after lists, lists after words. */
function itemTo(item: Item, other: Item | undefined, otherIsList: boolean): -1 | 0 | 1 {
  if (otherIsList) return isNumber(item) ? 1 : -1
  if (other === undefined) return isNumber(item) ? (item === '0' ? 0 : 1) : compareWords(item, '')
  if (isNumber(item)) return isNumber(other) ? compareNumbers(item, other) : 1
  return isNumber(other) ? -1 : compareWords(item, other)
}

/** Lists beside nothing: their first member that is not nothing decides. */
function listsToNothing(chain: Chain, level: number): -1 | 0 | 1 {
  for (const list of chain.slice(level)) {
    for (const item of list) {
      const order = itemTo(item, undefined, false)
      if (order !== 0) return order
    }
  }
  return 0
}

function compareNumbers(a: Item, b: Item): -1 | 0 | 1 {
  if (a.length !== b.length) return a.length < b.length ? -1 : 1
  return a === b ? 0 : a < b ? -1 : 1
}

function compareWords(a: Item, b: Item): -1 | 0 | 1 {
  const left = RANKS.get(a) ?? UNKNOWN
  const right = RANKS.get(b) ?? UNKNOWN
  if (left !== right) return left < right ? -1 : 1
  return left < UNKNOWN || a === b ? 0 : a < b ? -1 : 1
}
