/**
 * Rows of one table of an SQLite 3 database ("Database File Format" of sqlite.org), read from its bytes and, where there is
 * one, those of its write-ahead log. Written here and not asked of SQLite: a database of a stranger may hold views, triggers
 * and computed columns, which are programs; these bytes are only looked at. Each page is visited once, so damage cannot loop.
 */
export type SqliteValue = number | string | Uint8Array | null
export type SqliteRow = readonly SqliteValue[]

/** `onDamage` is told of pages and rows that could not be read; the rows of the others are given. Throws where it is no database, or has no such table. */
export function* readSqliteTable(
  database: Uint8Array,
  log: Uint8Array | undefined,
  table: string,
  onDamage: (reason: string) => void,
): Generator<SqliteRow> {
  const pages = openPages(asBuffer(database), log && asBuffer(log))
  const schema = [...rowsBelow(pages, 1, onDamage)]
  const root = schema.find(([type, name]) => type === 'table' && name === table)?.[3]
  if (typeof root !== 'number' || root < 2) throw new Error(`expected a table ${table} in the SQLite database, found none`)
  yield* rowsBelow(pages, root, onDamage)
}

type Pages = {
  /** Bytes of a page that hold content. */
  readonly usable: number
  readonly count: number
  page(number: number): Buffer | undefined
}

const MAGIC = 'SQLite format 3\0'
const HEADER = 100

const asBuffer = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)

function openPages(database: Buffer, log: Buffer | undefined): Pages {
  if (database.length < HEADER || database.toString('latin1', 0, 16) !== MAGIC)
    throw new Error(`expected an SQLite 3 database, got ${database.length} bytes that begin otherwise`)
  const stored = database.readUInt16BE(16)
  const size = stored === 1 ? 65_536 : stored
  const usable = size - database.readUInt8(20)
  if (size < 512 || (size & (size - 1)) !== 0 || usable < 480) throw new Error(`expected a page size of SQLite, got ${size}`)
  if (database.readUInt32BE(56) > 1) throw new Error('expected an SQLite database in UTF-8, got UTF-16')
  const logged = log === undefined ? new Map<number, Buffer>() : committedPages(log, size)
  const whole = Math.floor(database.length / size)
  let count = whole
  for (const number of logged.keys()) count = Math.max(count, number)
  const page = (number: number) =>
    logged.get(number) ?? (number >= 1 && number <= whole ? database.subarray((number - 1) * size, number * size) : undefined)
  return { usable, count, page }
}

const LOG_HEADER = 32
const FRAME_HEADER = 24

/** Pages of the log up to its last commit: frames count as long as their salts and running checksums do ("WAL Format"). */
function committedPages(log: Buffer, size: number): ReadonlyMap<number, Buffer> {
  const committed = new Map<number, Buffer>()
  if (log.length < LOG_HEADER) return committed
  const magic = log.readUInt32BE(0)
  if ((magic | 1) !== 0x377f0683 || log.readUInt32BE(8) !== size) return committed
  const big = magic === 0x377f0683
  const salts = log.subarray(16, 24)
  let sums = checksum(log.subarray(0, 24), [0, 0], big)
  if (sums[0] !== log.readUInt32BE(24) || sums[1] !== log.readUInt32BE(28)) return committed
  const open = new Map<number, Buffer>()
  for (let at = LOG_HEADER; at + FRAME_HEADER + size <= log.length; at += FRAME_HEADER + size) {
    const page = log.subarray(at + FRAME_HEADER, at + FRAME_HEADER + size)
    sums = checksum(page, checksum(log.subarray(at, at + 8), sums, big), big)
    if (!log.subarray(at + 8, at + 16).equals(salts)) break
    if (sums[0] !== log.readUInt32BE(at + 16) || sums[1] !== log.readUInt32BE(at + 20)) break
    open.set(log.readUInt32BE(at), page)
    if (log.readUInt32BE(at + 4) === 0) continue
    for (const [number, content] of open) committed.set(number, content)
    open.clear()
  }
  return committed
}

type Sums = readonly [number, number]

function checksum(bytes: Buffer, [first, second]: Sums, big: boolean): Sums {
  let s0 = first
  let s1 = second
  for (let at = 0; at + 8 <= bytes.length; at += 8) {
    s0 = (s0 + (big ? bytes.readUInt32BE(at) : bytes.readUInt32LE(at)) + s1) >>> 0
    s1 = (s1 + (big ? bytes.readUInt32BE(at + 4) : bytes.readUInt32LE(at + 4)) + s0) >>> 0
  }
  return [s0, s1]
}

const LEAF = 13
const INTERIOR = 5

