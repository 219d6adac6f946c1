import { promisify } from 'node:util'
import { crc32, inflateRaw, inflateRawSync } from 'node:zlib'
import { cleanPath } from '../kit/paths.ts'
import { isPastLimit } from '../kit/unpack.ts'
import { AppError } from '../model/errors.ts'

/**
 * Zip archives (APPNOTE 6.3.10) by their central directory. Written here and not taken from a package: a whole directory is
 * read in one piece, so that listing costs little, and an archive with a program in front of it can be read.
 */

/** Bounds of an archive; what passes any of them is refused. */
export type ZipLimits = {
  readonly entries: number
  /** Unpacked bytes of one entry, and of all. */
  readonly entryBytes: number
  readonly totalBytes: number
  /** Unpacked over packed size, of one entry above 64 KiB and of all (entries may overlap): text packs 20 to 1, a bomb 1000 to 1. */
  readonly ratio: number
}

/** What an archive lies in. What `read` gives stays as it is; it throws when not all of it is there. */
export type ZipSource = { readonly size: number; read(at: number, length: number): Promise<Buffer> }

/** One line of the directory. A name may come twice: readers commonly take the last of it. */
export type ZipEntry = {
  /** As it is written: it may lead anywhere. */
  readonly name: string
  /** The name as a path inside the archive, `\` as `/`; undefined when it leads out or can be no path. */
  readonly path: string | undefined
  readonly isFolder: boolean
  /** Type and permission bits, where a Unix wrote it. */
  readonly unixMode: number | undefined
  readonly size: number
  readonly packedSize: number
  readonly method: number
  readonly encrypted: boolean
  readonly crc: number
  /** Of its local header, from the source's first byte. */
  readonly at: number
}

export type Zip = {
  /** In the order of the directory, as far as it can be read. Throws where it is damaged, and past the limit. */
  entries(): Generator<ZipEntry, void>
  /** The unpacked content of an entry, whole and of its checksum; throws AppError `invalid` otherwise. */
  read(entry: ZipEntry): Promise<Buffer>
}

export const zipLimits: ZipLimits = { entries: 1_000_000, entryBytes: 16 * 2 ** 20, totalBytes: 4 * 2 ** 30, ratio: 250 }

const [stored, deflated] = [0, 8]
/** Below this a ratio says nothing. */
const manyBytes = 65_536
/** From here on inflating is worth the way to another thread. */
const longWork = 1 << 20
/** Of a directory held in memory: a million entries with long names. */
const directoryBytes = 256 * 2 ** 20
const full16 = 0xffff
const full32 = 0xffffffff
const endRecord = { signature: 0x06054b50, bytes: 22, entries: 10, directorySize: 12, directoryAt: 16, commentLength: 20 }
const end64Locator = { signature: 0x07064b50, bytes: 20, recordAt: 8 }
const end64Record = { signature: 0x06064b50, bytes: 56, entries: 32, directorySize: 40, directoryAt: 48 }
const localHeader = { signature: 0x04034b50, bytes: 30, nameLength: 26, extraLength: 28 }
const header = { signature: 0x02014b50, bytes: 46 }
const flag = { encrypted: 1, utf8: 1 << 11, hidden: 1 << 13 }
const zip64Field = 1
/** Section 4.4.2: Unix and macOS, which put their mode into the external attributes. */
const unixHosts: ReadonlySet<number> = new Set([3, 19])

export function bytesSource(bytes: Uint8Array): ZipSource {
  const held = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return {
    size: held.length,
    async read(at, length) {
      inside(at, length, held.length)
      return held.subarray(at, at + length)
    },
  }
}

/** Throws when an archive of `size` bytes does not hold what it says. */
export function inside(at: number, length: number, size: number): void {
  if (at < 0 || length < 0 || !(at + length <= size)) throw damaged(`is cut off: ${at + length} bytes expected, ${size} there`)
}

/** Bytes unpacked so far: handed to several archives (one inside another), they share their limit. */
export type Unpacked = { bytes: number }

/** Throws AppError `invalid` on what is no archive, cut off or damaged. */
export async function openZip(source: ZipSource, limits: ZipLimits = zipLimits, unpacked: Unpacked = { bytes: 0 }): Promise<Zip> {
  const { entries, directoryAt, directorySize, prefix } = await findDirectory(source)
  if (entries > limits.entries) throw damaged(`holds ${entries} entries, at most ${limits.entries} are read`)
  if (directorySize > directoryBytes) throw damaged(`has a directory of ${directorySize} bytes, at most ${directoryBytes} are read`)
  const directory = await source.read(directoryAt, directorySize)
  let here = 0
  return {
    entries: () => entriesOf(directory, prefix, entries, limits),
    async read(entry) {
      check(entry, limits)
      here += entry.size
      if (here > manyBytes && here > source.size * limits.ratio) throw damaged(`unpacks more than ${limits.ratio} to 1`)
      unpacked.bytes += entry.size
      if (unpacked.bytes > limits.totalBytes) throw damaged(`unpacks to more than ${limits.totalBytes} bytes`)
      return unpack(entry, await packed(entry, source))
    },
  }
}

