import { AppError } from '../../model/errors.ts'
import type { BlockReader } from './block-reader.ts'
import { crc32c } from './crc32c.ts'
import { fieldText, uuidText } from './file-system.ts'

/** What the superblock tells, as far as reading needs it. */
export type ExtSuper = {
  readonly is: 'ext2' | 'ext3' | 'ext4'
  readonly uuid: string
  readonly label: string
  readonly blockSize: number
  readonly blocks: number
  readonly firstBlock: number
  readonly blocksPerGroup: number
  readonly inodes: number
  readonly inodesPerGroup: number
  readonly inodeSize: number
  readonly descriptorSize: number
  /** Groups of descriptors from this one on lie in the groups they describe. */
  readonly firstMetaGroup: number
  readonly hasSuper: (group: number) => boolean
  /** Value that checksums begin with; undefined: this file system has none. */
  readonly seed: number | undefined
  readonly typedEntries: boolean
  readonly doubts: readonly string[]
}

const compat = { journal: 0x4, sparse2: 0x200 }
const incompat = {
  ...{ compression: 0x1, typed: 0x2, recover: 0x4, journalDevice: 0x8, metaGroups: 0x10, extents: 0x40, wide: 0x80, mmp: 0x100 },
  ...{ flexGroups: 0x200, eaInode: 0x400, seed: 0x2000, largeFolders: 0x4000, inline: 0x8000, encrypt: 0x10000, caseFold: 0x20000 },
}
const roCompat = { sparse: 0x1, bigCluster: 0x200, checksums: 0x400 }
/** Anything else changes the layout in a way we do not know. */
const read = Object.values(incompat).reduce((all, bit) => all | bit, 0) & ~(incompat.compression | incompat.journalDevice)

/** The superblock of an ext2, ext3 or ext4 volume; undefined: it is none. Follows fs/ext4 of Linux and e2fsprogs' description of the layout. */
export async function readExtSuper(volume: BlockReader): Promise<ExtSuper | undefined> {
  if (volume.size < 2048) return undefined
  const first = await volume.read(1024, 1024)
  if (first.readUInt16LE(0x38) !== 0xef53) return undefined
  const damage = damageOf(first)
  if (damage === undefined) return superOf(first, volume.size, [])
  const copy = await copyOf(volume, first.subarray(0x68, 0x78))
  if (copy === undefined) throw new AppError('invalid', `${damage}, and no copy of it was found`)
  return superOf(copy, volume.size, [`${damage}: read by a copy of it`])
}

function damageOf(bytes: Buffer): string | undefined {
  if (bytes.readUInt32LE(0x18) > 6) return `the superblock says blocks of 2^${bytes.readUInt32LE(0x18) + 10} bytes`
  if ((bytes.readUInt32LE(0x64) & roCompat.checksums) === 0) return undefined
  return crc32c(~0, bytes.subarray(0, 0x3fc)) === bytes.readUInt32LE(0x3fc) ? undefined : 'the superblock does not have its checksum'
}

/** Groups 1, 3, 5 and 7 hold a copy; how large a group is must be guessed, as `e2fsck` does: a full bitmap of each block size. */
async function copyOf(volume: BlockReader, uuid: Buffer): Promise<Buffer | undefined> {
  for (const block of [4096, 1024, 2048]) {
    for (const group of [1, 3, 5, 7]) {
      const offset = (group * block * 8 + (block === 1024 ? 1 : 0)) * block
      if (offset + 1024 > volume.size) break
      const bytes = await volume.read(offset, 1024)
      if (bytes.readUInt16LE(0x38) === 0xef53 && bytes.subarray(0x68, 0x78).equals(uuid) && damageOf(bytes) === undefined) return bytes
    }
  }
  return undefined
}