/** Rows of the table b-tree below a page ("B-tree Pages"), in the order of their ids. */
function* rowsBelow(pages: Pages, root: number, onDamage: (reason: string) => void): Generator<SqliteRow> {
  const visited = new Set<number>()
  const waiting = [root]
  while (waiting.length > 0) {
    const number = waiting.pop()!
    const page = visited.has(number) ? undefined : pages.page(number)
    visited.add(number)
    const header = number === 1 ? HEADER : 0
    const type = page?.[header]
    if (page === undefined || (type !== LEAF && type !== INTERIOR)) {
      onDamage(`page ${number} is no page of a table`)
      continue
    }
    const cells = cellsOf(page, header, type, pages.usable)
    if (type === INTERIOR) {
      const children = cells.filter((at) => at + 4 <= page.length).map((at) => page.readUInt32BE(at))
      waiting.push(...[...children, page.readUInt32BE(header + 8)].reverse())
      continue
    }
    for (const at of cells) {
      const row = rowAt(pages, page, at, visited)
      if (row === undefined) onDamage(`a row of page ${number} cannot be read`)
      else yield row
    }
  }
}

function cellsOf(page: Buffer, header: number, type: number, usable: number): number[] {
  const first = header + (type === LEAF ? 8 : 12)
  const most = Math.floor((usable - first) / 2)
  const count = Math.min(page.readUInt16BE(header + 3), most)
  return Array.from({ length: count }, (_, at) => page.readUInt16BE(first + at * 2))
}

function rowAt(pages: Pages, page: Buffer, at: number, visited: Set<number>): SqliteRow | undefined {
  const length = varint(page, at)
  const id = length && varint(page, length.next)
  if (!length || !id) return undefined
  const payload = payloadAt(pages, page, id.next, length.value, visited)
  return payload && recordOf(payload, id.value)
}

/** What does not fit into the page goes on in a chain of overflow pages ("Cell Payload Overflow Pages"). */
function payloadAt(pages: Pages, page: Buffer, at: number, length: number, visited: Set<number>): Buffer | undefined {
  const { usable } = pages
  const most = usable - 35
  if (length <= most) return at + length <= usable ? page.subarray(at, at + length) : undefined
  if (length > pages.count * usable) return undefined
  const least = Math.floor(((usable - 12) * 32) / 255) - 23
  const fitting = least + ((length - least) % (usable - 4))
  const local = fitting <= most ? fitting : least
  if (at + local + 4 > usable) return undefined
  const parts = [page.subarray(at, at + local)]
  let held = local
  for (let next = page.readUInt32BE(at + local); held < length; ) {
    const overflow = visited.has(next) ? undefined : pages.page(next)
    if (overflow === undefined) return undefined
    visited.add(next)
    const part = overflow.subarray(4, 4 + Math.min(length - held, usable - 4))
    parts.push(part)
    held += part.length
    next = overflow.readUInt32BE(0)
  }
  return Buffer.concat(parts)
}

/** Columns of one row ("Record Format"). A column that is the row's id is stored as NULL: the id stands for it. */
function recordOf(payload: Buffer, id: number): SqliteRow | undefined {
  const header = varint(payload, 0)
  if (!header || header.value > payload.length) return undefined
  const row: SqliteValue[] = []
  let body = header.value
  for (let at = header.next; at < header.value; ) {
    const serial = varint(payload, at)
    if (!serial) return undefined
    at = serial.next
    const width = widthOf(serial.value)
    if (width === undefined || body + width > payload.length) return undefined
    const value = valueOf(serial.value, payload.subarray(body, body + width))
    row.push(value === null && row.length === 0 ? id : value)
    body += width
  }
  return row
}

const integerWidths = [0, 1, 2, 3, 4, 6, 8, 8, 0, 0]

function widthOf(serial: number): number | undefined {
  return serial < 10 ? integerWidths[serial] : serial < 12 ? undefined : (serial - (serial % 2 === 0 ? 12 : 13)) / 2
}

function valueOf(serial: number, bytes: Buffer): SqliteValue {
  if (serial === 0) return null
  if (serial === 7) return bytes.readDoubleBE(0)
  if (serial === 6) return Number(bytes.readBigInt64BE(0))
  if (serial < 6) return bytes.readIntBE(0, bytes.length)
  if (serial < 10) return serial - 8
  return serial % 2 === 0 ? bytes : bytes.toString('utf8')
}

/** Up to nine bytes, seven bits each and eight in the last; beyond 2^53 no length of ours is true. */
function varint(bytes: Buffer, start: number): { readonly value: number; readonly next: number } | undefined {
  let value = 0
  for (let at = start; at < start + 9; at++) {
    const byte = bytes[at]
    if (byte === undefined) return undefined
    if (at === start + 8) return { value: value * 256 + byte, next: at + 1 }
    value = value * 128 + (byte & 127)
    if (byte < 128) return { value, next: at + 1 }
  }
  return undefined
}
