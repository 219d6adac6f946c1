import { byteFields, type ByteFields } from './byte-fields.ts'
import {
  MOST_SECTIONS,
  MOST_SEGMENTS,
  partOf,
  placeOf,
  type Program,
  type ProgramBytes,
  type Section,
  type Segment,
} from './program-file.ts'

/** Bytes read at once at the beginning: the header, most often all segments, too. */
const FIRST = 4_096
/** Bytes of all section names, of the dynamic section, and of one name. */
const NAMES = 1 << 20
const DYNAMIC = 1 << 16
const NAME = 256
/** Libraries one program is linked with. */
const MOST_NEEDS = 128

const [LOAD, DYNAMIC_SEGMENT, INTERPRETER, NOTE] = [1, 2, 3, 4]
const [NOTE_SECTION, NO_BITS] = [7, 8]

type Header = { readonly fields: ByteFields; readonly bits: 32 | 64; readonly little: boolean; readonly type: number }
type Table = { readonly offset: number; readonly entry: number; readonly count: number }
type Phdr = Segment & { readonly type: number }

/** An ELF file (System V ABI, chapters 4 and 5): what its headers say, of whatever machine. Throws where they cannot be. */
export async function readElf(file: ProgramBytes): Promise<Program> {
  const first = await file.range(0, FIRST)
  const header = headerOf(first)
  const { fields, bits, little } = header
  const wide = bits === 64
  const at = wide ? { ph: 32, sh: 40, sizes: 54 } : { ph: 28, sh: 32, sizes: 42 }
  const segmentTable = { offset: fields.address(at.ph), entry: fields.u16(at.sizes), count: fields.u16(at.sizes + 2) }
  const sectionTable = { offset: fields.address(at.sh), entry: fields.u16(at.sizes + 4), count: fields.u16(at.sizes + 6) }
  const segments = await segmentsOf(file, header, segmentTable)
  const { sections, notes } = await sectionsOf(file, header, sectionTable, fields.u16(at.sizes + 8))
  const loaded = segments.filter(({ type }) => type === LOAD)
  const linked = await dynamicOf(file, header, segments, loaded)
  return {
    format: 'ELF',
    kind: kindOf(header.type, segments, linked),
    bits,
    little,
    sections,
    segments: loaded,
    notes: notes.length > 0 ? notes : segments.filter(({ type }) => type === NOTE),
    needs: linked.needs,
    ...(linked.name !== undefined && { linkName: linked.name }),
  }
}

function headerOf(first: Uint8Array): Header {
  const bits = first[4] === 1 ? 32 : first[4] === 2 ? 64 : undefined
  if (bits === undefined || (first[5] !== 1 && first[5] !== 2) || first.length < (bits === 32 ? 52 : 64))
    throw new Error('expected an ELF header of 32 or 64 bits, got one that is cut or of another class')
  const fields = byteFields(first, first[5] === 1, bits)
  return { fields, bits, little: first[5] === 1, type: fields.u16(16) }
}

/** Object types 2 and 3; a program whose place in memory is open is a library that names an interpreter, or says what it is. */
function kindOf(type: number, segments: readonly Phdr[], linked: Linked): Program['kind'] {
  if (type === 2) return 'program'
  if (type !== 3) return 'other'
  if (linked.name !== undefined) return 'library'
  return linked.program || segments.some((segment) => segment.type === INTERPRETER) ? 'program' : 'library'
}

async function tableOf(file: ProgramBytes, { offset, entry, count }: Table, what: string, least: number): Promise<Uint8Array | undefined> {
  if (count === 0 || offset === 0) return undefined
  if (entry < least) throw new Error(`expected entries of ${least} bytes in the table of ${what}, got ${entry}`)
  const table = await partOf(file, offset, entry * count)
  if (table === undefined) throw new Error(`its table of ${count} ${what} does not lie in the file: it is cut`)
  return table
}

async function segmentsOf(file: ProgramBytes, { bits, little }: Header, table: Table): Promise<readonly Phdr[]> {
  if (table.count > MOST_SEGMENTS) throw new Error(`${table.count} segments, at most ${MOST_SEGMENTS} are read`)
  const wide = bits === 64
  const bytes = await tableOf(file, table, 'segments', wide ? 56 : 32)
  if (bytes === undefined) return []
  const fields = byteFields(bytes, little, bits)
  return Array.from({ length: table.count }, (_, index) => {
    const at = index * table.entry
    const [offset, address, size] = wide ? [8, 16, 32] : [4, 8, 16]
    return {
      type: fields.u32(at),
      offset: fields.address(at + offset!),
      address: fields.address(at + address!),
      size: fields.address(at + size!),
      writable: (fields.u32(at + (wide ? 4 : 24)) & 2) !== 0,
    }
  }).filter((segment) => Number.isSafeInteger(segment.offset + segment.size))
}

