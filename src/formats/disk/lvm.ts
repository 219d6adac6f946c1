import { crc32 } from 'node:zlib'
import { AppError, reasonOf } from '../../model/errors.ts'
import { checkPlace, type BlockReader } from './block-reader.ts'
import { parseLvmText, type LvmSection, type LvmValue } from './lvm-text.ts'

/** A partition, or the whole disk, that LVM2 uses. */
export type PhysicalVolume = { readonly named: string; readonly reader: BlockReader; readonly id: string; readonly text: string }

/** A logical volume that can be read. */
export type LogicalVolume = { readonly group: string; readonly name: string; readonly reader: BlockReader }
export type LogicalVolumes = {
  readonly volumes: readonly LogicalVolume[]
  readonly gaps: readonly { readonly path: string; readonly reason: string }[]
}

/** Bytes of a group's text; a group of a thousand volumes takes one million. */
const TEXT = 8 << 20
/** Areas of metadata of one volume; LVM makes one or two. */
const AREAS = 8
const MAGIC = ' LVM2 x[5A%r0N*>'

/** Checksums of LVM begin with this, and are not inverted. */
const checksum = (bytes: Buffer): number => ~crc32(bytes, ~0xf597a6cf >>> 0) >>> 0

/** What a physical volume of LVM2 says of itself and its group; undefined: it is none. Follows lib/format_text of LVM2. */
export async function readPhysicalVolume(reader: BlockReader, named: string): Promise<PhysicalVolume | undefined> {
  for (let sector = 0; sector < 4 && (sector + 1) * 512 <= reader.size; sector++) {
    const label = await reader.read(sector * 512, 512)
    if (label.toString('latin1', 0, 8) !== 'LABELONE' || label.toString('latin1', 24, 32) !== 'LVM2 001') continue
    if (checksum(label.subarray(20)) !== label.readUInt32LE(16))
      throw new AppError('invalid', 'the label of a physical volume of LVM does not have its checksum')
    const at = label.readUInt32LE(20)
    if (at < 32 || at > 400) throw new AppError('invalid', `a physical volume of LVM that says its head lies at byte ${at}`)
    const wrong: string[] = []
    for (const area of areasOf(label, at + 40)) {
      try {
        return { named, reader, id: label.toString('latin1', at, at + 32), text: await textOf(reader, area) }
      } catch (thrown) {
        wrong.push(reasonOf(thrown))
      }
    }
    throw new AppError(
      'invalid',
      `a physical volume of LVM without what it says of its group${wrong.length === 0 ? '' : `: ${wrong.join('; ')}`}`,
    )
  }
  return undefined
}

/** Two lists of places, each ended by zeros: of data, then of metadata. */
function areasOf(label: Buffer, from: number): readonly number[] {
  const areas: number[] = []
  let lists = 0
  for (let at = from; at + 16 <= label.length && lists < 2 && areas.length < AREAS; at += 16) {
    const offset = Number(label.readBigUInt64LE(at))
    if (offset === 0) lists++
    else if (lists === 1) areas.push(offset)
  }
  return areas
}

/** The text lies in a ring that begins behind the area's head. */
async function textOf(reader: BlockReader, area: number): Promise<string> {
  const head = await reader.read(area, 512)
  if (head.toString('latin1', 4, 20) !== MAGIC) throw new AppError('invalid', 'an area of metadata that begins otherwise')
  if (checksum(head.subarray(4)) !== head.readUInt32LE(0)) throw new AppError('invalid', 'an area of metadata without its checksum')
  const [ring, offset, length] = [32, 40, 48].map((at) => Number(head.readBigUInt64LE(at))) as [number, number, number]
  if (length === 0 || length > TEXT || offset < 512 || offset >= ring || length > ring - 512)
    throw new AppError('invalid', `an area of metadata with ${length} bytes of text at ${offset} of ${ring}`)
  const first = Math.min(length, ring - offset)
  const bytes = Buffer.concat([await reader.read(area + offset, first), await reader.read(area + 512, length - first)])
  if (checksum(bytes) !== head.readUInt32LE(56)) throw new AppError('invalid', 'the text of a volume group does not have its checksum')
  return bytes.toString('utf8')
}

/** The logical volumes on these physical ones that can be read; of the others it says why not. */
export function logicalVolumes(physical: readonly PhysicalVolume[]): LogicalVolumes {
  const volumes: LogicalVolume[] = []
  const gaps: { path: string; reason: string }[] = []
  const done = new Set<string>()
  for (const { named, text } of physical) {
    try {
      for (const [group, section] of parseLvmText(text)) {
        if (!(section instanceof Map) || done.has(group)) continue
        done.add(group)
        for (const [name, volume] of sectionOf(section, 'logical_volumes')) {
          // Parts of others are not shown.
          if (!(volume instanceof Map) || !listOf(volume, 'status').includes('VISIBLE')) continue
          try {
            volumes.push({ group, name, reader: volumeOf(section, volume, `${group}/${name}`, physical) })
          } catch (thrown) {
            gaps.push({ path: `${group}/${name}`, reason: reasonOf(thrown) })
          }
        }
      }
    } catch (thrown) {
      gaps.push({ path: named, reason: reasonOf(thrown) })
    }
  }
  return { volumes, gaps }
}

