import { limits } from '../../kit/limits.ts'
import { AppError } from '../../model/errors.ts'
import type { BlockReader } from './block-reader.ts'
import { entryName, kindOfEntry, readRuns, type Child, type FileSystem } from './file-system.ts'
import { readXfsInode, xfsFormats, xfsRuns, type XfsInode } from './xfs-inode.ts'
import { hasXfsChecksum, readXfsSuper, u64, type XfsSuper } from './xfs-super.ts'

/** An XFS file system of version 4 or 5; undefined: the volume holds none. */
export async function openXfs(volume: BlockReader): Promise<FileSystem | undefined> {
  const head = await readXfsSuper(volume)
  if (head === undefined) return undefined
  const inode = (id: number) => readXfsInode(volume, head, id)
  const content = (of: XfsInode, offset: number, length: number) => contentOf(volume, head, of, { offset, length })
  return {
    is: 'xfs',
    uuid: head.uuid,
    label: head.label,
    top: head.top,
    doubts: head.doubts,
    async node(id) {
      const { kind, size, mode } = await inode(id)
      return { id, kind, size, mode }
    },
    async children(id, onGap) {
      const folder = await inode(id)
      if (folder.kind !== 'folder') throw new AppError('invalid', `inode ${id} is no folder`)
      return folder.format === xfsFormats.local ? shortChildren(folder, head, onGap) : await blockChildren(volume, head, folder, onGap)
    },
    async read(id, offset, length) {
      const file = await inode(id)
      return await content(file, offset, Math.max(0, Math.min(length, file.size - offset)))
    },
    async target(id) {
      const link = await inode(id)
      // The most that XFS stores.
      if (link.kind !== 'link' || link.size > 1024) throw new AppError('invalid', `inode ${id}: a link of ${link.size} bytes`)
      if (link.format === xfsFormats.local || head.checked === undefined) return (await content(link, 0, link.size)).toString('utf8')
      return await targetInBlocks(volume, head, link)
    },
  }
}

async function contentOf(
  volume: BlockReader,
  head: XfsSuper,
  inode: XfsInode,
  { offset, length }: { readonly offset: number; readonly length: number },
): Promise<Buffer> {
  if (inode.format === xfsFormats.local) {
    if (inode.size > inode.fork.length) throw new AppError('invalid', `inode ${inode.id} holds less than the ${inode.size} bytes it says`)
    return inode.fork.subarray(offset, offset + length)
  }
  const span = { from: Math.floor(offset / head.blockSize), until: Math.ceil((offset + length) / head.blockSize) }
  const runs = await xfsRuns(volume, head, inode, span)
  return await readRuns((at, bytes) => volume.read(at, bytes), runs, head.blockSize, { offset, length })
}

/** Version 5: each block of a link's target begins with a header of 56 bytes. */
async function targetInBlocks(volume: BlockReader, head: XfsSuper, link: XfsInode): Promise<string> {
  const each = head.blockSize - 56
  const blocks = Math.ceil(link.size / each)
  const bytes = await contentOf(volume, head, link, { offset: 0, length: blocks * head.blockSize })
  const parts = Array.from({ length: blocks }, (_, index) => {
    const block = bytes.subarray(index * head.blockSize, (index + 1) * head.blockSize)
    if (block.toString('latin1', 0, 4) !== 'XSLM' || !hasXfsChecksum(block, 12))
      throw new AppError('invalid', `inode ${link.id}: where its link leads does not have its checksum`)
    return block.subarray(56)
  })
  return Buffer.concat(parts).subarray(0, link.size).toString('utf8')
}

type OnGap = (reason: string) => void

/** A small folder lies in its inode. */
function shortChildren({ fork, id }: XfsInode, head: XfsSuper, onGap: OnGap): readonly Child[] {
  const children: Child[] = []
  const wide = fork.readUInt8(1) > 0
  const count = wide ? fork.readUInt8(1) : fork.readUInt8(0)
  const [type, number] = [head.typedEntries ? 1 : 0, wide ? 8 : 4]
  let at = 2 + number
  for (let index = 0; index < count; index++) {
    const nameLength = at < fork.length ? fork.readUInt8(at) : 0
    const end = at + 3 + nameLength
    if (nameLength === 0 || end + type + number > fork.length) {
      onGap(`this folder (inode ${id}) is damaged: names in it may be missing`)
      break
    }
    const place = end + type
    addChild(
      children,
      fork.subarray(at + 3, end),
      wide ? u64(fork, place) : fork.readUInt32BE(place),
      type === 1 ? fork.readUInt8(end) : 0,
      onGap,
    )
    at = place + number
  }
  return children
}

