/** What a program to build holds: sections by name, and how its numbers are written. */
export type ProgramParts = {
  readonly sections?: Readonly<Record<string, Uint8Array>>
  readonly bits?: 32 | 64
  readonly little?: boolean
  /** ELF object type: 2 a program, 3 a library or a program that may lie anywhere. */
  readonly type?: number
  /** SONAME of a library. */
  readonly soname?: string
  /** Libraries it is linked with. */
  readonly needs?: readonly string[]
  /** Leaves out the section table, as strong stripping does. */
  readonly bare?: boolean
}

/** Where a file begins in memory. */
export const BASE = 0x400000

function writer(bits: 32 | 64, little: boolean) {
  const number = (width: number) => (value: number) => {
    const bytes = Buffer.alloc(width)
    for (let at = 0; at < width; at++) bytes[little ? at : width - 1 - at] = Math.floor(value / 256 ** at) % 256
    return bytes
  }
  return { u16: number(2), u32: number(4), u64: number(8), address: number(bits / 8) }
}
const aligned = (bytes: Uint8Array): Buffer => Buffer.concat([bytes, Buffer.alloc((16 - (bytes.length % 16)) % 16)])

/** A whole ELF file with one writable segment over all of it; each section begins at a multiple of 16. */
export function elfOf({ sections = {}, bits = 64, little = true, type = 2, soname, needs = [], bare = false }: ProgramParts): Buffer {
  const { u16, u32, address } = writer(bits, little)
  const wide = bits === 64
  const [headerSize, segmentSize, sectionSize] = wide ? [64, 56, 64] : [52, 32, 40]
  const parts: { name: string; bytes: Buffer; offset: number; length: number }[] = []
  let offset = Math.ceil((headerSize + 2 * segmentSize) / 16) * 16
  const put = (name: string, bytes: Uint8Array) => {
    const part = { name, bytes: aligned(bytes), offset, length: bytes.length }
    parts.push(part)
    offset += part.bytes.length
    return part
  }
  for (const [name, bytes] of Object.entries(sections)) put(name, bytes)
  const words = [...(soname === undefined ? [] : [soname]), ...needs]
  const text = Buffer.from(`\0${words.join('\0')}\0`)
  const names = words.length === 0 ? undefined : put('.dynstr', text)
  const wordTags = words.flatMap((word, index) => [soname !== undefined && index === 0 ? 14 : 1, text.indexOf(`\0${word}\0`) + 1])
  const tags = names && [5, BASE + names.offset, 10, text.length, ...wordTags, 0, 0]
  const dynamic = tags && put('.dynamic', Buffer.concat(tags.map((tag) => address(tag))))
  const strings = Buffer.from(`\0${[...parts.map(({ name }) => name), '.shstrtab'].join('\0')}\0`)
  put('.shstrtab', strings)
  const table = offset
  const segment = (kind: number, at: number, size: number) =>
    wide
      ? Buffer.concat([u32(kind), u32(6), ...[at, BASE + at, BASE + at, size, size, 16].map(address)])
      : Buffer.concat([u32(kind), ...[at, BASE + at, BASE + at, size, size].map(address), u32(6), u32(16)])
  const section = (name: number, kind: number, at: number, size: number) =>
    Buffer.concat([u32(name), u32(kind), ...[0, at === 0 ? 0 : BASE + at, at, size].map(address), u32(0), u32(0), ...[0, 0].map(address)])
  const kindOf = (name: string) => (name.startsWith('.note') ? 7 : 1)
  const header = Buffer.concat([
    Buffer.from([0x7f, 0x45, 0x4c, 0x46, wide ? 2 : 1, little ? 1 : 2, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0]),
    ...[u16(type), u16(62), u32(1), address(BASE), address(headerSize), address(bare ? 0 : table), u32(0)],
    ...[headerSize, segmentSize, dynamic ? 2 : 1, sectionSize, bare ? 0 : parts.length + 1, bare ? 0 : parts.length].map(u16),
    segment(1, 0, table),
    dynamic ? segment(2, dynamic.offset, dynamic.length) : Buffer.alloc(segmentSize),
  ])
  const rows = parts.map(({ name, offset: at, length }) => section(strings.indexOf(`\0${name}\0`) + 1, kindOf(name), at, length))
  const first = Buffer.concat([header, Buffer.alloc((16 - (header.length % 16)) % 16)])
  return Buffer.concat([first, ...parts.map(({ bytes }) => bytes), ...(bare ? [] : [section(0, 0, 0, 0), ...rows])])
}

