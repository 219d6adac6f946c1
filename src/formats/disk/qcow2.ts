import { Readable } from 'node:stream'
import { promisify } from 'node:util'
import { inflateRaw, zstdDecompress } from 'node:zlib'
import { cutAtFrames } from '../../kit/zstd-frames.ts'
import { AppError } from '../../model/errors.ts'
import { cachedReader, checkPlace, type BlockReader } from './block-reader.ts'
import { boundedMap } from './bounded-map.ts'

const [inflate, unpackZstd] = [promisify(inflateRaw), promisify(zstdDecompress)]
const unpackers = {
  deflate: inflate,
  // The rest of the last sector is no part of the frame, and is not taken for one.
  zstd: async (bytes: Buffer, limit: { readonly maxOutputLength: number }) => await unpackZstd(await firstFrame(bytes), limit),
}

/** A qcow2 image and the disk below it, of which it holds only what was changed. */
export type Qcow2 = { readonly disk: BlockReader; readonly doubts: readonly string[] }
/** Opens the image that another names; `format` where that one says it. */
export type OpenBacking = (name: string, format: string | undefined) => Promise<BlockReader>

export const isQcow2 = (head: Buffer): boolean => head.toString('latin1', 0, 4) === 'QFI\xfb'

type Head = {
  readonly clusterBits: number
  readonly size: number
  readonly firstTable: number
  readonly firstEntries: number
  readonly compression: 'deflate' | 'zstd'
  /** An entry for each cluster has a second half, of 32 parts. */
  readonly parts: boolean
  readonly doubts: readonly string[]
  readonly backing: { readonly name: string; readonly format?: string } | undefined
}

/** Bytes of unpacked clusters kept. */
const UNPACKED = 16 << 20

/** The disk in a qcow2 image of version 2 or 3, as QEMU's docs/interop/qcow2.txt describes it. */
export async function openQcow2(file: BlockReader, openBacking: OpenBacking): Promise<Qcow2> {
  const tables = cachedReader(file, 'the qcow2 image')
  const head = await readHead(tables)
  const below = head.backing && (await openBacking(head.backing.name, head.backing.format))
  const cluster = 2 ** head.clusterBits
  const unpacked = boundedMap<number, Promise<Buffer>>(UNPACKED, () => cluster)
  const pieceAt = pieces(tables, head)
  const readPiece = async ({ is, at, length, word = 0n }: Stretch, offset: number): Promise<Buffer> => {
    if (is === 'stored') return await file.read(at, length)
    if (is === 'zeros' || (is === 'below' && below === undefined)) return Buffer.alloc(length)
    if (is === 'below') return await orZeros(below!, offset, length)
    const start = Math.floor(offset / cluster) * cluster
    let whole = unpacked.get(start)
    if (whole === undefined) {
      whole = unpack(file, head, word)
      unpacked.set(start, whole)
      whole.catch(() => unpacked.delete(start))
    }
    return (await whole).subarray(offset - start, offset - start + length)
  }
  return {
    doubts: head.doubts,
    disk: {
      size: head.size,
      async read(offset, length) {
        checkPlace('the disk in the qcow2 image', head.size, offset, length)
        const bytes: Buffer[] = []
        for (let at = offset; at < offset + length; ) {
          const piece = await longest(pieceAt, at, offset + length - at)
          bytes.push(await readPiece(piece, at))
          at += piece.length
        }
        return bytes.length === 1 ? bytes[0]! : Buffer.concat(bytes)
      },
    },
  }
}

/** A stretch of the disk that lies together: in the image, packed in it (as `word` tells), in the image below, or nowhere. */
type Stretch = {
  readonly is: 'stored' | 'packed' | 'below' | 'zeros'
  readonly at: number
  readonly length: number
  readonly word?: bigint
}
type PieceAt = (offset: number, length: number) => Promise<Stretch>

/** Neighbours that lie together are read in one go. */
async function longest(pieceAt: PieceAt, offset: number, length: number): Promise<Stretch> {
  let found = await pieceAt(offset, length)
  while (found.is !== 'packed' && found.length < length) {
    const next = await pieceAt(offset + found.length, length - found.length)
    if (next.is !== found.is || (next.is === 'stored' && next.at !== found.at + found.length)) break
    found = { ...found, length: found.length + next.length }
  }
  return found
}

/** Bits 9 to 55 of an entry: where a table or a cluster begins. */
const PLACE = 0x00ff_ffff_ffff_fe00n

function pieces(tables: BlockReader, { clusterBits, firstTable, firstEntries, parts }: Head): PieceAt {
  const cluster = 2 ** clusterBits
  const entrySize = parts ? 16 : 8
  const perTable = cluster / entrySize
  return async (offset, length) => {
    const index = Math.floor(offset / cluster)
    const inside = offset % cluster
    const first = Math.floor(index / perTable)
    if (first >= firstEntries) throw new AppError('invalid', `the qcow2 image has no table for byte ${offset}`)
    const table = Number((await tables.read(firstTable + first * 8, 8)).readBigUInt64BE(0) & PLACE)
    const whole = { length: Math.min(length, cluster - inside), at: 0 }
    if (table === 0) return { is: 'below', ...whole }
    const entry = await tables.read(table + (index % perTable) * entrySize, entrySize)
    const word = entry.readBigUInt64BE(0)
    // Packed: the whole word tells where, and how long.
    if (((word >> 62n) & 1n) === 1n) return { is: 'packed', ...whole, word }
    const at = Number(word & PLACE) + inside
    if (!parts) {
      if ((word & 1n) === 1n) return { is: 'zeros', ...whole }
      return at === inside ? { is: 'below', ...whole } : { is: 'stored', ...whole, at }
    }
    const size = cluster / 32
    const part = Math.floor(inside / size)
    const [zeros, stored] = [entry.readUInt32BE(8), entry.readUInt32BE(12)].map((bits) => (bits >>> part) & 1)
    return { is: zeros === 1 ? 'zeros' : stored === 1 ? 'stored' : 'below', length: Math.min(length, size - (inside % size)), at }
  }
}

