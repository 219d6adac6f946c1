/**
 * Reader of rpm's package headers, as they stand in its databases: count of index entries and bytes of data, the index, the
 * data (RPM package format v4, "Header structure"; big-endian). Everything is checked against the given bytes, nothing else is
 * believed; a tag that lies is told as absent.
 */
export type RpmHeader = {
  /** The first string of a tag. */
  string(tag: number): string | undefined
  strings(tag: number): readonly string[]
  numbers(tag: number): readonly number[]
}

/** Tags of rpm (rpm-tags(7)) that we use. */
export const rpmTags = {
  name: 1000,
  version: 1001,
  release: 1002,
  epoch: 1003,
  vendor: 1011,
  licence: 1014,
  arch: 1022,
  /** Whole paths, of packages built before rpm 4.0. */
  oldFileNames: 1027,
  fileModes: 1030,
  sourceRpm: 1044,
  provides: 1047,
  requires: 1049,
  dirIndexes: 1116,
  baseNames: 1117,
  dirNames: 1118,
  modularityLabel: 5096,
} as const

/** Entries of one index. rpm itself takes 65,535. */
const MOST_ENTRIES = 65_536
/** Values of one tag; packages of a hundred thousand files are real. */
const MOST_VALUES = 1_000_000
const INT16 = 3
const INT32 = 4
const STRING = 6
const STRING_ARRAY = 8
const I18N_STRING = 9

type Entry = { readonly type: number; readonly offset: number; readonly count: number }

/** Throws an Error that says what was expected where the bytes are no header. */
export function readRpmHeader(bytes: Uint8Array): RpmHeader {
  const blob = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (blob.length < 8) throw new Error(`expected an rpm header, got ${blob.length} bytes`)
  const entries = blob.readUInt32BE(0)
  const size = blob.readUInt32BE(4)
  const start = 8 + entries * 16
  if (entries === 0 || entries > MOST_ENTRIES || start + size > blob.length)
    throw new Error(`expected an rpm header of ${entries} entries and ${size} bytes of data, got ${blob.length} bytes in all`)
  const data = blob.subarray(start, start + size)
  const index = new Map<number, Entry>()
  for (let at = 8; at < start; at += 16) {
    const tag = blob.readUInt32BE(at)
    // Entries behind the signed region may repeat a tag of it: rpm takes the first.
    if (!index.has(tag))
      index.set(tag, { type: blob.readUInt32BE(at + 4), offset: blob.readUInt32BE(at + 8), count: blob.readUInt32BE(at + 12) })
  }
  const strings = (tag: number) => stringsOf(index.get(tag), data)
  return { strings, string: (tag) => strings(tag)[0], numbers: (tag) => numbersOf(index.get(tag), data) }
}

function stringsOf(entry: Entry | undefined, data: Buffer): readonly string[] {
  if (entry === undefined || ![STRING, STRING_ARRAY, I18N_STRING].includes(entry.type)) return []
  const most = entry.type === STRING ? 1 : entry.count
  // Each string has its NUL, so a count beyond the bytes left is a lie.
  if (entry.offset >= data.length || most > Math.min(data.length - entry.offset, MOST_VALUES)) return []
  const found: string[] = []
  for (let at = entry.offset; found.length < most; ) {
    const end = data.indexOf(0, at)
    if (end < 0) return []
    found.push(data.toString('utf8', at, end))
    at = end + 1
  }
  return found
}

function numbersOf(entry: Entry | undefined, data: Buffer): readonly number[] {
  if (entry === undefined || (entry.type !== INT16 && entry.type !== INT32)) return []
  const width = entry.type === INT16 ? 2 : 4
  if (entry.count > MOST_VALUES || entry.offset + entry.count * width > data.length) return []
  return Array.from({ length: entry.count }, (_, at) => data.readUIntBE(entry.offset + at * width, width))
}
