import { reasonOf } from '../../model/errors.ts'
import { cachedReader, type BlockReader } from './block-reader.ts'
import { openExt } from './ext.ts'
import type { FileSystem } from './file-system.ts'
import { logicalVolumes, readPhysicalVolume, type PhysicalVolume } from './lvm.ts'
import { readPartitions, type Partition } from './partitions.ts'
import { openXfs } from './xfs.ts'

/** A place on a disk that holds, or could hold, a file system. */
export type Volume = {
  /** For people, and the path of gaps: `partition 2`, `disk`; where there are several disks `disk 2 partition 1`, `disk 2`. */
  readonly named: string
  /** Of which disk it is a part or the whole, counted from 1; absent for a logical volume. */
  readonly disk?: number
  readonly partition?: Pick<Partition, 'number' | 'name' | 'uuid' | 'type'>
  /** The logical volume it is, by the names of LVM. */
  readonly lvm?: { readonly group: string; readonly name: string }
  readonly system: FileSystem
}

/** What is wrong with, or not read of, a disk. */
export type DiskGap = { readonly path: string; readonly reason: string }
export type DiskContent = { readonly volumes: readonly Volume[]; readonly gaps: readonly DiskGap[] }

type Place = { readonly named: string; readonly reader: BlockReader } & Pick<Volume, 'disk' | 'partition' | 'lvm'>

/** Readers of file systems; each answers undefined for a volume of another kind. */
const readers = [openExt, openXfs]

/** Every file system of a machine's disks, in their order, that can be read; what else is there is a gap. */
export async function readVolumes(...disks: readonly BlockReader[]): Promise<DiskContent> {
  const each = await inTurn([...disks.entries()], ([at, reader]) =>
    readDisk(reader, { number: at + 1, words: disks.length === 1 ? '' : `disk ${at + 1} ` }),
  )
  const read = each.flatMap(({ held }) => held)
  // A group may lie on several disks.
  const lvm = logicalVolumes(read.flatMap(({ physical }) => physical))
  const logical = await inTurn(lvm.volumes, ({ group, name, reader }) =>
    readPlace({ named: `${group}/${name}`, lvm: { group, name }, reader }),
  )
  const all = [...read, ...logical]
  return {
    volumes: all.flatMap(({ volumes }) => volumes),
    gaps: [...each.flatMap(({ gaps }) => gaps), ...lvm.gaps, ...all.flatMap(({ gaps }) => gaps)],
  }
}

type Numbered = { readonly number: number; readonly words: string }

async function readDisk(
  disk: BlockReader,
  { number, words }: Numbered,
): Promise<{ readonly held: readonly Held[]; readonly gaps: readonly DiskGap[] }> {
  const named = words.trim() || 'disk'
  const cached = cachedReader(disk, words === '' ? 'the disk' : named)
  const table = await readPartitions(cached)
  const places = (table?.partitions ?? []).map(({ reader, ...partition }) => ({
    named: `${words}partition ${partition.number}`,
    disk: number,
    partition,
    reader,
  }))
  const parts = await inTurn(places, readPlace)
  // A table written over a file system leaves its head in place, and a boot sector may look like a table: what holds something is meant.
  const whole = parts.some(isUsed) ? nothing : await readPlace({ named, disk: number, reader: cached })
  return {
    held: table === undefined || isUsed(whole) ? [whole] : parts,
    gaps: (table?.gaps ?? []).map((reason) => ({ path: `${words}partition table`, reason })),
  }
}

async function inTurn<T, R>(items: readonly T[], use: (item: T) => Promise<R>): Promise<readonly R[]> {
  const results: R[] = []
  for (const item of items) results.push(await use(item))
  return results
}

/** What one place holds: a file system, a part of volume groups, or something that cannot be read. */
type Held = { readonly volumes: readonly Volume[]; readonly physical: readonly PhysicalVolume[]; readonly gaps: readonly DiskGap[] }
const nothing: Held = { volumes: [], physical: [], gaps: [] }

const isUsed = ({ volumes, physical }: Held): boolean => volumes.length + physical.length > 0

async function readPlace({ named, reader, ...known }: Place): Promise<Held> {
  try {
    for (const open of readers) {
      const system = await open(reader)
      if (system !== undefined) return { ...nothing, volumes: [{ named, ...known, system }] }
    }
    const physical = known.lvm === undefined ? await readPhysicalVolume(reader, named) : undefined
    if (physical !== undefined) return { ...nothing, physical: [physical] }
    const other = without.has(known.partition?.type ?? '') ? undefined : await foreignKind(reader)
    return other === undefined ? nothing : { ...nothing, gaps: [{ path: named, reason: `${other}: cannot be read here` }] }
  } catch (thrown) {
    return { ...nothing, gaps: [{ path: named, reason: reasonOf(thrown) }] }
  }
}

/** Kinds of partitions in which no software is installed: of the firmware, of boot loaders, swap. */
const without = new Set([
  'c12a7328-f81f-11d2-ba4b-00a0c93ec93b',
  '21686148-6449-6e6f-744e-656564454649',
  '9e1a2d38-c612-4316-aa26-8b49521e5a8b',
  '0657fd6d-a4ab-43c4-84e5-0933c84b4f4f',
  'ef',
  '41',
  '82',
])

/** What could hold files and is not read, by the bytes it is known by. Swap is none. */
const foreign: readonly (readonly [offset: number, bytes: string, kind: string])[] = [
  [0, 'LUKS\xba\xbe', 'an encrypted volume (LUKS)'],
  [0, '-FVE-FS-', 'an encrypted volume (BitLocker)'],
  [0x10040, '_BHRfS_M', 'a btrfs file system'],
  [0, 'hsqs', 'a squashfs file system'],
  [0x400, '\xe2\xe1\xf5\xe0', 'an erofs file system'],
  [0x400, '\x10\x20\xf5\xf2', 'an f2fs file system'],
  [3, 'NTFS    ', 'an NTFS file system'],
  [3, 'EXFAT   ', 'an exFAT file system'],
  [0x52, 'FAT32   ', 'a FAT file system'],
  [0x36, 'FAT1', 'a FAT file system'],
  [0x1000, '\xfc\x4e\x2b\xa9', 'a part of a RAID (md)'],
  [0x8001, 'CD001', 'an ISO 9660 file system'],
  [0x20, 'NXSB', 'an APFS container'],
  [0x400, 'H+', 'an HFS+ file system'],
]

async function foreignKind(reader: BlockReader): Promise<string | undefined> {
  for (const [offset, bytes, kind] of foreign) {
    if (offset + bytes.length > reader.size) continue
    if ((await reader.read(offset, bytes.length)).toString('latin1') === bytes) return kind
  }
  return undefined
}
