import { promisify } from 'node:util'
import { inflate } from 'node:zlib'
import { AppError } from '../../model/errors.ts'
import { cachedReader, checkPlace, type BlockReader } from './block-reader.ts'
import { boundedMap } from './bounded-map.ts'

const unpack = promisify(inflate)
const SECTOR = 512
/** Bytes of unpacked grains kept. */
const UNPACKED = 16 << 20
/** Bytes of a descriptor read; real ones take some hundred. */
const DESCRIPTOR = 1 << 16

/** Opens a file that a descriptor names. */
export type OpenExtent = (name: string) => Promise<BlockReader>

export const isVmdk = (head: Buffer): boolean =>
  head.toString('latin1', 0, 4) === 'KDMV' || /^# *Disk DescriptorFile/.test(head.toString('latin1', 0, 64))

/** The disk in a VMDK: sparse in one file, packed for streams, or in the files that a descriptor names. Follows VMware's Virtual Disk Format 5.0. */
export async function openVmdk(file: BlockReader, openExtent: OpenExtent): Promise<BlockReader> {
  const head = await file.read(0, Math.min(SECTOR, file.size))
  if (head.toString('latin1', 0, 4) === 'KDMV') return await sparse(file)
  const text = (await file.read(0, Math.min(DESCRIPTOR, file.size))).toString('utf8')
  refuseParent(text)
  const extents: BlockReader[] = []
  for (const line of text.split('\n')) {
    const [, access, sectors, kind, name, offset] =
      /^(RW|RDONLY|NOACCESS) (\d{1,15}) ([A-Z]+)(?: "([^"]*)")?(?: (\d{1,15}))?/.exec(line.trim()) ?? []
    if (kind === undefined) continue
    if (extents.length >= 4096) throw new AppError('invalid', 'a VMDK descriptor that names more than 4096 files')
    const size = Number(sectors) * SECTOR
    if (access === 'NOACCESS' || kind === 'ZERO') extents.push({ size, read: async (_, length) => Buffer.alloc(length) })
    else if (name === undefined) throw new AppError('invalid', 'a VMDK descriptor with an extent of no name')
    else if (kind === 'FLAT' || kind === 'VMFS') extents.push(cut(await openExtent(name), Number(offset ?? 0) * SECTOR, size, name))
    else if (kind === 'SPARSE') extents.push(cut(await sparse(await openExtent(name)), 0, size, name))
    else throw new AppError('unsupported', `a VMDK with extents of kind ${kind}: expected FLAT, SPARSE, VMFS or ZERO`)
  }
  if (extents.length === 0) throw new AppError('invalid', 'a VMDK descriptor that names no extent')
  return joined(extents)
}

function refuseParent(descriptor: string): void {
  const parent = /^parentCID *= *([0-9a-f]+)/im.exec(descriptor)?.[1]
  if (parent !== undefined && parent.toLowerCase() !== 'ffffffff')
    throw new AppError(
      'unsupported',
      'the VMDK holds only what changed since a snapshot, and the disk below it is not read: consolidate it first',
    )
}

function cut(reader: BlockReader, offset: number, size: number, named: string): BlockReader {
  if (offset + size > reader.size)
    throw new AppError('invalid', `${named} is shorter than the descriptor says: expected ${offset + size} bytes, got ${reader.size}`)
  return { size, read: (at, length) => reader.read(offset + at, length) }
}

/** One after the other. */
function joined(extents: readonly BlockReader[]): BlockReader {
  const size = extents.reduce((sum, extent) => sum + extent.size, 0)
  return {
    size,
    async read(offset, length) {
      checkPlace('the disk in the VMDK', size, offset, length)
      const bytes: Buffer[] = []
      let begin = 0
      for (const extent of extents) {
        const from = Math.max(offset, begin)
        const to = Math.min(offset + length, begin + extent.size)
        if (to > from) bytes.push(await extent.read(from - begin, to - from))
        begin += extent.size
      }
      return bytes.length === 1 ? bytes[0]! : Buffer.concat(bytes)
    },
  }
}

type Sparse = {
  readonly size: number
  readonly grain: number
  readonly perTable: number
  readonly tables: number
  readonly packed: boolean
  readonly zeroGrains: boolean
}

const number64 = (bytes: Buffer, at: number): number => bytes.readUInt32LE(at) + bytes.readUInt32LE(at + 4) * 2 ** 32
const AT_END = 0xffffffff * 2 ** 32 + 0xffffffff