/** A whole PE file; its sections are mapped one after another, all writable. */
export function peOf({ sections = {}, bits = 64 }: Pick<ProgramParts, 'sections' | 'bits'>): Buffer {
  const { u16, u32, address } = writer(bits, true)
  const optionalSize = 96
  const names = Object.keys(sections)
  let offset = Math.ceil((64 + 24 + optionalSize + names.length * 40) / 16) * 16
  const rows: Buffer[] = []
  const contents: Buffer[] = []
  for (const name of names) {
    const bytes = aligned(sections[name]!)
    rows.push(
      Buffer.concat([
        Buffer.from(name.padEnd(8, '\0')),
        ...[bytes.length, 0x1000 + offset, bytes.length, offset, 0, 0, 0, 0xc0000040].map(u32),
      ]),
    )
    contents.push(bytes)
    offset += bytes.length
  }
  const dos = Buffer.alloc(64)
  dos.write('MZ')
  dos.writeUInt32LE(64, 60)
  const optional = Buffer.alloc(optionalSize)
  u16(bits === 64 ? 0x20b : 0x10b).copy(optional)
  address(BASE).copy(optional, bits === 64 ? 24 : 28)
  const coff = Buffer.concat([Buffer.from('PE\0\0'), u16(0x8664), u16(names.length), u32(0), u32(0), u32(0), u16(optionalSize), u16(0x22)])
  const head = Buffer.concat([dos, coff, optional, ...rows])
  return Buffer.concat([aligned(head), ...contents])
}

/** A whole Mach-O file of 64 bits with one writable segment that has all sections. */
export function machOOf({ sections = {}, little = true }: Pick<ProgramParts, 'sections' | 'little'>): Buffer {
  const { u32, u64 } = writer(64, little)
  const names = Object.keys(sections)
  const commandSize = 72 + 80 * names.length
  const start = Math.ceil((32 + commandSize) / 16) * 16
  let offset = start
  const rows: Buffer[] = []
  const contents: Buffer[] = []
  for (const name of names) {
    const bytes = sections[name]!
    rows.push(
      Buffer.concat([
        Buffer.from(name.padEnd(16, '\0')),
        Buffer.from('__DATA'.padEnd(16, '\0')),
        u64(BASE + offset),
        u64(bytes.length),
        u32(offset),
        Buffer.alloc(28),
      ]),
    )
    contents.push(aligned(bytes))
    offset += contents.at(-1)!.length
  }
  const size = offset
  const segment = Buffer.concat([
    ...[u32(0x19), u32(commandSize), Buffer.from('__DATA'.padEnd(16, '\0'))],
    ...[u64(BASE), u64(size), u64(0), u64(size), u32(3), u32(3), u32(names.length), u32(0), ...rows],
  ])
  const header = Buffer.concat([0xfeedfacf, 0x0100000c, 0, 2, 1, commandSize, 0, 0].map(u32))
  return Buffer.concat([aligned(Buffer.concat([header, segment])), ...contents])
}

/** Several Mach-O files in one. */
export function fatOf(programs: readonly Uint8Array[]): Buffer {
  const { u32 } = writer(32, false)
  let offset = Math.ceil((8 + 20 * programs.length) / 16) * 16
  const rows = programs.map((program) => {
    const row = Buffer.concat([0x0100000c, 0, offset, program.length, 4].map(u32))
    offset += aligned(program).length
    return row
  })
  return Buffer.concat([aligned(Buffer.concat([u32(0xcafebabe), u32(programs.length), ...rows])), ...programs.map(aligned)])
}
