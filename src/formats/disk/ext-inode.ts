import { AppError } from '../../model/errors.ts'
import type { BlockReader } from './block-reader.ts'
import { bytesOf32, crc32c } from './crc32c.ts'
import type { ExtSuper } from './ext-super.ts'
import { kindOfMode, type Node } from './file-system.ts'

/** An inode as it is stored, and what was read of it. */
export type ExtInode = Node & {
  readonly bytes: Buffer
  readonly flags: number
  /** What the checksums of this inode's own blocks begin with. */
  readonly seed: number | undefined
}

export const extFlags = { encrypted: 0x800, indexed: 0x1000, extents: 0x80000, inline: 0x10000000 } as const

const nothing = Buffer.alloc(4)

/** Reads inodes by number. Descriptors of groups are read as they are needed. */
export function extInodes(volume: BlockReader, head: ExtSuper): (id: number) => Promise<ExtInode> {
  return async (id) => {
    if (!Number.isInteger(id) || id < 1 || id > head.inodes) throw new AppError('invalid', `inode ${id} of ${head.inodes}`)
    const group = Math.floor((id - 1) / head.inodesPerGroup)
    const table = await inodeTable(volume, head, group)
    const bytes = await volume.read(table * head.blockSize + ((id - 1) % head.inodesPerGroup) * head.inodeSize, head.inodeSize)
    return inodeOf(id, bytes, head)
  }
}

async function inodeTable(volume: BlockReader, head: ExtSuper, group: number): Promise<number> {
  const { blockSize, descriptorSize } = head
  const perBlock = blockSize / descriptorSize
  const meta = Math.floor(group / perBlock)
  // The first block of all holds the superblock; with blocks of 1 KiB that begin at 0 it lies in the second.
  const first = head.firstBlock + (blockSize === 1024 && head.firstBlock === 0 ? 1 : 0)
  const block =
    meta < head.firstMetaGroup
      ? first + 1 + meta
      : meta * perBlock * head.blocksPerGroup +
        head.firstBlock +
        (head.hasSuper(meta * perBlock) ? (meta === 0 ? first - head.firstBlock : 0) + 1 : 0)
  const bytes = await volume.read(block * blockSize + (group % perBlock) * descriptorSize, descriptorSize)
  if (head.seed !== undefined) {
    const sum = [bytesOf32(group), bytes.subarray(0, 0x1e), nothing.subarray(0, 2), bytes.subarray(0x20)].reduce(crc32c, head.seed)
    if ((sum & 0xffff) !== bytes.readUInt16LE(0x1e))
      throw new AppError('invalid', `the descriptor of block group ${group} does not have its checksum`)
  }
  return bytes.readUInt32LE(0x8) + (descriptorSize >= 64 ? bytes.readUInt32LE(0x28) * 2 ** 32 : 0)
}

function inodeOf(id: number, bytes: Buffer, head: ExtSuper): ExtInode {
  const mode = bytes.readUInt16LE(0)
  const kind = kindOfMode(mode)
  const seed = head.seed === undefined ? undefined : [bytesOf32(id), bytes.subarray(0x64, 0x68)].reduce(crc32c, head.seed)
  if (seed !== undefined && !hasChecksum(bytes, seed)) throw new AppError('invalid', `inode ${id} does not have its checksum`)
  if (mode === 0) throw new AppError('invalid', `inode ${id} is not in use`)
  const high = kind === 'file' || kind === 'folder' ? bytes.readUInt32LE(0x6c) : 0
  const size = bytes.readUInt32LE(0x4) + high * 2 ** 32
  return { id, kind, size, mode: mode & 0o7777, bytes, flags: bytes.readUInt32LE(0x20), seed }
}

function hasChecksum(bytes: Buffer, seed: number): boolean {
  const wide = bytes.length > 128 && bytes.readUInt16LE(0x80) >= 4
  const parts = [bytes.subarray(0, 0x7c), nothing.subarray(0, 2), bytes.subarray(0x7e, 0x80)]
  if (bytes.length > 128)
    parts.push(...(wide ? [bytes.subarray(0x80, 0x82), nothing.subarray(0, 2), bytes.subarray(0x84)] : [bytes.subarray(0x80)]))
  const sum = parts.reduce(crc32c, seed)
  return wide ? sum === bytes.readUInt16LE(0x7c) + bytes.readUInt16LE(0x82) * 2 ** 16 : (sum & 0xffff) === bytes.readUInt16LE(0x7c)
}

/** What small files keep in the inode itself: the block map's 60 bytes, and a value among the extended attributes. */
export function inlineData({ bytes, id }: ExtInode): { readonly first: Buffer; readonly rest: Buffer } {
  const first = bytes.subarray(0x28, 0x64)
  const start = bytes.length > 128 ? 128 + bytes.readUInt16LE(0x80) : bytes.length
  if (start + 4 > bytes.length || bytes.readUInt32LE(start) !== 0xea020000) return { first, rest: Buffer.alloc(0) }
  const values = start + 4
  for (let at = values; at + 16 <= bytes.length && bytes.readUInt32LE(at) !== 0; ) {
    const nameLength = bytes.readUInt8(at)
    if (bytes.readUInt8(at + 1) === 7 && bytes.toString('latin1', at + 16, at + 16 + nameLength) === 'data') {
      const from = values + bytes.readUInt16LE(at + 2)
      const end = from + bytes.readUInt32LE(at + 8)
      if (end > bytes.length) throw new AppError('invalid', `inode ${id} says that its content ends outside of it`)
      return { first, rest: bytes.subarray(from, end) }
    }
    at += 16 + Math.ceil(nameLength / 4) * 4
  }
  return { first, rest: Buffer.alloc(0) }
}