type Sections = { readonly sections: readonly Section[]; readonly notes: Program['notes'] }

async function sectionsOf(file: ProgramBytes, { bits, little }: Header, given: Table, names: number): Promise<Sections> {
  const wide = bits === 64
  const least = wide ? 64 : 40
  const at = wide ? { address: 16, offset: 24, size: 32, link: 40 } : { address: 12, offset: 16, size: 20, link: 24 }
  let table = given
  let namesIndex = names
  // More sections than 16 bits can say, or their names behind that: the first section has both numbers.
  if (given.offset !== 0 && (given.count === 0 || names === 0xffff) && given.entry >= least) {
    const zeroth = await partOf(file, given.offset, least)
    if (zeroth === undefined) return { sections: [], notes: [] }
    const fields = byteFields(zeroth, little, bits)
    if (given.count === 0) table = { ...given, count: fields.address(at.size) }
    if (names === 0xffff) namesIndex = fields.u32(at.link)
  }
  if (table.count > MOST_SECTIONS) throw new Error(`${table.count} sections, at most ${MOST_SECTIONS} are read`)
  const bytes = await tableOf(file, table, 'sections', least)
  if (bytes === undefined) return { sections: [], notes: [] }
  const fields = byteFields(bytes, little, bits)
  const all = Array.from({ length: table.count }, (_, index) => {
    const start = index * table.entry
    const type = fields.u32(start + 4)
    const size = type === NO_BITS ? 0 : fields.address(start + at.size)
    return { name: fields.u32(start), type, offset: fields.address(start + at.offset), size }
  })
  const strings = all[namesIndex]
  const text = strings && (await partOf(file, strings.offset, Math.min(strings.size, NAMES)))
  const within = all.filter(({ offset, size }) => Number.isSafeInteger(offset + size) && offset + size <= file.size)
  const nameAt = (start: number) => (text === undefined ? '' : byteFields(text, little, bits).text(start, NAME))
  return {
    sections: within.map(({ name, offset, size }) => ({ name: nameAt(name), offset, size })),
    notes: within.filter(({ type }) => type === NOTE_SECTION).map(({ offset, size }) => ({ offset, size })),
  }
}

type Linked = { readonly name?: string; readonly needs: readonly string[]; readonly program: boolean }

/** Of the dynamic section: the library's own name (tag 14), those it needs (tag 1), and whether it says that it is a program (flag of tag 0x6ffffffb). */
async function dynamicOf(
  file: ProgramBytes,
  { bits, little }: Header,
  segments: readonly Phdr[],
  loaded: readonly Segment[],
): Promise<Linked> {
  const place = segments.find(({ type }) => type === DYNAMIC_SEGMENT)
  const bytes = place && (await partOf(file, place.offset, Math.min(place.size, DYNAMIC)))
  if (bytes === undefined) return { needs: [], program: false }
  const fields = byteFields(bytes, little, bits)
  const width = bits / 8
  const values = new Map<number, number>()
  const needed: number[] = []
  for (let at = 0; at + 2 * width <= fields.length; at += 2 * width) {
    const [tag, value] = [fields.address(at), fields.address(at + width)]
    if (tag === 0) break
    if (tag === 1 && needed.length < MOST_NEEDS) needed.push(value)
    if (!values.has(tag)) values.set(tag, value)
  }
  const program = ((values.get(0x6ffffffb) ?? 0) & 0x08000000) !== 0
  const [strings, own] = [placeOf(values.get(5) ?? -1, { segments: loaded }), values.get(14)]
  const nameAt = async (at: number) => {
    if (strings === undefined || !Number.isSafeInteger(strings + at)) return ''
    return byteFields(await file.range(strings + at, NAME), little, bits).text(0, NAME)
  }
  const name = own === undefined ? '' : await nameAt(own)
  const needs: string[] = []
  for (const at of needed) needs.push(await nameAt(at))
  return { needs, program, ...(name !== '' && { name }) }
}
