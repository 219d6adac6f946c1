import { byteFields, type ByteFields } from './byte-fields.ts'
import {
  MOST_SECTIONS,
  MOST_SEGMENTS,
  partOf,
  startsAsFat,
  startsAsMachO,
  type Program,
  type ProgramBytes,
  type Section,
  type Segment,
} from './program-file.ts'

/** Bytes of all load commands. */
const COMMANDS = 1 << 20
const [SEGMENT, SEGMENT_64, OWN_NAME] = [0x1, 0x19, 0xd]

/** A Mach-O file, or each of several in a fat one (Apple's mach-o/loader.h and fat.h). Throws where its headers cannot be. */
export async function readMachO(file: ProgramBytes): Promise<readonly Program[]> {
  const head = await file.range(0, 8)
  if (!startsAsFat(head)) return [await readThin(file, 0)]
  // A fat header is big-endian, whatever the machines are.
  const wide = head[3] === 0xbf
  const [count, entry] = [head[7]!, wide ? 32 : 20]
  const table = await partOf(file, 8, count * entry)
  if (table === undefined) throw new Error(`its table of ${count} machines does not lie in the file: it is cut`)
  const fields = byteFields(table, false, wide ? 64 : 32)
  const programs: Program[] = []
  for (let index = 0; index < count; index++) programs.push(await readThin(file, fields.address(index * entry + 8)))
  return programs
}

async function readThin(file: ProgramBytes, base: number): Promise<Program> {
  const head = await partOf(file, base, 28)
  if (head === undefined || !startsAsMachO(head)) throw new Error('expected a Mach-O header, got one that is cut or of another kind')
  const little = head[3] === 0xfe
  const bits = head[little ? 0 : 3] === 0xcf ? 64 : 32
  const header = byteFields(head, little, bits)
  const [type, count, size] = [header.u32(12), header.u32(16), header.u32(20)]
  if (count > MOST_SEGMENTS || size > COMMANDS)
    throw new Error(`${count} load commands of ${size} bytes, at most ${MOST_SEGMENTS} of ${COMMANDS} are read`)
  const bytes = await partOf(file, base + (bits === 64 ? 32 : 28), size)
  if (bytes === undefined) throw new Error('its load commands do not lie in the file: it is cut')
  const fields = byteFields(bytes, little, bits)
  const sections: Section[] = []
  const segments: Segment[] = []
  let name: string | undefined
  for (let at = 0, index = 0; index < count; index++) {
    if (at + 8 > size) throw new Error('a load command that does not lie among the load commands')
    const [command, length] = [fields.u32(at), fields.u32(at + 4)]
    if (length < 8 || at + length > size) throw new Error(`a load command of ${length} bytes, which do not lie among the load commands`)
    if (command === (bits === 64 ? SEGMENT_64 : SEGMENT))
      readSegment(byteFields(bytes.subarray(at, at + length), little, bits), bits, base, sections, segments)
    if (command === OWN_NAME && length >= 24) name = fields.text(at + fields.u32(at + 8), 1_024)
    at += length
  }
  const within = ({ offset, size: length }: { readonly offset: number; readonly size: number }) =>
    Number.isSafeInteger(offset + length) && offset + length <= file.size
  const linkName = name?.slice(name.lastIndexOf('/') + 1)
  return {
    format: 'Mach-O',
    kind: type === 2 ? 'program' : type === 6 || type === 8 ? 'library' : 'other',
    bits,
    little,
    sections: sections.filter(within),
    segments: segments.filter(within),
    needs: [],
    notes: [],
    ...(linkName !== undefined && linkName !== '' && { linkName }),
  }
}

function readSegment(fields: ByteFields, bits: 32 | 64, base: number, sections: Section[], segments: Segment[]): void {
  const wide = bits === 64
  const at = wide
    ? { address: 24, offset: 40, size: 48, protection: 60, count: 64, first: 72, entry: 80 }
    : { address: 24, offset: 32, size: 36, protection: 44, count: 48, first: 56, entry: 68 }
  if (fields.length < at.first) throw new Error('a segment whose load command is cut')
  segments.push({
    address: fields.address(at.address),
    offset: base + fields.address(at.offset),
    size: fields.address(at.size),
    writable: (fields.u32(at.protection) & 2) !== 0,
  })
  const count = fields.u32(at.count)
  if (at.first + count * at.entry > fields.length) throw new Error(`${count} sections, which do not lie in their load command`)
  if (sections.length + count > MOST_SECTIONS) throw new Error(`more than ${MOST_SECTIONS} sections`)
  for (let index = 0; index < count; index++) {
    const start = at.first + index * at.entry
    // Kinds 1, 12 and 18 are zeros in memory and nothing in the file.
    const empty = [1, 12, 18].includes(fields.u32(start + (wide ? 64 : 56)) & 0xff)
    sections.push({
      name: fields.text(start, 16),
      offset: base + fields.u32(start + (wide ? 48 : 40)),
      size: empty ? 0 : fields.address(start + (wide ? 40 : 36)),
    })
  }
}
