/**
 * Values of a Berkeley DB hash file, as rpm before 4.16 keeps its headers (`Packages`; layout: `dbinc/db_page.h` of Berkeley
 * DB). Pages are taken one after the other and not by way of the buckets: all of them are wanted, and damage cannot loop.
 */
export function* readBerkeleyHash(bytes: Uint8Array, onDamage: (reason: string) => void): Generator<Uint8Array> {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const { little, size, pages } = metaOf(file)
  const ints: Ints = {
    u16: (at) => (little ? file.readUInt16LE(at) : file.readUInt16BE(at)),
    u32: (at) => (little ? file.readUInt32LE(at) : file.readUInt32BE(at)),
  }
  const used = new Set<number>()
  for (let number = 1; number < pages; number++) {
    const start = number * size
    const type = file[start + 25]
    if (type !== UNSORTED && type !== SORTED) continue
    for (const { at, end } of valuesOf(file, ints, start, size)) {
      const value = valueAt(file, ints, { at, end, size, pages, used })
      if (value === undefined) onDamage(`a value of page ${number} cannot be read`)
      else yield value
    }
  }
}

type Ints = { u16(at: number): number; u32(at: number): number }

const HASH_MAGIC = 0x061561
/** Page types: hash page with sorted or unsorted items, overflow page. */
const UNSORTED = 2
const SORTED = 13
const OVERFLOW = 7
/** Item types: data in the page, data in overflow pages. */
const IN_PAGE = 1
const OFF_PAGE = 3
const PAGE_HEADER = 26

function metaOf(file: Buffer): { readonly little: boolean; readonly size: number; readonly pages: number } {
  const little = file.length >= 512 && file.readUInt32LE(12) === HASH_MAGIC
  if (!little && (file.length < 512 || file.readUInt32BE(12) !== HASH_MAGIC))
    throw new Error(`expected a Berkeley DB hash file, got ${file.length} bytes that begin otherwise`)
  const size = little ? file.readUInt32LE(20) : file.readUInt32BE(20)
  if (size < 512 || size > 65_536 || (size & (size - 1)) !== 0) throw new Error(`expected a page size of Berkeley DB, got ${size}`)
  if (file[24] !== 0) throw new Error('the Berkeley DB file is encrypted')
  const last = little ? file.readUInt32LE(32) : file.readUInt32BE(32)
  const whole = Math.floor(file.length / size)
  if (last >= whole) throw new Error(`expected ${last + 1} pages of ${size} bytes, got ${file.length} bytes: the database is cut`)
  return { little, size, pages: last + 1 }
}

/**
 * Where the values of a page begin and end: items are put from the page's end downwards, a key and its value in turn. Keys are
 * numbers of packages; under 0 rpm keeps the highest number.
 */
function* valuesOf(file: Buffer, ints: Ints, start: number, size: number): Generator<{ readonly at: number; readonly end: number }> {
  const count = Math.min(ints.u16(start + 20), (size - PAGE_HEADER) >> 1)
  let end = size
  let counter = false
  for (let item = 0; item < count; item++) {
    const at = ints.u16(start + PAGE_HEADER + item * 2)
    if (at < PAGE_HEADER || at >= end) return
    if (item % 2 === 0) counter = isZero(file.subarray(start + at + 1, start + end))
    else if (!counter) yield { at: start + at, end: start + end }
    end = at
  }
}

const isZero = (key: Buffer): boolean => key.every((byte) => byte === 0)

type Place = { readonly at: number; readonly end: number; readonly size: number; readonly pages: number; readonly used: Set<number> }

function valueAt(file: Buffer, ints: Ints, { at, end, size, pages, used }: Place): Uint8Array | undefined {
  if (file[at] === IN_PAGE) return file.subarray(at + 1, end)
  if (file[at] !== OFF_PAGE || end - at < 12) return undefined
  const length = ints.u32(at + 8)
  if (length > file.length) return undefined
  const parts: Buffer[] = []
  let held = 0
  for (let number = ints.u32(at + 4); held < length; ) {
    const page = number * size
    if (number === 0 || number >= pages || used.has(number) || file[page + 25] !== OVERFLOW) return undefined
    used.add(number)
    const bytes = Math.min(ints.u16(page + 22), size - PAGE_HEADER, length - held)
    if (bytes === 0) return undefined
    parts.push(file.subarray(page + PAGE_HEADER, page + PAGE_HEADER + bytes))
    held += bytes
    number = ints.u32(page + 16)
  }
  return Buffer.concat(parts)
}
