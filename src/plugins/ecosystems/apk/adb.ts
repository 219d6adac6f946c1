import { inflateRawSync, zstdDecompressSync } from 'node:zlib'
import { isPastLimit } from '../../../kit/unpack.ts'

/**
 * The binary form of apk-tools 3 (apk-v3(5)): a header, then blocks; the first is a tree of values, each a word of which four
 * bits say what it is and the rest is the value or where it stands. Little-endian. Offsets are checked, nothing is believed.
 */
export type AdbValue = { readonly block: Buffer; readonly word: number }

/** Schemas by the letters that name them in a file. */
export const adbSchemas = { installed: 0x00626469, index: 0x78646e69, package: 0x676b6370 } as const

const BLOCK_HEADER = 4
const LONG_BLOCK_HEADER = 16
const LONG_BLOCK = 3
const NULL_WORD = 0
const INT = 1
const INT_32 = 2
const BLOB_8 = 8
const BLOB_16 = 9
const BLOB_32 = 10
const ARRAY = 13
const OBJECT = 14

export function isAdb(bytes: Uint8Array): boolean {
  return bytes.length >= 4 && bytes[0] === 65 && bytes[1] === 68 && bytes[2] === 66 && [46, 99, 100].includes(bytes[3] ?? 0)
}

/** Schema and root of a file, unpacked to at most `most` bytes where it is packed. Throws an Error that says what was expected. */
export function openAdb(bytes: Uint8Array, most: number): { readonly schema: number; readonly root: AdbValue } {
  const file = unpacked(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength), most)
  if (file.length < 8 || file.toString('latin1', 0, 4) !== 'ADB.') throw new Error('expected a database of apk-tools 3 after unpacking')
  return { schema: file.readUInt32LE(4), root: rootOf(file.subarray(8)) }
}

/** `ADB.` plain, `ADBd` deflate, `ADBc` and a byte for the method, one for its level: none, deflate, zstd. */
function unpacked(file: Buffer, most: number): Buffer {
  const form = file.toString('latin1', 3, 4)
  if (form === '.') return file
  const options = { maxOutputLength: most }
  const [method, content] = form === 'd' ? [1, file.subarray(4)] : [file[4], file.subarray(6)]
  try {
    if (method === 0) return content
    if (method === 1) return inflateRawSync(content, options)
    if (method === 2) return zstdDecompressSync(content, options)
  } catch (thrown) {
    throw isPastLimit(thrown) ? new Error(`it unpacks to more than ${most} bytes: not read`) : thrown
  }
  throw new Error(`expected a packing method 0, 1 or 2 of apk-tools 3, got ${method}`)
}

/** The first block holds the tree; signatures and file contents follow. */
function rootOf(blocks: Buffer): AdbValue {
  if (blocks.length < BLOCK_HEADER) throw new Error('expected a block of apk-tools 3, got none')
  const word = blocks.readUInt32LE(0)
  const long = word >>> 30 === LONG_BLOCK
  const start = long ? LONG_BLOCK_HEADER : BLOCK_HEADER
  if (blocks.length < start) throw new Error('expected a block of apk-tools 3, got less than its header')
  const type = long ? word & 0x3fffffff : word >>> 30
  const size = long ? Number(blocks.readBigUInt64LE(8)) : word & 0x3fffffff
  if (type !== 0 || size < start + 8 || size > blocks.length)
    throw new Error(
      `expected a first block of values, got type ${type} with ${size} bytes of ${blocks.length}: the database is cut, or none`,
    )
  const block = blocks.subarray(start, size)
  if (block[0] !== 0) throw new Error(`expected version 0 of the database of apk-tools 3, got ${block[0]}`)
  return { block, word: block.readUInt32LE(4) }
}

/** Items of an array, or fields of an object by their number from 1; empty for what is neither. */
export function itemsOf({ block, word }: AdbValue): readonly AdbValue[] {
  const type = word >>> 28
  if (type !== ARRAY && type !== OBJECT) return []
  const at = word & 0x0fffffff
  if (at + 4 > block.length) return []
  const slots = block.readUInt32LE(at)
  if (slots < 1 || at + slots * 4 > block.length) return []
  return Array.from({ length: slots - 1 }, (_, item) => ({ block, word: block.readUInt32LE(at + (item + 1) * 4) }))
}

export function fieldOf(object: readonly AdbValue[], number: number): AdbValue | undefined {
  const value = object[number - 1]
  return value === undefined || value.word === NULL_WORD ? undefined : value
}

export function bytesOf(value: AdbValue | undefined): Buffer | undefined {
  if (value === undefined) return undefined
  const { block, word } = value
  const at = word & 0x0fffffff
  const width = { [BLOB_8]: 1, [BLOB_16]: 2, [BLOB_32]: 4 }[word >>> 28]
  if (width === undefined || at + width > block.length) return undefined
  const length = block.readUIntLE(at, width)
  return at + width + length > block.length ? undefined : block.subarray(at + width, at + width + length)
}

export function textOf(value: AdbValue | undefined): string | undefined {
  return bytesOf(value)?.toString('utf8')
}

export function numberOf(value: AdbValue | undefined): number | undefined {
  if (value === undefined) return undefined
  const { block, word } = value
  if (word >>> 28 === INT) return word & 0x0fffffff
  const at = word & 0x0fffffff
  return word >>> 28 === INT_32 && at + 4 <= block.length ? block.readUInt32LE(at) : undefined
}

/** A database inside a value, as the database of installed packages holds each package. */
export function nestedAdb(value: AdbValue): AdbValue | undefined {
  const bytes = bytesOf(value)
  return bytes && rootOf(bytes)
}
