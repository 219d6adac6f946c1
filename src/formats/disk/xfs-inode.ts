import { AppError } from '../../model/errors.ts'
import type { BlockReader } from './block-reader.ts'
import { kindOfMode, type Node, type Run } from './file-system.ts'
import { hasXfsChecksum, u64, type XfsSuper } from './xfs-super.ts'

/** An inode, with the part of it that holds its content or tells where that is. */
export type XfsInode = Node & {
  readonly format: number
  readonly extents: number
  readonly fork: Buffer
  readonly realtime: boolean
}

export const xfsFormats = { local: 1, extents: 2, btree: 3 } as const

export async function readXfsInode(volume: BlockReader, head: XfsSuper, id: number): Promise<XfsInode> {
  const at = Number.isSafeInteger(id) ? head.inodeAt(id) : undefined
  if (at === undefined) throw new AppError('invalid', `inode ${id} lies outside of the file system`)
  const bytes = await volume.read(at, head.inodeSize)
  if (bytes.readUInt16BE(0) !== 0x494e) throw new AppError('invalid', `expected inode ${id}, got something else`)
  const modern = bytes.readUInt8(4) >= 3
  if (modern !== (head.checked !== undefined)) throw new AppError('invalid', `inode ${id} is of version ${bytes.readUInt8(4)}`)
  if (head.checked !== undefined) {
    if (!hasXfsChecksum(bytes, 100)) throw new AppError('invalid', `inode ${id} does not have its checksum`)
    if (u64(bytes, 152) !== id || !bytes.subarray(160, 176).equals(head.checked))
      throw new AppError('invalid', `expected inode ${id}, got that of another place or file system`)
  }
  const mode = bytes.readUInt16BE(2)
  if (mode === 0) throw new AppError('invalid', `inode ${id} is not in use`)
  const start = modern ? 176 : 100
  const room = bytes.readUInt8(82) * 8
  if (room > head.inodeSize - start) throw new AppError('invalid', `inode ${id} says that its content takes ${room} bytes in it`)
  const wideCounts = modern && (bytes.readUInt8(127) & 0x10) !== 0
  return {
    id,
    kind: kindOfMode(mode),
    size: u64(bytes, 56),
    mode: mode & 0o7777,
    format: bytes.readUInt8(5),
    extents: wideCounts ? u64(bytes, 24) : bytes.readUInt32BE(76),
    fork: bytes.subarray(start, room === 0 ? head.inodeSize : start + room),
    realtime: (bytes.readUInt16BE(90) & 1) !== 0,
  }
}

type Span = { readonly from: number; readonly until: number }
type Mapping = { readonly volume: BlockReader; readonly head: XfsSuper; readonly inode: XfsInode; readonly runs: Run[] }

/** Where the blocks `from` to `until` of a file lie; places of runs are in blocks of the volume. */
export async function xfsRuns(volume: BlockReader, head: XfsSuper, inode: XfsInode, span: Span): Promise<readonly Run[]> {
  const mapping = { volume, head, inode, runs: [] }
  if (inode.realtime) throw new AppError('unsupported', `inode ${inode.id}: its content lies on a realtime device`)
  if (inode.format === xfsFormats.extents) {
    if (inode.extents * 16 > inode.fork.length) throw damaged(inode, `${inode.extents} extents in ${inode.fork.length} bytes`)
    addExtents(mapping, inode.fork.subarray(0, inode.extents * 16), span)
  } else if (inode.format === xfsFormats.btree) {
    const [level, count] = [inode.fork.readUInt16BE(0), inode.fork.readUInt16BE(2)]
    const most = Math.floor((inode.fork.length - 4) / 16)
    if (level === 0 || level > LEVELS || count > most) throw damaged(inode, `a tree of ${level} levels with ${count} branches`)
    await branches(mapping, { keys: inode.fork.subarray(4), pointers: inode.fork.subarray(4 + most * 8), count, level }, span)
  } else throw damaged(inode, `content of format ${inode.format}`)
  return mapping.runs
}

/** More levels than extents can be numbered. */
const LEVELS = 9

/** Keys must ascend and each level lies one below the last: a forged tree costs no more than the blocks asked for. */
async function branches(
  mapping: Mapping,
  { keys, pointers, count, level }: { readonly keys: Buffer; readonly pointers: Buffer; readonly count: number; readonly level: number },
  span: Span,
): Promise<void> {
  let least = 0
  for (let index = 0; index < count; index++) {
    const from = u64(keys, index * 8)
    if (from < least) throw damaged(mapping.inode, `extents overlap at block ${from}`)
    least = from + 1
    if (from >= span.until) return
    const next = index + 1 < count ? u64(keys, (index + 1) * 8) : Number.POSITIVE_INFINITY
    if (next > span.from)
      await branch(mapping, u64(pointers, index * 8), level - 1, { from: Math.max(from, span.from), until: Math.min(next, span.until) })
  }
}

async function branch(mapping: Mapping, block: number, level: number, span: Span): Promise<void> {
  const { volume, head, inode } = mapping
  const bytes = await volume.read(head.blockAt(block), head.blockSize)
  const checked = head.checked !== undefined
  if (bytes.toString('latin1', 0, 4) !== (checked ? 'BMA3' : 'BMAP'))
    throw damaged(inode, 'expected a node of its tree of extents, got something else')
  if (checked && (!hasXfsChecksum(bytes, 64) || u64(bytes, 56) !== inode.id))
    throw damaged(inode, 'a node of its tree of extents does not have its checksum')
  const [found, count, start] = [bytes.readUInt16BE(4), bytes.readUInt16BE(6), checked ? 72 : 24]
  const most = Math.floor((head.blockSize - start) / 16)
  if (found !== level || count > most)
    throw damaged(inode, `a node of its tree of extents at level ${found} with ${count} entries, expected level ${level}`)
  if (level > 0) await branches(mapping, { keys: bytes.subarray(start), pointers: bytes.subarray(start + most * 8), count, level }, span)
  else addExtents(mapping, bytes.subarray(start, start + count * 16), span)
}

/** Records of 128 bits: whether it was never written, 54 bits of the file's block, 52 of the volume's, 21 of the count. */
function addExtents({ head, inode, runs }: Mapping, records: Buffer, span: Span): void {
  let least = 0
  for (let at = 0; at < records.length; at += 16) {
    const [high, low] = [records.readBigUInt64BE(at), records.readBigUInt64BE(at + 8)]
    const from = Number((high >> 9n) & 0x3f_ffff_ffff_ffffn)
    const count = Number(low & 0x1f_ffffn)
    if (count === 0 || from < least) throw damaged(inode, `extents overlap at block ${from}`)
    least = from + count
    if (least <= span.from || from >= span.until) continue
    const block = Number(((high & 0x1ffn) << 43n) | (low >> 21n))
    runs.push({ from, count, at: high >> 63n === 0n ? head.blockAt(block) / head.blockSize : undefined })
  }
}

const damaged = ({ id }: XfsInode, what: string) => new AppError('invalid', `inode ${id}: ${what}`)
