import { AppError } from '../../model/errors.ts'
import type { BlockReader } from './block-reader.ts'
import { crc32c } from './crc32c.ts'
import { fieldText, uuidText } from './file-system.ts'

/** What the superblock tells, as far as reading needs it, and how numbers become places. */
export type XfsSuper = {
  readonly uuid: string
  readonly label: string
  readonly blockSize: number
  readonly folderBlock: number
  readonly inodeSize: number
  readonly top: number
  /** Version 5: metadata has checksums, and says whose it is by this id. */
  readonly checked: Buffer | undefined
  readonly typedEntries: boolean
  readonly doubts: readonly string[]
  /** Byte at which a block lies, by the number that extents give it. */
  blockAt(block: number): number
  /** Byte at which an inode lies; undefined: no such inode. */
  inodeAt(id: number): number | undefined
}

/** Incompatible features up to parent pointers: only the types in folders and large extent counters change what is read here. */
const read = 0xff
const needsRepair = 0x10
const nothing = Buffer.alloc(4)

/** Whether a block of metadata has its checksum, which lies at `at`. */
export const hasXfsChecksum = (block: Buffer, at: number): boolean =>
  ~[block.subarray(0, at), nothing, block.subarray(at + 4)].reduce(crc32c, ~0) >>> 0 === block.readUInt32LE(at)

/** A number of eight bytes, the highest first. Past 2^53 it is not exact: no such place exists on a disk. */
export const u64 = (bytes: Buffer, at: number): number => bytes.readUInt32BE(at) * 2 ** 32 + bytes.readUInt32BE(at + 4)

/** The superblock of an XFS volume; undefined: it is none. Follows "XFS Algorithms & Data Structures", 3rd edition. */
export async function readXfsSuper(volume: BlockReader): Promise<XfsSuper | undefined> {
  if (volume.size < 4096) return undefined
  const bytes = await volume.read(0, 512)
  if (bytes.toString('latin1', 0, 4) !== 'XFSB') return undefined
  const version = bytes.readUInt16BE(100) & 0xf
  if (version !== 4 && version !== 5) throw new AppError('unsupported', `XFS of version ${version}: expected 4 or 5`)
  const [sector, blockSize, inodeSize] = [bytes.readUInt16BE(102), bytes.readUInt32BE(4), bytes.readUInt16BE(104)]
  const [blocks, groupBlocks, groups] = [u64(bytes, 8), bytes.readUInt32BE(84), bytes.readUInt32BE(88)]
  const [blockLog, inodesLog, groupLog, folderLog] = [120, 123, 124, 192].map((at) => bytes.readUInt8(at)) as [
    number,
    number,
    number,
    number,
  ]
  if (sector < 512 || sector > 32768 || (sector & (sector - 1)) !== 0) throw odd(`sectors of ${sector} bytes`)
  const checked = version === 5
  if (checked && !hasXfsChecksum(await volume.read(0, sector), 224))
    throw new AppError('invalid', 'the superblock does not have its checksum')
  if (blockLog < 9 || blockLog > 16 || blockSize !== 2 ** blockLog) throw odd(`blocks of ${blockSize} bytes`)
  if (inodeSize < 256 || inodeSize > 2048 || inodeSize * 2 ** inodesLog !== blockSize) throw odd(`inodes of ${inodeSize} bytes`)
  if (folderLog > 7 || blockLog + folderLog > 16) throw odd(`blocks of folders of 2^${blockLog + folderLog} bytes`)
  if (groupLog > 32 || groupBlocks === 0 || groupBlocks > 2 ** groupLog) throw odd(`groups of ${groupBlocks} blocks`)
  if (groups === 0 || blocks > groups * groupBlocks) throw odd(`${blocks} blocks in ${groups} groups`)
  const incompatible = checked ? bytes.readUInt32BE(216) : 0
  if ((incompatible & ~read) !== 0)
    throw new AppError('unsupported', `XFS with features nobody reads here: 0x${((incompatible & ~read) >>> 0).toString(16)}`)
  const more = (bytes.readUInt16BE(100) & 0x8000) !== 0 ? bytes.readUInt32BE(200) : 0
  const group = 2 ** groupLog
  const place = (number: number, perGroup: number) => [Math.floor(number / perGroup), number % perGroup] as const
  const blockAt = (block: number) => {
    const [ag, inside] = place(block, group)
    if (ag >= groups || inside >= groupBlocks) throw new AppError('invalid', `block ${block} lies outside of the file system`)
    return (ag * groupBlocks + inside) * blockSize
  }
  const clean = await wasUnmounted(volume, bytes, blockAt)
  return {
    uuid: uuidText(bytes.subarray(32, 48)),
    label: fieldText(bytes.subarray(108, 120)),
    blockSize,
    folderBlock: blockSize * 2 ** folderLog,
    inodeSize,
    top: u64(bytes, 56),
    checked: checked ? bytes.subarray(...((incompatible & 4) !== 0 ? [248, 264] : [32, 48])) : undefined,
    typedEntries: checked ? (incompatible & 1) !== 0 : (more & 0x200) !== 0,
    doubts: [
      ...(blocks * blockSize > volume.size
        ? [`the file system has ${blocks * blockSize} bytes, the volume ${volume.size}: what lies past its end cannot be read`]
        : []),
      ...(clean ? [] : ['it was not unmounted: what was written last may still wait in the journal, which is not read']),
      ...((incompatible & needsRepair) !== 0 ? ['it is marked as in need of repair'] : []),
    ],
    blockAt,
    inodeAt(id) {
      const [ag, inside] = place(id, group * 2 ** inodesLog)
      const [block, index] = place(inside, 2 ** inodesLog)
      return ag >= groups || block >= groupBlocks ? undefined : (ag * groupBlocks + block) * blockSize + index * inodeSize
    },
  }
}

/**
 * Whether the newest record of the journal says that the file system was unmounted. Each sector of the journal begins with the
 * number of the round it was written in: where that number falls, the newest record ends.
 */
async function wasUnmounted(volume: BlockReader, head: Buffer, blockAt: (block: number) => number): Promise<boolean> {
  const [start, sectors] = [u64(head, 48), (head.readUInt32BE(96) * head.readUInt32BE(4)) / 512]
  if (start === 0 || sectors < 2) return false
  const at = blockAt(start)
  const read = (sector: number, count = 1) => volume.read(at + sector * 512, count * 512)
  const isHead = (sector: Buffer) => sector.readUInt32BE(0) === 0xfeedbabe
  const roundOf = async (number: number) => {
    const sector = await read(number)
    return sector.readUInt32BE(isHead(sector) ? 4 : 0)
  }
  try {
    const first = await roundOf(0)
    let [low, high] = [0, sectors]
    while (high - low > 1) {
      const middle = (low + high) >> 1
      if ((await roundOf(middle)) === first) low = middle
      else high = middle
    }
    // The record of an unmount is the shortest there is: a header of one or more sectors, and one operation.
    for (let number = high - 1; number >= Math.max(0, high - 16); number--) {
      const record = await read(number)
      if (!isHead(record)) continue
      const headers = Math.max(1, Math.ceil(record.readUInt32BE(320) / 32768))
      if (record.readUInt32BE(40) !== 1 || number + headers >= sectors) return false
      return ((await read(number + headers)).readUInt8(9) & 0x20) !== 0
    }
    return false
  } catch {
    return false
  }
}

const odd = (what: string) => new AppError('invalid', `the superblock of an XFS file system says ${what}`)