/** A packed cluster: its entry holds the place, and the sectors it takes beside the first. */
async function unpack(file: BlockReader, { clusterBits, compression }: Head, word: bigint): Promise<Buffer> {
  const lengthBit = BigInt(62 - (clusterBits - 8))
  const at = Number(word & ((1n << lengthBit) - 1n))
  const sectors = Number((word & 0x3fff_ffff_ffff_ffffn) >> lengthBit) + 1
  // Counted in sectors from the one it begins in; the last one may be cut at the end of the file.
  const length = Math.min(sectors * 512 - (at % 512), file.size - at)
  const cluster = 2 ** clusterBits
  try {
    const bytes = await unpackers[compression](await file.read(at, Math.max(0, length)), { maxOutputLength: cluster })
    if (bytes.length === cluster) return bytes
  } catch {
    // Told below.
  }
  throw new AppError('invalid', `a packed cluster of the qcow2 image at byte ${at} is damaged`)
}

async function firstFrame(bytes: Buffer): Promise<Uint8Array> {
  for await (const frame of cutAtFrames(Readable.from([bytes]), 'a packed cluster')) return frame
  return bytes
}

/** A disk below may be smaller: what lies past its end is zeros. */
async function orZeros(disk: BlockReader, offset: number, length: number): Promise<Buffer> {
  const there = Math.max(0, Math.min(length, disk.size - offset))
  if (there === length) return await disk.read(offset, length)
  return Buffer.concat([there === 0 ? Buffer.alloc(0) : await disk.read(offset, there), Buffer.alloc(length - there)])
}

const features = { dirty: 1, corrupt: 2, dataFile: 4, compression: 8, parts: 16 }
const known = Object.values(features).reduce((all, bit) => all | bit, 0)

async function readHead(file: BlockReader): Promise<Head> {
  const bytes = await file.read(0, Math.min(4096, file.size))
  if (bytes.length < 104) throw new AppError('invalid', `a qcow2 image of ${bytes.length} bytes`)
  const version = bytes.readUInt32BE(4)
  if (version !== 2 && version !== 3) throw new AppError('unsupported', `qcow2 of version ${version}: expected 2 or 3`)
  const clusterBits = bytes.readUInt32BE(20)
  if (clusterBits < 9 || clusterBits > 21) throw odd(`clusters of 2^${clusterBits} bytes`)
  if (bytes.readUInt32BE(32) !== 0) throw new AppError('unsupported', 'the qcow2 image is encrypted: it cannot be read without its key')
  const wide = version === 3
  const has = wide ? bytes.readUInt32BE(76) : 0
  if (wide && (bytes.readUInt32BE(72) !== 0 || (has & ~known) !== 0))
    throw new AppError('unsupported', 'qcow2 with features nobody reads here')
  if ((has & features.dataFile) !== 0)
    throw new AppError('unsupported', 'the qcow2 image keeps its content in another file, which is not read: convert it with qemu-img')
  const headLength = wide ? bytes.readUInt32BE(100) : 72
  const compression = (has & features.compression) !== 0 && headLength > 104 ? bytes.readUInt8(104) : 0
  if (compression > 1) throw new AppError('unsupported', `qcow2 with compression ${compression}: expected 0 (zlib) or 1 (zstd)`)
  const [size, firstTable] = [Number(bytes.readBigUInt64BE(24)), Number(bytes.readBigUInt64BE(40))]
  if (!Number.isSafeInteger(size) || !Number.isSafeInteger(firstTable)) throw odd(`a disk of ${size} bytes`)
  if ((has & features.parts) !== 0 && clusterBits < 14) throw odd(`parts in clusters of 2^${clusterBits} bytes`)
  return {
    clusterBits,
    size,
    firstTable,
    firstEntries: bytes.readUInt32BE(36),
    compression: compression === 1 ? 'zstd' : 'deflate',
    parts: (has & features.parts) !== 0,
    doubts: (has & features.corrupt) === 0 ? [] : ['the qcow2 image is marked as damaged'],
    backing: await backingOf(file, bytes, headLength),
  }
}

async function backingOf(file: BlockReader, bytes: Buffer, headLength: number): Promise<Head['backing']> {
  const [at, length] = [Number(bytes.readBigUInt64BE(8)), bytes.readUInt32BE(16)]
  if (at === 0) return undefined
  if (length === 0 || length > 1023) throw odd(`a name of ${length} bytes for the image below it`)
  const name = (await file.read(at, length)).toString('utf8')
  // Extensions: a type, a length, content padded to eight bytes.
  for (let next = headLength; next + 8 <= bytes.length; ) {
    const [type, size] = [bytes.readUInt32BE(next), bytes.readUInt32BE(next + 4)]
    if (type === 0 || size > bytes.length) break
    if (type === 0xe2792aca) return { name, format: bytes.toString('latin1', next + 8, next + 8 + size) }
    next += 8 + Math.ceil(size / 8) * 8
  }
  return { name }
}

const odd = (what: string) => new AppError('invalid', `a qcow2 image that says ${what}`)