const sectionOf = (of: LvmSection, name: string): LvmSection => {
  const value = of.get(name)
  return value instanceof Map ? value : new Map<string, LvmValue>()
}
const listOf = (of: LvmSection, name: string): readonly (string | number)[] => {
  const value = of.get(name)
  return Array.isArray(value) ? value : []
}
/** A number that says how many, or where: never less than `least`. */
function numberOf(of: LvmSection, name: string, least: number): number {
  const value = of.get(name)
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < least || value > 2 ** 40)
    throw new AppError('invalid', `expected a number as ${name}, got ${JSON.stringify(value)}`)
  return value
}

type Segment = {
  readonly from: number
  readonly until: number
  readonly stripe: number
  readonly on: readonly { readonly reader: BlockReader; readonly at: number }[]
}

/** A volume is made of segments; a segment lies on one disk, or is dealt out to several in stripes. */
function volumeOf(group: LvmSection, volume: LvmSection, named: string, physical: readonly PhysicalVolume[]): BlockReader {
  const extent = numberOf(group, 'extent_size', 1) * 512
  const segments = [...volume.entries()]
    .flatMap(([key, value]) => (/^segment\d+$/.test(key) && value instanceof Map ? [segmentOf(group, value, extent, physical)] : []))
    .sort((a, b) => a.from - b.from)
  const size = segments.at(-1)?.until ?? 0
  segments.forEach(({ from }, index) => {
    if (from !== (segments[index - 1]?.until ?? 0)) throw new AppError('invalid', `its segments do not join at byte ${from}`)
  })
  return {
    size,
    async read(offset, length) {
      checkPlace(named, size, offset, length)
      const bytes: Buffer[] = []
      for (let at = offset; at < offset + length; ) {
        const piece = pieceAt(segments[indexAt(segments, at)]!, at, offset + length - at)
        bytes.push(await piece.reader.read(piece.at, piece.length))
        at += piece.length
      }
      return bytes.length === 1 ? bytes[0]! : Buffer.concat(bytes)
    },
  }
}

/** The segment that holds a byte. */
function indexAt(segments: readonly Segment[], at: number): number {
  let [low, high] = [0, segments.length - 1]
  while (low < high) {
    const middle = (low + high) >> 1
    if (segments[middle]!.until <= at) low = middle + 1
    else high = middle
  }
  return low
}

function pieceAt(
  { from, until, stripe, on }: Segment,
  at: number,
  length: number,
): { readonly reader: BlockReader; readonly at: number; readonly length: number } {
  const inside = at - from
  const most = Math.min(length, until - at)
  if (on.length === 1) return { reader: on[0]!.reader, at: on[0]!.at + inside, length: most }
  const number = Math.floor(inside / stripe)
  const into = inside % stripe
  const { reader, at: start } = on[number % on.length]!
  return { reader, at: start + Math.floor(number / on.length) * stripe + into, length: Math.min(most, stripe - into) }
}

function segmentOf(group: LvmSection, segment: LvmSection, extent: number, physical: readonly PhysicalVolume[]): Segment {
  const type = segment.get('type')
  if (type !== 'striped')
    throw new AppError('unsupported', `a logical volume of type ${JSON.stringify(type)}: only linear and striped ones are read`)
  const from = numberOf(segment, 'start_extent', 0) * extent
  const stripes = listOf(segment, 'stripes')
  const count = numberOf(segment, 'stripe_count', 1)
  if (stripes.length !== count * 2) throw new AppError('invalid', `${stripes.length} words for ${count} stripes`)
  const on = Array.from({ length: count }, (_, index) => {
    const [name, place] = [stripes[index * 2], stripes[index * 2 + 1]]
    const section = typeof name === 'string' ? sectionOf(sectionOf(group, 'physical_volumes'), name) : new Map<string, LvmValue>()
    const id = section.get('id')
    const found = physical.find((one) => typeof id === 'string' && one.id === id.replaceAll('-', ''))
    if (found === undefined)
      throw new AppError('missing', `a part of it lies on a physical volume that is on no disk at hand (${String(name)})`)
    if (typeof place !== 'number') throw new AppError('invalid', 'a stripe that says no place')
    return { reader: found.reader, at: numberOf(section, 'pe_start', 0) * 512 + place * extent }
  })
  const stripe = count === 1 ? 0 : numberOf(segment, 'stripe_size', 1) * 512
  return { from, until: from + numberOf(segment, 'extent_count', 1) * extent, stripe, on }
}
