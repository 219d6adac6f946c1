import { limits } from '../../kit/limits.ts'
import { AppError } from '../../model/errors.ts'
import type { BlockReader } from './block-reader.ts'
import { crc32c } from './crc32c.ts'
import { extFlags, extInodes, inlineData, type ExtInode } from './ext-inode.ts'
import { extRuns } from './ext-map.ts'
import { readExtSuper, type ExtSuper } from './ext-super.ts'
import { entryName, kindOfEntry, readRuns, type Child, type FileSystem } from './file-system.ts'

/** An ext2, ext3 or ext4 file system; undefined: the volume holds none. */
export async function openExt(volume: BlockReader): Promise<FileSystem | undefined> {
  const head = await readExtSuper(volume)
  if (head === undefined) return undefined
  const inode = extInodes(volume, head)
  const content = (of: ExtInode, offset: number, length: number) => contentOf(volume, head, of, { offset, length })
  return {
    is: head.is,
    uuid: head.uuid,
    label: head.label,
    top: 2,
    doubts: head.doubts,
    node: async (id) => nodeOf(await inode(id)),
    async children(id, onGap) {
      const folder = await inode(id)
      if (folder.kind !== 'folder') throw new AppError('invalid', `inode ${id} is no folder`)
      refuseEncrypted(folder)
      if ((folder.flags & extFlags.inline) !== 0) return inlineChildren(folder, head, onGap)
      const whole = Math.floor(folder.size / head.blockSize) * head.blockSize
      const size = Math.min(whole, limits.fileBytes)
      if (size < whole) onGap(`a folder of ${whole} bytes: only the first ${size} were read`)
      return await childrenOf((offset, length) => content(folder, offset, length), folder, head, { size, onGap })
    },
    async read(id, offset, length) {
      const file = await inode(id)
      refuseEncrypted(file)
      return await content(file, offset, Math.max(0, Math.min(length, file.size - offset)))
    },
    async target(id) {
      const link = await inode(id)
      refuseEncrypted(link)
      if (link.kind !== 'link' || link.size > limits.pathBytes) throw new AppError('invalid', `inode ${id}: a link of ${link.size} bytes`)
      const short = link.size < 60 && (link.flags & (extFlags.extents | extFlags.inline)) === 0
      return (short ? link.bytes.subarray(0x28, 0x28 + link.size) : await content(link, 0, link.size)).toString('utf8')
    },
  }
}

const nodeOf = ({ id, kind, size, mode }: ExtInode) => ({ id, kind, size, mode })

async function contentOf(
  volume: BlockReader,
  head: ExtSuper,
  inode: ExtInode,
  { offset, length }: { readonly offset: number; readonly length: number },
): Promise<Buffer> {
  if ((inode.flags & extFlags.inline) !== 0) {
    const { first, rest } = inlineData(inode)
    if (first.length + rest.length < inode.size)
      throw new AppError('invalid', `inode ${inode.id} holds less than the ${inode.size} bytes it says`)
    return Buffer.concat([first, rest]).subarray(offset, offset + length)
  }
  const span = { from: Math.floor(offset / head.blockSize), until: Math.ceil((offset + length) / head.blockSize) }
  const runs = await extRuns(volume, head, inode, span)
  return await readRuns((at, bytes) => volume.read(at, bytes), runs, head.blockSize, { offset, length })
}

function refuseEncrypted({ flags, id }: ExtInode): void {
  if ((flags & extFlags.encrypted) !== 0)
    throw new AppError('unsupported', `encrypted by the file system (inode ${id}): it cannot be read without its key`)
}

type OnGap = (reason: string) => void

/** Folders are read from first block to last: the blocks of their hash tree look like blocks without names. */
async function childrenOf(
  content: (offset: number, length: number) => Promise<Buffer>,
  folder: ExtInode,
  head: ExtSuper,
  { size, onGap }: { readonly size: number; readonly onGap: OnGap },
): Promise<readonly Child[]> {
  const children: Child[] = []
  const piece = Math.max(1, Math.floor((1 << 18) / head.blockSize)) * head.blockSize
  for (let at = 0; at < size; at += piece) {
    const length = Math.min(piece, size - at)
    if (children.length > limits.entries) {
      onGap(`more than ${limits.entries} names in this folder: the rest was not read`)
      break
    }
    const bytes = await content(at, length)
    for (let block = 0; block < length; block += head.blockSize) {
      const names = bytes.subarray(block, block + head.blockSize)
      const tree = (folder.flags & extFlags.indexed) !== 0 && (at + block === 0 || isIndexBlock(names, head.blockSize))
      if (folder.seed !== undefined && !tree && !hasChecksum(names, folder.seed)) {
        onGap(`block ${(at + block) / head.blockSize} of this folder does not have its checksum: names in it were not read`)
        continue
      }
      const damage = namesOf(names, head, children)
      if (damage !== undefined)
        onGap(`block ${(at + block) / head.blockSize} of this folder is damaged (${damage}): names in it may be missing`)
    }
  }
  return children
}

/** Two lists of names: one behind the number of the folder above, one among the attributes. */
function inlineChildren(folder: ExtInode, head: ExtSuper, onGap: OnGap): readonly Child[] {
  const children: Child[] = []
  const { first, rest } = inlineData(folder)
  for (const names of [first.subarray(4), rest]) {
    const damage = namesOf(names, head, children)
    if (damage !== undefined) onGap(`this folder is damaged (${damage}): names in it may be missing`)
  }
  return children
}

/** Adds the names of one block; says what is wrong with it. Reading a block ends at the first thing that cannot be. */
function namesOf(block: Buffer, head: ExtSuper, children: Child[]): string | undefined {
  for (let at = 0; at + 8 <= block.length; ) {
    const id = block.readUInt32LE(at)
    const stored = block.readUInt16LE(at + 4)
    // Blocks of 64 KiB: their length does not fit.
    const length = (stored === 0xffff || stored === 0) && head.blockSize === 65536 ? 65536 : stored
    const nameLength = head.typedEntries ? block.readUInt8(at + 6) : block.readUInt16LE(at + 6)
    if (length < 8 || length % 4 !== 0 || at + length > block.length || 8 + nameLength > length)
      return `an entry of ${length} bytes at ${at}`
    const name = id === 0 ? undefined : block.subarray(at + 8, at + 8 + nameLength)
    at += length
    if (name === undefined || isDots(name)) continue
    const text = entryName(name)
    if (text === undefined) return 'a name that no path can have'
    const kind = head.typedEntries ? kindOfEntry(block.readUInt8(at - length + 7)) : undefined
    children.push({ name: text, id, ...(kind && { kind }) })
  }
  return undefined
}

const isDots = (name: Buffer): boolean => (name.length === 1 || name.length === 2) && name.every((byte) => byte === 0x2e)

/** A node of the hash tree: one unused entry that fills the block. */
const isIndexBlock = (block: Buffer, size: number): boolean =>
  block.readUInt32LE(0) === 0 && [size & 0xffff, 0xffff].includes(block.readUInt16LE(4)) && block.readUInt8(6) === 0

/** The last entry of a block is unused, and holds the block's checksum. */
function hasChecksum(block: Buffer, seed: number): boolean {
  const tail = block.length - 12
  const marked = block.readUInt32LE(tail) === 0 && block.readUInt16LE(tail + 4) === 12 && block.readUInt16LE(tail + 6) === 0xde00
  return marked && crc32c(seed, block.subarray(0, tail)) === block.readUInt32LE(tail + 8)
}
