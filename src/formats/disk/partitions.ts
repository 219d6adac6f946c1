import { crc32 } from 'node:zlib'
import { stretchOf, type BlockReader } from './block-reader.ts'
import { uuidText } from './file-system.ts'

/** A stretch of a disk that its partition table names. */
export type Partition = {
  /** As Linux counts it: `sda1` is 1. */
  readonly number: number
  readonly name: string
  /** Its own id in the table, as `PARTUUID=` of `fstab` writes it. */
  readonly uuid: string
  /** GPT: the type's id; MBR: two hex digits. Lower case. */
  readonly type: string
  readonly reader: BlockReader
}
export type PartitionTable = { readonly partitions: readonly Partition[]; readonly gaps: readonly string[] }

/** Partitions listed. Real tables have 4 to 128. */
const MOST = 1024
const sectors = [512, 4096] as const

/** The partition table of a disk, UEFI's (2.10, section 5.3) or the PC's; undefined: it has none. */
export async function readPartitions(disk: BlockReader): Promise<PartitionTable | undefined> {
  if (disk.size < 1024) return undefined
  const first = await disk.read(0, 512)
  const gpt = await readGpt(disk)
  if (gpt !== undefined) return gpt
  if (first.readUInt16LE(510) !== 0xaa55) return undefined
  const entries = entriesOf(first)
  // A boot sector of a file system ends in the same two bytes: then these are no entries.
  const plain = entries.every(({ boot }) => boot === 0 || boot === 0x80) && entries.some(({ type, count }) => type !== 0 && count !== 0)
  if (!plain) return undefined
  if (entries.some(({ type }) => type === 0xee))
    return { partitions: [], gaps: ['a GUID partition table was expected, but neither it nor its copy at the end of the disk is whole'] }
  return await readMbr(disk, first, entries)
}

/** The first header that is whole: the one at the start, or its copy in the last sector. */
async function readGpt(disk: BlockReader): Promise<PartitionTable | undefined> {
  const wrong: string[] = []
  for (const sector of sectors) {
    const last = (Math.floor(disk.size / sector) - 1) * sector
    for (const at of [sector, last]) {
      if (at < sector || at + sector > disk.size) continue
      const found = await gptAt(disk, at, sector)
      if (found === undefined) continue
      if (typeof found === 'string') wrong.push(found)
      else
        return {
          partitions: found.partitions,
          gaps: [...wrong.map((what) => `${what}: its copy at the end of the disk was read`), ...found.gaps],
        }
    }
  }
  return wrong.length === 0 ? undefined : { partitions: [], gaps: wrong }
}

async function gptAt(disk: BlockReader, at: number, sector: number): Promise<PartitionTable | string | undefined> {
  const head = await disk.read(at, 512)
  if (head.toString('latin1', 0, 8) !== 'EFI PART') return undefined
  const size = head.readUInt32LE(12)
  if (size < 92 || size > 512) return `the GUID partition table says a header of ${size} bytes`
  const zeroed = Buffer.concat([head.subarray(0, 16), Buffer.alloc(4), head.subarray(20, size)])
  if (crc32(zeroed) !== head.readUInt32LE(16)) return 'the GUID partition table does not have its checksum'
  const [count, entrySize] = [head.readUInt32LE(80), head.readUInt32LE(84)]
  if (entrySize < 128 || entrySize > 4096 || entrySize % 8 !== 0 || count > MOST)
    return `the GUID partition table says ${count} entries of ${entrySize} bytes`
  const start = sector * sectorNumber(head, 72)
  if (start + count * entrySize > disk.size) return 'the list of the GUID partition table lies outside of the disk'
  const list = await disk.read(start, count * entrySize)
  if (crc32(list) !== head.readUInt32LE(88)) return 'the list of the GUID partition table does not have its checksum'
  const gaps: string[] = []
  const partitions = Array.from({ length: count }, (_, index) => {
    const entry = list.subarray(index * entrySize, (index + 1) * entrySize)
    if (entry.subarray(0, 16).every((byte) => byte === 0)) return undefined
    const from = sector * sectorNumber(entry, 32)
    const bytes = sector * (sectorNumber(entry, 40) + 1) - from
    const reader = partOf(disk, index + 1, from, bytes, gaps)
    const name = entry.toString('utf16le', 56, 128).replace(/\0[\s\S]*$/, '')
    return reader && { number: index + 1, name, uuid: guid(entry.subarray(16, 32)), type: guid(entry.subarray(0, 16)), reader }
  })
  return { partitions: partitions.filter((one) => one !== undefined), gaps }
}

