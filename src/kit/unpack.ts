import { pipeline, type Transform } from 'node:stream'
import { createGunzip, createZstdDecompress } from 'node:zlib'
import { AppError, reasonOf } from '../model/errors.ts'
import { limits as defaults, type Limits } from './limits.ts'
import { cutAtFrames } from './zstd-frames.ts'

export type Compression = 'none' | 'gzip' | 'zstd'

/** Bytes read, hashed and inflated at a time: large enough that the cost of a step does not show. */
export const CHUNK = 1 << 18

/** By the first bytes: gzip (RFC 1952), zstd frame or skippable frame (RFC 8878). */
export function compressionOf(head: Uint8Array): Compression {
  const [a, b, c, d] = head
  if (a === 0x1f && b === 0x8b) return 'gzip'
  if (a === 0x28 && b === 0xb5 && c === 0x2f && d === 0xfd) return 'zstd'
  if (a !== undefined && a >> 4 === 5 && b === 0x2a && c === 0x4d && d === 0x18) return 'zstd'
  return 'none'
}

/** Bytes at the beginning of a file that tell a format that nobody here reads. */
export const FORMAT_HEAD = 10

const unreadFormats: readonly (readonly [start: string, name: string])[] = [
  ['BZh', 'bzip2'],
  ['\xfd7zXZ\0', 'xz'],
  ['7z\xbc\xaf\x27\x1c', '7z'],
  ['Rar!\x1a\x07', 'RAR'],
  ['\x04\x22\x4d\x18', 'lz4'],
  ['LZIP\x01', 'lzip'],
  ['\x1f\x9d', 'compress'],
]

/** By its first bytes, the name of a packed format that is not read; undefined: none of those. */
export function unreadFormat(head: Uint8Array): string | undefined {
  const text = Buffer.from(head).toString('latin1')
  const name = unreadFormats.find(([start]) => text.startsWith(start))?.[1]
  // An archive may begin with a file of that name; bzip2 goes on with a level and the mark of a block or of the end.
  const marked = /^[1-9]$/.test(text.charAt(3)) && ['1AY&SY', '\x17rE8P\x90'].some((mark) => text.startsWith(mark, 4))
  return name === 'bzip2' && !marked ? undefined : name
}

/**
 * The uncompressed bytes. The pieces of a compressed source are used up: see `release`. Ends with AppError `invalid` for broken data, and
 * past the limits on size and ratio.
 */
export async function* unpack(
  source: AsyncIterable<Uint8Array>,
  compression: Compression,
  named: string,
  limits: Limits = defaults,
): AsyncIterable<Uint8Array> {
  let packed = 0
  let unpacked = 0
  const counted = count(source, (bytes) => {
    packed += bytes
  })
  for await (const chunk of compression === 'none' ? counted : inflate(counted, compression, named)) {
    unpacked += chunk.length
    if (unpacked > limits.unpackedBytes)
      throw new AppError('invalid', `${named} unpacks to more than ${limits.unpackedBytes} bytes: not read further`)
    if (unpacked > limits.ratioFromBytes && unpacked > packed * limits.ratio)
      throw new AppError(
        'invalid',
        `${named} unpacks to more than ${limits.ratio} times its size (${packed} to ${unpacked} bytes): a decompression bomb?`,
      )
    yield chunk
  }
}

/**
 * Gives the memory of a large piece that nobody holds any more back at once. Left to the collector, an image's gigabytes make it run a
 * hundred times. A smaller piece may be part of what others use; the end of a buffer is the last that was cut from it.
 */
export function release({ buffer, byteOffset, byteLength }: Uint8Array): void {
  if (buffer instanceof ArrayBuffer && buffer.byteLength >= CHUNK && byteOffset + byteLength === buffer.byteLength) buffer.transfer(0)
}

async function* count(source: AsyncIterable<Uint8Array>, tell: (bytes: number) => void): AsyncIterable<Uint8Array> {
  for await (const chunk of source) {
    tell(chunk.length)
    yield chunk
  }
}

async function* inflate(source: AsyncIterable<Uint8Array>, compression: 'gzip' | 'zstd', named: string): AsyncIterable<Uint8Array> {
  const inflater: Transform = compression === 'gzip' ? createGunzip({ chunkSize: CHUNK }) : createZstdDecompress({ chunkSize: CHUNK })
  // What the source throws reaches us through the stream as it is; zlib's own errors are put into words.
  let cut: AppError | undefined
  const pieces = compression === 'zstd' ? cutAtFrames(source, named, (why) => (cut = why)) : source
  const stream = pipeline(ahead(pieces), inflater, () => {})
  try {
    for await (const chunk of stream) yield chunk
    // Not before what was given is unpacked: which of two reasons is told must not depend on who is faster.
    if (cut !== undefined) throw cut
  } catch (thrown) {
    if (thrown instanceof AppError || !isZlib(thrown)) throw thrown
    throw new AppError('invalid', `${named} is not whole ${compression} data: ${reasonOf(thrown)}`, { cause: thrown })
  }
}

/** Whether zlib stopped at `maxOutputLength`, which it says in words of its own memory. */
export const isPastLimit = (thrown: unknown): boolean => (thrown as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE'

/**
 * The same pieces, the next of which is being read while one is inflated. A piece that can be released fills the stream it is written
 * to: the next is asked for when it was taken in.
 */
async function* ahead(source: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  const pieces = source[Symbol.asyncIterator]()
  try {
    let reading = pieces.next()
    for (let piece = await reading; !piece.done; piece = await reading) {
      reading = pieces.next()
      // It is told when its turn comes; if that does not come, nobody asks.
      reading.catch(() => {})
      yield piece.value
      release(piece.value)
    }
  } finally {
    await pieces.return?.()
  }
}

const isZlib = (thrown: unknown): boolean =>
  /^(?:Z_|ZSTD_|ERR_ZSTD|ERR_STREAM_PREMATURE_CLOSE)/.test((thrown as NodeJS.ErrnoException).code ?? '')