function damaged(reason: string): AppError {
  return new AppError('invalid', reason)
}

function quoted(name: string): string {
  return JSON.stringify(name.slice(0, 100))
}

type Directory = { readonly entries: number; readonly directoryAt: number; readonly directorySize: number; readonly prefix: number }

/** Sections 4.3.14 to 4.3.16. The directory ends where its end record begins: what lies before the archive moves all offsets. */
async function findDirectory(source: ZipSource): Promise<Directory> {
  const tailAt = Math.max(0, source.size - endRecord.bytes - full16)
  const tail = await source.read(tailAt, source.size - tailAt)
  const at = endRecordIn(tail)
  if (at < 0)
    throw damaged(
      beginsLikeZip(await source.read(0, Math.min(4, source.size))) ? 'is truncated: it has no end record' : 'is not a zip archive',
    )
  let told = {
    entries: tail.readUInt16LE(at + endRecord.entries),
    size: tail.readUInt32LE(at + endRecord.directorySize),
    from: tail.readUInt32LE(at + endRecord.directoryAt),
    end: tailAt + at,
  }
  if (told.entries === full16 || told.size === full32 || told.from === full32) told = (await end64(source, told.end)) ?? told
  const directoryAt = told.end - told.size
  const prefix = directoryAt - told.from
  if (directoryAt < 0 || prefix < 0)
    throw damaged(`is truncated: its directory should end at byte ${told.from + told.size}, not at ${told.end}`)
  return { entries: told.entries, directoryAt, directorySize: told.size, prefix }
}

const beginsLikeZip = (start: Buffer) => start.length === 4 && start.readUInt32LE(0) === localHeader.signature

/** The last record whose comment reaches the end; otherwise the last one, with foreign bytes behind it; -1: none. */
function endRecordIn(tail: Buffer): number {
  let last = -1
  for (let at = tail.length - endRecord.bytes; at >= 0; at--) {
    if (tail[at] !== 0x50 || tail.readUInt32LE(at) !== endRecord.signature) continue
    const end = at + endRecord.bytes + tail.readUInt16LE(at + endRecord.commentLength)
    if (end === tail.length) return at
    if (last < 0 && end < tail.length) last = at
  }
  return last
}

/** The record of a large archive; undefined where there is none, and numbers just happen to be all ones. */
async function end64(source: ZipSource, end: number) {
  const locatorAt = end - end64Locator.bytes
  if (locatorAt < end64Record.bytes) return undefined
  const locator = await source.read(locatorAt, end64Locator.bytes)
  if (locator.readUInt32LE(0) !== end64Locator.signature) return undefined
  for (const at of [locatorAt - end64Record.bytes, Number(locator.readBigUInt64LE(end64Locator.recordAt))]) {
    if (at > locatorAt - end64Record.bytes) continue
    const record = await source.read(at, end64Record.bytes)
    if (record.readUInt32LE(0) !== end64Record.signature) continue
    const number = (from: number) => Number(record.readBigUInt64LE(from))
    return {
      entries: number(end64Record.entries),
      size: number(end64Record.directorySize),
      from: number(end64Record.directoryAt),
      end: at,
    }
  }
  throw damaged('is damaged: it has no end record of a large archive where it should be')
}

function* entriesOf(directory: Buffer, prefix: number, told: number, limits: ZipLimits): Generator<ZipEntry, void> {
  let count = 0
  for (let at = 0; at < directory.length; count++) {
    if (count === limits.entries) throw damaged(`holds more than ${limits.entries} entries`)
    if (at + header.bytes > directory.length || directory.readUInt32LE(at) !== header.signature)
      throw damaged(`is damaged: entry ${count + 1} of its directory cannot be read`)
    const nameEnd = at + header.bytes + directory.readUInt16LE(at + 28)
    const extraEnd = nameEnd + directory.readUInt16LE(at + 30)
    const next = extraEnd + directory.readUInt16LE(at + 32)
    if (next > directory.length) throw damaged(`is damaged: entry ${count + 1} of its directory is cut off`)
    yield new DirectoryLine(directory, at, nameEnd, extraEnd, prefix)
    at = next
  }
  // more than 65,535 entries wrap around where the writer knows no large archives
  if (count % (full16 + 1) !== told % (full16 + 1)) throw damaged(`is damaged: ${told} entries told, ${count} there`)
}

/** A line of the directory, read when somebody asks: of most entries of an archive it is the name alone. */
class DirectoryLine implements ZipEntry {
  readonly name: string
  readonly #directory: Buffer
  readonly #from: number
  readonly #nameEnd: number
  readonly #extraEnd: number
  readonly #prefix: number