const sectorNumber = (bytes: Buffer, at: number): number => bytes.readUInt32LE(at) + bytes.readUInt32LE(at + 4) * 2 ** 32

/** The first three fields of a GUID are stored the other way round. */
function guid(bytes: Buffer): string {
  return uuidText(
    Buffer.concat([
      bytes.subarray(0, 4).toReversed(),
      bytes.subarray(4, 6).toReversed(),
      bytes.subarray(6, 8).toReversed(),
      bytes.subarray(8),
    ]),
  )
}

type MbrEntry = { readonly boot: number; readonly type: number; readonly start: number; readonly count: number }

const entriesOf = (sector: Buffer): readonly MbrEntry[] =>
  [446, 462, 478, 494].map((at) => ({
    boot: sector.readUInt8(at),
    type: sector.readUInt8(at + 4),
    start: sector.readUInt32LE(at + 8),
    count: sector.readUInt32LE(at + 12),
  }))

const isExtended = (type: number): boolean => type === 0x05 || type === 0x0f || type === 0x85

async function readMbr(disk: BlockReader, first: Buffer, entries: readonly MbrEntry[]): Promise<PartitionTable> {
  const gaps: string[] = []
  const partitions: Partition[] = []
  const signature = first.readUInt32LE(440).toString(16).padStart(8, '0')
  const add = (number: number, { type, count }: MbrEntry, start: number) => {
    const reader = partOf(disk, number, start * 512, count * 512, gaps)
    const [uuid, kind] = [`${signature}-${hex(number)}`, hex(type)]
    if (reader) partitions.push({ number, name: '', uuid, type: kind, reader })
  }
  entries.forEach((entry, index) => {
    if (entry.type !== 0 && entry.count !== 0 && !isExtended(entry.type)) add(index + 1, entry, entry.start)
  })
  let number = 5
  for (const { start: base } of entries.filter(({ type, count }) => isExtended(type) && count !== 0)) {
    // Each link of the chain names one partition and the next link, by its distance from the first.
    const seen = new Set<number>()
    for (let at = base; ; ) {
      if (seen.has(at) || seen.size > MOST) {
        gaps.push('the chain of logical partitions does not end: some may be missing')
        break
      }
      seen.add(at)
      const link = (at + 1) * 512 <= disk.size ? await disk.read(at * 512, 512) : undefined
      if (link?.readUInt16LE(510) !== 0xaa55) {
        gaps.push(`the chain of logical partitions breaks off at sector ${at}: some may be missing`)
        break
      }
      const [own, next] = entriesOf(link) as [MbrEntry, MbrEntry]
      if (own.type !== 0 && own.count !== 0) add(number++, own, at + own.start)
      if (!isExtended(next.type) || next.count === 0) break
      at = base + next.start
    }
  }
  return { partitions, gaps }
}

const hex = (value: number): string => value.toString(16).padStart(2, '0')

/** A partition that ends past the disk is read as far as the disk goes: a cut copy says so where it is read. */
function partOf(disk: BlockReader, number: number, from: number, bytes: number, gaps: string[]): BlockReader | undefined {
  if (bytes <= 0 || from <= 0 || from >= disk.size) {
    gaps.push(`partition ${number}: ${bytes} bytes at ${from} of a disk of ${disk.size}: not looked at`)
    return undefined
  }
  return stretchOf(disk, from, Math.min(bytes, disk.size - from), `partition ${number}`)
}