function superOf(bytes: Buffer, volumeSize: number, damage: readonly string[]): ExtSuper {
  const modern = bytes.readUInt32LE(0x4c) > 0
  const [compatible, incompatible, readOnly] = modern ? [0x5c, 0x60, 0x64].map((at) => bytes.readUInt32LE(at)) : [0, 0, 0]
  const has = (bits: number | undefined, bit: number) => ((bits ?? 0) & bit) !== 0
  const unknown = (incompatible ?? 0) & ~read
  if (has(unknown, incompat.journalDevice)) throw new AppError('invalid', 'a journal of another file system, not a file system')
  if (unknown !== 0) throw new AppError('unsupported', `ext file system with features nobody reads here: 0x${(unknown >>> 0).toString(16)}`)
  const wide = has(incompatible, incompat.wide)
  const blockSize = 1024 << bytes.readUInt32LE(0x18)
  const inodeSize = modern ? bytes.readUInt16LE(0x58) : 128
  const descriptorSize = wide ? bytes.readUInt16LE(0xfe) : 32
  const uuid = bytes.subarray(0x68, 0x78)
  const head = {
    blockSize,
    blocks: bytes.readUInt32LE(0x4) + (wide ? bytes.readUInt32LE(0x150) * 2 ** 32 : 0),
    firstBlock: bytes.readUInt32LE(0x14),
    blocksPerGroup: bytes.readUInt32LE(0x20),
    inodes: bytes.readUInt32LE(0),
    inodesPerGroup: bytes.readUInt32LE(0x28),
    inodeSize,
    descriptorSize,
  }
  const power = (size: number) => (size & (size - 1)) === 0
  if (!power(inodeSize) || inodeSize < 128 || inodeSize > blockSize) throw odd(`inodes of ${inodeSize} bytes`)
  if (!power(descriptorSize) || descriptorSize < 32 || descriptorSize > blockSize) throw odd(`descriptors of ${descriptorSize} bytes`)
  if (head.blocksPerGroup === 0 || head.inodesPerGroup === 0) throw odd('groups of nothing')
  if (head.inodesPerGroup > blockSize * 8 || head.inodes < 11) throw odd(`${head.inodes} inodes, ${head.inodesPerGroup} a group`)
  const short = head.blocks * blockSize > volumeSize
  return {
    ...head,
    is: has(incompatible, incompat.extents | incompat.wide | incompat.flexGroups)
      ? 'ext4'
      : has(compatible, compat.journal)
        ? 'ext3'
        : 'ext2',
    uuid: uuidText(uuid),
    label: fieldText(bytes.subarray(0x78, 0x88)),
    firstMetaGroup: has(incompatible, incompat.metaGroups) ? bytes.readUInt32LE(0x104) : Number.POSITIVE_INFINITY,
    hasSuper: superCopies(bytes, has(compatible, compat.sparse2), has(readOnly, roCompat.sparse)),
    seed: !has(readOnly, roCompat.checksums) ? undefined : has(incompatible, incompat.seed) ? bytes.readUInt32LE(0x270) : crc32c(~0, uuid),
    typedEntries: has(incompatible, incompat.typed),
    doubts: [
      ...damage,
      ...(short
        ? [`the file system has ${head.blocks * blockSize} bytes, the volume ${volumeSize}: what lies past its end cannot be read`]
        : []),
      ...(has(incompatible, incompat.recover)
        ? ['it was not unmounted: what was written last may still wait in the journal, which is not read']
        : []),
    ],
  }
}

function superCopies(bytes: Buffer, two: boolean, sparse: boolean): (group: number) => boolean {
  const named = [0, bytes.readUInt32LE(0x24c), bytes.readUInt32LE(0x250)]
  if (two) return (group) => named.includes(group)
  if (!sparse) return () => true
  return (group) => group < 2 || [3, 5, 7].some((base) => isPower(group, base))
}

function isPower(of: number, base: number): boolean {
  let power = base
  while (power < of) power *= base
  return power === of
}

const odd = (what: string) => new AppError('invalid', `the superblock of an ext file system says ${what}`)