  constructor(directory: Buffer, from: number, nameEnd: number, extraEnd: number, prefix: number) {
    this.#directory = directory
    this.#from = from
    this.#nameEnd = nameEnd
    this.#extraEnd = extraEnd
    this.#prefix = prefix
    this.name = nameIn(directory, from + header.bytes, nameEnd, (this.#flags & flag.utf8) !== 0)
  }
  get #flags() {
    return this.#directory.readUInt16LE(this.#from + 8)
  }
  get #slashed() {
    return this.name.includes('\\') ? this.name.replaceAll('\\', '/') : this.name
  }
  get #sizes() {
    const told = {
      packedSize: this.#directory.readUInt32LE(this.#from + 20),
      size: this.#directory.readUInt32LE(this.#from + 24),
      at: this.#directory.readUInt32LE(this.#from + 42),
    }
    const wide = told.packedSize === full32 || told.size === full32 || told.at === full32
    return wide ? widened(told, this.#directory.subarray(this.#nameEnd, this.#extraEnd)) : told
  }
  get path() {
    return cleanPath(this.#slashed) || undefined
  }
  get isFolder() {
    return this.#slashed.endsWith('/')
  }
  get unixMode() {
    return unixHosts.has(this.#directory[this.#from + 5]!) ? this.#directory.readUInt16LE(this.#from + 40) : undefined
  }
  get size() {
    return this.#sizes.size
  }
  get packedSize() {
    return this.#sizes.packedSize
  }
  get method() {
    return this.#directory.readUInt16LE(this.#from + 10)
  }
  get encrypted() {
    return (this.#flags & (flag.encrypted | flag.hidden)) !== 0
  }
  get crc() {
    return this.#directory.readUInt32LE(this.#from + 16)
  }
  get at() {
    return this.#prefix + this.#sizes.at
  }
}

/** Names are UTF-8 where flagged, and commonly where not. */
function nameIn(directory: Buffer, from: number, to: number, isUtf8: boolean): string {
  const name = directory.toString('utf8', from, to)
  return isUtf8 || !name.includes('\ufffd') ? name : directory.toString('latin1', from, to)
}

/** Section 4.5.3: numbers that are all ones stand in the extra field, in this order. */
function widened(told: Pick<ZipEntry, 'size' | 'packedSize' | 'at'>, extra: Buffer): Pick<ZipEntry, 'size' | 'packedSize' | 'at'> {
  for (let from = 0; from + 4 <= extra.length; from += 4 + extra.readUInt16LE(from + 2)) {
    if (extra.readUInt16LE(from) !== zip64Field) continue
    const field = extra.subarray(from + 4, from + 4 + extra.readUInt16LE(from + 2))
    let used = 0
    const wide = (number: number) => {
      if (number !== full32 || used + 8 > field.length) return number
      used += 8
      return Number(field.readBigUInt64LE(used - 8))
    }
    const size = wide(told.size)
    const packedSize = wide(told.packedSize)
    return { size, packedSize, at: wide(told.at) }
  }
  return told
}

function check({ name, size, packedSize, encrypted, method }: ZipEntry, limits: ZipLimits): void {
  const entry = `entry ${quoted(name)}`
  if (encrypted) throw damaged(`${entry} is encrypted`)
  if (method !== stored && method !== deflated) throw damaged(`${entry} is packed by unknown method ${method}`)
  if (size > limits.entryBytes) throw damaged(`${entry} unpacks to ${size} bytes, at most ${limits.entryBytes} are read`)
  if (size > manyBytes && size > packedSize * limits.ratio) throw damaged(`${entry} unpacks more than ${limits.ratio} to 1`)
}

/** Sizes are the directory's: the local header need not know them yet (section 4.3.9). */
async function packed({ name, at, packedSize }: ZipEntry, source: ZipSource): Promise<Buffer> {
  const local = await source.read(at, localHeader.bytes)
  if (local.readUInt32LE(0) !== localHeader.signature) throw damaged(`entry ${quoted(name)} has no local header`)
  const skip = local.readUInt16LE(localHeader.nameLength) + local.readUInt16LE(localHeader.extraLength)
  return source.read(at + localHeader.bytes + skip, packedSize)
}

async function unpack({ name, method, size, crc }: ZipEntry, bytes: Buffer): Promise<Buffer> {
  const whole =
    method === stored
      ? bytes
      : await inflated(bytes, size).catch((thrown: unknown) => {
          throw isPastLimit(thrown) ? damaged(`entry ${quoted(name)} has more than the ${size} bytes its directory says`) : thrown
        })
  if (whole.length !== size) throw damaged(`entry ${quoted(name)} has ${whole.length} bytes, its directory says ${size}`)
  if (crc32(whole) !== crc) throw damaged(`entry ${quoted(name)} does not have its checksum`)
  return whole
}

const inflatedElsewhere = promisify(inflateRaw) as (bytes: Buffer, options: { maxOutputLength: number }) => Promise<Buffer>

async function inflated(bytes: Buffer, size: number): Promise<Buffer> {
  const options = { maxOutputLength: Math.max(1, size) }
  return size < longWork ? inflateRawSync(bytes, options) : await inflatedElsewhere(bytes, options)
}
