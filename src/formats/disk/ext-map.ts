import { AppError } from '../../model/errors.ts'
import type { BlockReader } from './block-reader.ts'
import { crc32c } from './crc32c.ts'
import { extFlags, type ExtInode } from './ext-inode.ts'
import type { ExtSuper } from './ext-super.ts'
import type { Run } from './file-system.ts'

type Span = { readonly from: number; readonly until: number }

/** Where the blocks `from` to `until` of a file lie. Only the parts of its map that speak of them are read. */
export async function extRuns(volume: BlockReader, head: ExtSuper, inode: ExtInode, span: Span): Promise<readonly Run[]> {
  const runs: Run[] = []
  const map = inode.bytes.subarray(0x28, 0x64)
  if ((inode.flags & extFlags.extents) !== 0) await extents({ volume, head, inode, runs }, map, span, undefined)
  else await indirect({ volume, head, inode, runs }, map, span)
  return runs
}

type Mapping = { readonly volume: BlockReader; readonly head: ExtSuper; readonly inode: ExtInode; readonly runs: Run[] }

/** Levels of an extent tree; Linux writes and reads no more. */
const DEPTH = 5

/** Entries must ascend and each level lies one below the last: a tree, however it is forged, costs no more than the blocks asked for. */
async function extents(mapping: Mapping, node: Buffer, span: Span, level: number | undefined): Promise<void> {
  const { volume, head, inode, runs } = mapping
  const [magic, count, most, depth] = [0, 2, 4, 6].map((at) => node.readUInt16LE(at)) as [number, number, number, number]
  if (magic !== 0xf30a) throw damaged(inode, `expected a node of extents, got 0x${magic.toString(16)}`)
  if (depth > DEPTH || (level !== undefined && depth !== level))
    throw damaged(inode, `a node of extents at depth ${depth}, expected ${level ?? DEPTH}`)
  if (count > most || 12 + most * 12 > node.length) throw damaged(inode, `${count} extents in a node for ${most}`)
  if (level !== undefined && inode.seed !== undefined) {
    const end = 12 + most * 12
    if (end + 4 > node.length || crc32c(inode.seed, node.subarray(0, end)) !== node.readUInt32LE(end))
      throw damaged(inode, 'a node of extents does not have its checksum')
  }
  const fromOf = (index: number) => node.readUInt32LE(12 + index * 12)
  let least = 0
  for (let index = 0; index < count; index++) {
    const at = 12 + index * 12
    const from = fromOf(index)
    if (from < least) throw damaged(inode, `extents overlap at block ${from}`)
    if (from >= span.until) return
    if (depth > 0) {
      least = from + 1
      const next = index + 1 < count ? fromOf(index + 1) : Number.POSITIVE_INFINITY
      if (next <= span.from) continue
      const block = node.readUInt32LE(at + 4) + node.readUInt16LE(at + 8) * 2 ** 32
      const child = await volume.read(block * head.blockSize, head.blockSize)
      await extents(mapping, child, { from: Math.max(from, span.from), until: Math.min(next, span.until) }, depth - 1)
      continue
    }
    const length = node.readUInt16LE(at + 4)
    // Longer than this: reserved, but never written.
    const count32 = length > 32768 ? length - 32768 : length
    if (count32 === 0) throw damaged(inode, `an extent of no blocks at block ${from}`)
    least = from + count32
    if (least <= span.from) continue
    const start = node.readUInt32LE(at + 8) + node.readUInt16LE(at + 6) * 2 ** 32
    runs.push({ from, count: count32, at: length > 32768 ? undefined : start })
  }
}

/** The block map of ext2 and ext3: twelve blocks, then trees of one, two and three levels. */
async function indirect(mapping: Mapping, map: Buffer, span: Span): Promise<void> {
  const perBlock = mapping.head.blockSize / 4
  await pointers(mapping, map.subarray(0, 48), { from: 0, each: 1 }, span)
  let from = 12
  for (let level = 1; level <= 3; level++) {
    const each = perBlock ** level
    await pointers(mapping, map.subarray(44 + level * 4, 48 + level * 4), { from, each }, span)
    from += each
  }
}

async function pointers(
  mapping: Mapping,
  list: Buffer,
  { from: first, each }: { readonly from: number; readonly each: number },
  span: Span,
): Promise<void> {
  const { volume, head, runs } = mapping
  const start = Math.max(0, Math.floor((span.from - first) / each))
  for (let index = start; index < list.length / 4 && first + index * each < span.until; index++) {
    const block = list.readUInt32LE(index * 4)
    const from = first + index * each
    if (block === 0) continue
    if (each > 1) {
      const below = await volume.read(block * head.blockSize, head.blockSize)
      await pointers(mapping, below, { from, each: each / (head.blockSize / 4) }, span)
      continue
    }
    const last = runs.at(-1)
    if (last?.at !== undefined && last.at + last.count === block && last.from + last.count === from)
      runs[runs.length - 1] = { ...last, count: last.count + 1 }
    else runs.push({ from, count: 1, at: block })
  }
}

const damaged = ({ id }: ExtInode, what: string) => new AppError('invalid', `inode ${id}: ${what}`)