async function sparse(file: BlockReader): Promise<BlockReader> {
  let head = await file.read(0, SECTOR)
  if (head.toString('latin1', 0, 4) !== 'KDMV') throw new AppError('unsupported', 'expected a sparse extent of a VMDK, got something else')
  const [descriptorAt, descriptorSize] = [number64(head, 28) * SECTOR, number64(head, 36) * SECTOR]
  if (descriptorAt > 0 && descriptorSize > 0 && descriptorAt < file.size)
    refuseParent((await file.read(descriptorAt, Math.min(descriptorSize, DESCRIPTOR, file.size - descriptorAt))).toString('utf8'))
  // Written as a stream: where the tables lie was known only at the end.
  if (number64(head, 56) === AT_END) {
    if (file.size < 3 * SECTOR) throw odd('tables at its end, and has none')
    head = await file.read(file.size - 2 * SECTOR, SECTOR)
    if (head.toString('latin1', 0, 4) !== 'KDMV') throw new AppError('invalid', 'the VMDK has no footer: it was cut short')
  }
  const flags = head.readUInt32LE(8)
  const [capacity, grain, perTable] = [number64(head, 12), number64(head, 20) * SECTOR, head.readUInt32LE(44)]
  if (grain < SECTOR || grain > 1 << 21 || (grain & (grain - 1)) !== 0) throw odd(`grains of ${grain} bytes`)
  if (perTable === 0 || perTable > 1 << 16) throw odd(`tables of ${perTable} grains`)
  const packed = (flags & 0x10000) !== 0
  if (packed && head.readUInt16LE(77) !== 1)
    throw new AppError('unsupported', `a VMDK with compression ${head.readUInt16LE(77)}: expected 1 (deflate)`)
  const size = capacity * SECTOR
  if (!Number.isSafeInteger(size)) throw odd(`a disk of ${capacity} sectors`)
  return grains(file, { size, grain, perTable, tables: number64(head, 56) * SECTOR, packed, zeroGrains: (flags & 4) !== 0 })
}

function grains(file: BlockReader, { size, grain, perTable, tables, packed, zeroGrains }: Sparse): BlockReader {
  const cached = cachedReader(file, 'the VMDK')
  const unpacked = boundedMap<number, Promise<Buffer>>(UNPACKED, () => grain)
  const entry = async (at: number) => (await cached.read(at, 4)).readUInt32LE(0)
  /** Byte at which a grain begins; undefined: it reads as zeros. */
  const placeOf = async (index: number) => {
    const table = await entry(tables + Math.floor(index / perTable) * 4)
    const sector = table === 0 ? 0 : await entry(table * SECTOR + (index % perTable) * 4)
    return sector === 0 || (sector === 1 && zeroGrains) ? undefined : sector * SECTOR
  }
  const wholeOf = (at: number) => {
    let whole = unpacked.get(at)
    if (whole === undefined) {
      whole = unpackGrain(file, at, grain)
      unpacked.set(at, whole)
      whole.catch(() => unpacked.delete(at))
    }
    return whole
  }
  return {
    size,
    async read(offset, length) {
      checkPlace('the disk in the VMDK', size, offset, length)
      const bytes = Buffer.alloc(length)
      let waiting: { at: number; to: number; length: number } | undefined
      const flush = async () => {
        if (waiting !== undefined) (await file.read(waiting.at, waiting.length)).copy(bytes, waiting.to)
        waiting = undefined
      }
      for (let done = 0; done < length; ) {
        const inside = (offset + done) % grain
        const part = Math.min(length - done, grain - inside)
        const place = await placeOf(Math.floor((offset + done) / grain))
        if (place !== undefined && packed) (await wholeOf(place)).copy(bytes, done, inside, inside + part)
        else if (
          place !== undefined &&
          waiting !== undefined &&
          waiting.at + waiting.length === place + inside &&
          waiting.to + waiting.length === done
        )
          waiting.length += part
        else if (place !== undefined) {
          await flush()
          waiting = { at: place + inside, to: done, length: part }
        }
        done += part
      }
      await flush()
      return bytes
    },
  }
}

/** A packed grain: its number, the length of what is packed, and that. */
async function unpackGrain(file: BlockReader, at: number, grain: number): Promise<Buffer> {
  const length = (await file.read(at + 8, 4)).readUInt32LE(0)
  if (length <= grain * 2 + SECTOR) {
    try {
      const bytes = await unpack(await file.read(at + 12, length), { maxOutputLength: grain })
      // The last one of a disk may be shorter.
      return bytes.length === grain ? bytes : Buffer.concat([bytes, Buffer.alloc(grain - bytes.length)])
    } catch {
      // Told below.
    }
  }
  throw new AppError('invalid', `a packed grain of the VMDK at byte ${at} is damaged`)
}

const odd = (what: string) => new AppError('invalid', `a VMDK that says ${what}`)
