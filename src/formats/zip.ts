import type { FileHandle } from 'node:fs/promises'
import { open } from 'node:fs/promises'
import { crc32, inflateRawSync } from 'node:zlib'
import type { Entry } from 'yauzl'
import { fromRandomAccessReaderPromise, RandomAccessReader } from 'yauzl'
import { AppError, reasonOf } from '../model/errors.ts'

/** Bounds of an archive; one that passes any of them is refused. */
export type ZipLimits = {
  readonly entries: number
  /** Unpacked bytes of one entry, and of all. */
  readonly entryBytes: number
  readonly totalBytes: number
  /** Unpacked over packed size, of one entry above 64 KiB and of all (entries may overlap): text packs 20 to 1, a bomb 1000 to 1. */
  readonly ratio: number
}
export type ZipEntry = { readonly name: string; readonly bytes: Buffer }

export const zipLimits: ZipLimits = { entries: 1_000_000, entryBytes: 16 * 2 ** 20, totalBytes: 4 * 2 ** 30, ratio: 250 }

const [stored, deflated] = [0, 8]
const windowBytes = 1 << 18
const manyBytes = 65_536
const localHeader = { signature: 0x04034b50, bytes: 30, nameLength: 26, extraLength: 28 }

/**
 * Entries of a zip archive in the order of its central directory, unpacked whole, one in memory at a time. Names must be
 * plain file names: no folder, no way up. Throws AppError `invalid` on anything truncated, damaged, encrypted or too big.
 */
export async function* readZip(path: string, limits: ZipLimits = zipLimits): AsyncGenerator<ZipEntry> {
  let file: FileHandle | undefined
  try {
    file = await open(path, 'r')
    const { size } = await file.stat()
    const directory = new WindowReader(file, size)
    const content = new Window(file, size)
    const zip = await fromRandomAccessReaderPromise(directory, size, { autoClose: false, lazyEntries: true })
    if (zip.entryCount > limits.entries) throw damaged(`holds ${zip.entryCount} entries, at most ${limits.entries} are read`)
    let total = 0
    for await (const entry of zip.eachEntry()) {
      const name = entry.fileName
      if (/[/\\\0]/.test(name) || name === '' || name === '.' || name === '..')
        throw damaged(`entry ${quoted(name)} is not a plain file name`)
      total += entry.uncompressedSize
      if (total > limits.totalBytes) throw damaged(`unpacks to more than ${limits.totalBytes} bytes`)
      if (total > manyBytes && total > size * limits.ratio) throw damaged(`unpacks more than ${limits.ratio} to 1`)
      yield { name, bytes: unpack(entry, await packed(entry, content), limits) }
    }
  } catch (thrown) {
    throw new AppError('invalid', `zip archive ${path}: ${reasonOf(thrown)}`, { cause: thrown })
  } finally {
    await file?.close()
  }
}

function damaged(reason: string): AppError {
  return new AppError('invalid', reason)
}

function quoted(name: string): string {
  return JSON.stringify(name.slice(0, 100))
}

async function packed(entry: Entry, content: Window): Promise<Buffer> {
  const at = entry.relativeOffsetOfLocalHeader
  const header = await content.read(at, localHeader.bytes)
  if (header.readUInt32LE(0) !== localHeader.signature) throw damaged(`entry ${quoted(entry.fileName)} has no local header`)
  const skip = header.readUInt16LE(localHeader.nameLength) + header.readUInt16LE(localHeader.extraLength)
  return content.read(at + localHeader.bytes + skip, entry.compressedSize)
}

function unpack(entry: Entry, bytes: Buffer, limits: ZipLimits): Buffer {
  const { uncompressedSize: size, compressedSize } = entry
  const name = quoted(entry.fileName)
  if (entry.isEncrypted()) throw damaged(`entry ${name} is encrypted`)
  if (size > limits.entryBytes) throw damaged(`entry ${name} unpacks to ${size} bytes, at most ${limits.entryBytes} are read`)
  if (size > manyBytes && size > compressedSize * limits.ratio) throw damaged(`entry ${name} unpacks more than ${limits.ratio} to 1`)
  const whole = contentOf(entry, bytes, name)
  if (whole.length !== size) throw damaged(`entry ${name} has ${whole.length} bytes, its directory says ${size}`)
  if (crc32(whole) !== entry.crc32) throw damaged(`entry ${name} does not have its checksum`)
  return whole
}

function contentOf(entry: Entry, bytes: Buffer, name: string): Buffer {
  if (entry.compressionMethod === stored) return Buffer.from(bytes)
  if (entry.compressionMethod !== deflated) throw damaged(`entry ${name} is packed by unknown method ${entry.compressionMethod}`)
  return inflateRawSync(bytes, { maxOutputLength: Math.max(1, entry.uncompressedSize) })
}

/** A piece of the file held in memory: small entries lie side by side, so one read serves hundreds. */
class Window {
  readonly #file: FileHandle
  readonly #size: number
  #held = Buffer.alloc(0)
  #from = 0
  constructor(file: FileHandle, size: number) {
    this.#file = file
    this.#size = size
  }

  /** Valid until the next read. */
  async read(at: number, length: number): Promise<Buffer> {
    if (at < 0 || length < 0 || at + length > this.#size) throw damaged(`is cut off: ${at + length} bytes expected, ${this.#size} there`)
    if (at < this.#from || at + length > this.#from + this.#held.length) await this.#fill(at, length)
    return this.#held.subarray(at - this.#from, at - this.#from + length)
  }

  async #fill(at: number, length: number): Promise<void> {
    const want = Math.min(Math.max(length, windowBytes), this.#size - at)
    const buffer = Buffer.allocUnsafe(want)
    let have = 0
    while (have < want) {
      const { bytesRead } = await this.#file.read(buffer, have, want - have, at + have)
      if (bytesRead === 0) throw damaged('became shorter while it was read')
      have += bytesRead
    }
    this.#held = buffer
    this.#from = at
  }
}

/** yauzl asks for the central directory in pieces of some fifty bytes; this answers them from memory. */
class WindowReader extends RandomAccessReader {
  readonly #window: Window
  constructor(file: FileHandle, size: number) {
    super()
    this.#window = new Window(file, size)
  }

  override _readStreamForRange(): never {
    throw new Error('entries are not streamed')
  }

  override read(buffer: Buffer, offset: number, length: number, position: number, done: (error: Error | null) => void): void {
    this.#window.read(position, length).then(
      (bytes) => {
        bytes.copy(buffer, offset)
        done(null)
      },
      (thrown: Error) => done(thrown),
    )
  }
}
