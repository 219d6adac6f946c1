import { chanceOf, type Chance } from './chance.ts'
import type { FuzzTarget } from './target.ts'

/** No input grows past this: what a reader does with more is the bench's business. */
export const LONGEST = 1 << 18

/** What to change inputs with: others of their kind, and words that occur in them. */
export type Stock = { readonly inputs: readonly Buffer[]; readonly words: readonly string[] }

/** Another input by chance: one of the stock with one to six changes. */
export function mutated(target: Pick<FuzzTarget, 'shape' | 'repair'>, { inputs, words }: Stock, seed: number): Buffer {
  const chance = chanceOf(seed)
  let input: Buffer = Buffer.from(chance.of(inputs))
  const changes = target.shape === 'text' ? textChanges : byteChanges
  for (let left = 1 + chance.below(6); left > 0; left--) input = chance.of(changes)(input, { inputs, words }, chance).subarray(0, LONGEST)
  return target.repair !== undefined && !chance.one(4) ? target.repair(input) : input
}

/** Words of texts, members of JSON, and what looks like a name in bytes. */
export function wordsOf(inputs: readonly Buffer[]): readonly string[] {
  const words = new Set<string>(odd)
  for (const input of inputs) {
    for (const [word] of input.toString('latin1', 0, 1 << 16).matchAll(/[\w@.:/^~<>=!+-]{2,40}|[^\w\s]{1,4}/g)) {
      if (words.size > 2_000) return [...words]
      words.add(word)
    }
  }
  return [...words]
}

const odd: readonly string[] = [
  ...[
    '',
    '\0',
    '\n',
    '\r\n',
    '\t',
    ' ',
    '"',
    "'",
    '\\',
    '\\u0000',
    '\\ud800',
    '%',
    '%zz',
    '%2F',
    '..',
    '../',
    '/',
    '//',
    '!/',
    '#',
    '@',
    '?',
    '&',
  ],
  ...[
    'null',
    'true',
    '{}',
    '[]',
    '""',
    '0',
    '-1',
    '1e999',
    '99999999999999999999',
    'NaN',
    '__proto__',
    'constructor',
    'toString',
    'hasOwnProperty',
  ],
  ...[
    '\ufeff',
    '\u2028',
    'ﬀ',
    '\ud800',
    '𝒳',
    '<!--',
    '<![CDATA[',
    ']]>',
    '<a>',
    '</a>',
    '---\n',
    '&a ',
    '*a',
    '<<: *a',
    '!!binary',
    '"""',
    "'''",
    '[[a]]',
    '[a]',
  ],
]

type Change = (input: Buffer, stock: Stock, chance: Chance) => Buffer

const at = (input: Buffer, chance: Chance): number => chance.below(input.length + 1)
const replaced = (input: Buffer, from: number, until: number, put: Uint8Array): Buffer =>
  Buffer.concat([input.subarray(0, from), put, input.subarray(until)])

const flipBit: Change = (input, _, chance) => {
  const bytes = Buffer.from(input)
  if (bytes.length > 0) bytes[chance.below(bytes.length)]! ^= 1 << chance.below(8)
  return bytes
}
const setByte: Change = (input, _, chance) => {
  const bytes = Buffer.from(input)
  if (bytes.length > 0) bytes[chance.below(bytes.length)] = chance.of([0, 1, 0x7f, 0x80, 0xff, 0x20, 0x30, chance.below(256)])
  return bytes
}
const edges = [0, 1, 2, 0x7f, 0x80, 0xff, 0x100, 0x7fff, 0x8000, 0xffff, 0x10000, 0x7fffffff, 0x80000000, 0xfffffffe, 0xffffffff]
/** A length, an offset or a count at its edges, in either byte order. */
const setNumber: Change = (input, _, chance) => {
  const width = chance.of([2, 4, 4, 8])
  if (input.length < width) return input
  const bytes = Buffer.from(input)
  const to = chance.one(2) ? chance.below(bytes.length - width + 1) : Math.min(chance.below(256), bytes.length - width)
  const value = chance.one(3) ? chance.below(bytes.length * 2) : chance.of(edges)
  if (width === 8) {
    const wide = chance.one(4) ? 0xffffffffffffffffn : BigInt(value)
    if (chance.one(2)) bytes.writeBigUInt64LE(wide, to)
    else bytes.writeBigUInt64BE(wide, to)
  } else {
    const narrow = width === 2 ? value & 0xffff : value
    if (chance.one(2)) bytes.writeUIntLE(narrow, to, width)
    else bytes.writeUIntBE(narrow, to, width)
  }
  return bytes
}
const cut: Change = (input, _, chance) => input.subarray(0, at(input, chance))
const remove: Change = (input, _, chance) => {
  const from = at(input, chance)
  return replaced(input, from, Math.min(input.length, from + 1 + chance.below(chance.one(4) ? input.length : 16)), Buffer.alloc(0))
}
const repeat: Change = (input, _, chance) => {
  const from = at(input, chance)
  const piece = input.subarray(from, from + 1 + chance.below(64))
  const times = chance.one(8) ? 500 : 1 + chance.below(4)
  return replaced(input, from, from, Buffer.concat(Array<Buffer>(times).fill(piece)).subarray(0, LONGEST))
}
const putWord: Change = (input, { words }, chance) => {
  const from = at(input, chance)
  return replaced(input, from, chance.one(2) ? from : Math.min(input.length, from + chance.below(8)), Buffer.from(chance.of(words)))
}
const splice: Change = (input, { inputs }, chance) => {
  const other = chance.of(inputs)
  const from = at(other, chance)
  return replaced(input, at(input, chance), input.length, other.subarray(from))
}
const insert: Change = (input, { inputs }, chance) => {
  const other = chance.of(inputs)
  const from = at(other, chance)
  const to = at(input, chance)
  return replaced(input, to, to, other.subarray(from, from + 1 + chance.below(200)))
}
const byteChanges: readonly Change[] = [flipBit, setByte, setNumber, setNumber, setNumber, cut, remove, repeat, putWord, splice, insert]