/** Names lie below this place of a folder's content; above are the means to find one. */
const NAMES_END = 2 ** 35

async function blockChildren(volume: BlockReader, head: XfsSuper, folder: XfsInode, onGap: OnGap): Promise<readonly Child[]> {
  const children: Child[] = []
  const whole = Math.min(Math.ceil(folder.size / head.folderBlock) * head.folderBlock, NAMES_END)
  const size = Math.min(whole, limits.fileBytes)
  if (size < whole) onGap(`a folder of ${whole} bytes: only the first ${size} were read`)
  const runs = await xfsRuns(volume, head, folder, { from: 0, until: size / head.blockSize })
  // Blocks whose names are all gone are given back: only what is there is read.
  const held = new Set(
    runs.flatMap(({ from, count }) => {
      const first = Math.floor((from * head.blockSize) / head.folderBlock)
      const last = Math.min(Math.ceil(((from + count) * head.blockSize) / head.folderBlock), size / head.folderBlock)
      return Array.from({ length: Math.max(0, last - first) }, (_, index) => first + index)
    }),
  )
  for (const block of held) {
    if (children.length > limits.entries) {
      onGap(`more than ${limits.entries} names in this folder: the rest was not read`)
      break
    }
    const piece = { offset: block * head.folderBlock, length: head.folderBlock }
    const bytes = await readRuns((at, length) => volume.read(at, length), runs, head.blockSize, piece)
    const damage = namesOf(bytes, head, folder, { children, onGap })
    if (damage !== undefined) onGap(`block ${block} of this folder ${damage}: names in it may be missing`)
  }
  return children
}

/** Adds the names of one block; says what is wrong with it. */
function namesOf(
  bytes: Buffer,
  head: XfsSuper,
  folder: XfsInode,
  { children, onGap }: { readonly children: Child[]; readonly onGap: OnGap },
): string | undefined {
  const checked = head.checked !== undefined
  const magic = bytes.toString('latin1', 0, 4)
  const alone = magic === (checked ? 'XDB3' : 'XD2B')
  if (!alone && magic !== (checked ? 'XDD3' : 'XD2D')) return 'is none'
  if (checked && (!hasXfsChecksum(bytes, 4) || u64(bytes, 40) !== folder.id)) return 'does not have its checksum'
  const type = head.typedEntries ? 1 : 0
  // A folder of one block keeps the means to find names at its end.
  const end = alone ? bytes.length - 8 - bytes.readUInt32BE(bytes.length - 8) * 8 : bytes.length
  for (let at = checked ? 64 : 16; at < end; ) {
    if (at + 8 > end) return 'is damaged'
    if (bytes.readUInt16BE(at) === 0xffff) {
      const free = bytes.readUInt16BE(at + 2)
      if (free < 8 || free % 8 !== 0) return 'is damaged'
      at += free
      continue
    }
    const nameEnd = at + 9 + (at + 9 <= end ? bytes.readUInt8(at + 8) : 0)
    const length = Math.ceil((nameEnd - at + type + 2) / 8) * 8
    if (at + length > end || nameEnd === at + 9) return 'is damaged'
    addChild(children, bytes.subarray(at + 9, nameEnd), u64(bytes, at), type === 1 ? bytes.readUInt8(nameEnd) : 0, onGap)
    at += length
  }
  return undefined
}

function addChild(children: Child[], name: Buffer, id: number, type: number, onGap: OnGap): void {
  const text = entryName(name)
  if (text === '.' || text === '..') return
  if (text === undefined) {
    onGap('a name in this folder is none that a path can have: what it names was not looked at')
    return
  }
  const kind = kindOfEntry(type)
  children.push({ name: text, id, ...(kind && { kind }) })
}