const byLine: Change = (input, { inputs }, chance) => {
  const lines = input.toString('latin1').split('\n')
  const line = chance.below(lines.length)
  const others = chance.of(inputs).toString('latin1').split('\n')
  const what = chance.below(6)
  if (what === 0) lines.splice(line, 1 + chance.below(3))
  else if (what === 1) lines.splice(line, 0, ...Array<string>(chance.one(10) ? 300 : 1).fill(lines[line]!))
  else if (what === 2) lines.splice(chance.below(lines.length), 0, ...lines.splice(line, 1))
  else if (what === 3) lines.splice(line, chance.below(2), chance.of(others))
  else if (what === 4) lines[line] = `${' '.repeat(chance.below(9))}${lines[line]!.trimStart()}`
  else lines[line] = lines[line]!.slice(0, chance.below(lines[line]!.length + 1))
  return Buffer.from(lines.join('\n'), 'latin1')
}
const word: Change = (input, { words }, chance) => {
  const text = input.toString('latin1')
  const all = [...text.slice(0, 1 << 15).matchAll(/[\w.@/-]+/g)]
  if (all.length === 0) return putWord(input, { inputs: [], words }, chance)
  const { index, 0: old } = chance.of(all)
  const put = chance.one(6) ? chance.of(words).repeat(1 + chance.below(400)) : chance.of(words)
  return replaced(input, index, index + old.length, Buffer.from(put))
}
/** What an expression with two ways to take a character tries in every way before it gives up. */
const doubtful: Change = (input, _, chance) => {
  const text = input.toString('latin1')
  const all = [...text.slice(0, 1 << 15).matchAll(/[\w.@/-]+/g)]
  if (all.length === 0) return input
  const { index, 0: old } = chance.of(all)
  const piece = `${chance.of(['a', '1', 'a1', '', 'A'])}${chance.of(['-', '.', '_', '', ' ', '/', ',', '+', '~'])}`
  const put = `${old.slice(0, chance.below(old.length + 1))}${piece.repeat(40 + chance.below(200))}${chance.of(['!', '', '.', '-', '\u00e9', ' '])}${chance.one(2) ? old : ''}`
  return replaced(input, index, index + old.length, Buffer.from(put, 'latin1'))
}
/** A member of JSON is dropped, doubled, moved elsewhere, made deep, or becomes another kind of value. A choice of sample may stand in front. */
const member: Change = (input, { words }, chance) => {
  const start = input.findIndex((byte) => byte === 0x7b || byte === 0x5b)
  if (start < 0 || start > 8) return byLine(input, { inputs: [input], words }, chance)
  let value: unknown
  try {
    value = JSON.parse(input.toString('utf8', start))
  } catch {
    return word(input, { inputs: [input], words }, chance)
  }
  const holders: Record<string, unknown>[] = []
  const waiting = [value]
  while (waiting.length > 0 && holders.length < 2_000) {
    const one = waiting.pop()
    if (typeof one !== 'object' || one === null) continue
    holders.push(one as Record<string, unknown>)
    waiting.push(...Object.values(one).slice(0, 100))
  }
  const holder = chance.of(holders)
  const names = Object.keys(holder)
  // The length of a list is a name, too, and a number there makes it as long.
  const asName = (text: string) => (Array.isArray(holder) && !/^\d{1,3}$/.test(text) ? '0' : text)
  const name = asName(names.length === 0 ? chance.of(words) : chance.of(names))
  const what = chance.below(7)
  if (what === 0) delete holder[name]
  else if (what === 1) holder[asName(chance.of(words))] = holder[name]
  else if (what === 2) holder[name] = otherValue(words, chance)
  else if (what === 3) holder[name] = structuredClone(chance.of(holders))
  else if (what === 4) holder[name] = { [name]: holder[name] }
  else if (what === 5) holder[name] = [holder[name], otherValue(words, chance)]
  else holder[name] = `${typeof holder[name] === 'string' ? holder[name] : ''}${chance.of(words)}`
  return Buffer.concat([input.subarray(0, start), Buffer.from(JSON.stringify(value) ?? '')])
}
const otherValue = (words: readonly string[], chance: Chance): unknown =>
  chance.of<unknown>([null, true, 0, -1, 2 ** 53, '', [], {}, [[]], chance.of(words), chance.of(words).repeat(50), { a: chance.of(words) }])

const textChanges: readonly Change[] = [
  ...[byLine, byLine, word, word, word, doubtful, member, member, member],
  ...[flipBit, setByte, cut, remove, repeat, putWord, splice, insert],
]
