import { partOf, placeOf, type Program, type ProgramBytes } from '../../../formats/program-file.ts'

/** What the linker of Go writes into a program: the version of Go, and lines that tell its modules. */
export type BuildInfo = { readonly go: string; readonly modules: string }

const MAGIC = Buffer.from('\xff Go buildinf:', 'latin1')
/** The blob begins at a multiple of this, and its head has twice as many bytes. */
const [ALIGNED, HEAD] = [16, 32]
/** Bytes searched where no section names the place, of one version, and of the lines. */
const SEARCHED = 4 << 20
const [VERSION, LINES] = [1_024, 4 << 20]
/** Sections that only Go makes. */
const marks = new Set(['.go.buildinfo', '__go_buildinfo', '.gopclntab', '__gopclntab', '.note.go.buildid', '.gosymtab', '__gosymtab'])

export const isGo = ({ sections }: Program): boolean => sections.some(({ name }) => marks.has(name))

/**
 * The build information of a program, as Go's debug/buildinfo finds it: in a section of its own or, where there is none, at the
 * beginning of the data. Since Go 1.18 the strings follow inline; before, pointers lead to them. undefined: there is none.
 */
export async function readBuildInfo(file: ProgramBytes, program: Program): Promise<BuildInfo | undefined> {
  const place = dataOf(program)
  if (place === undefined) return undefined
  const data = Buffer.from(await file.range(place.offset, Math.min(place.size, SEARCHED)))
  const at = blobIn(data)
  if (at === undefined) return undefined
  const flags = data[at + 15]!
  return (flags & 2) === 0 ? pointed(file, program, data.subarray(at, at + HEAD)) : inline(file, place.offset + at + HEAD)
}

function dataOf({ format, sections, segments }: Program): { readonly offset: number; readonly size: number } | undefined {
  const named = sections.find(({ name }) => name === '.go.buildinfo' || name === '__go_buildinfo')
  if (named !== undefined) return named
  const unnamed = format === 'PE' || sections.length === 0
  return unnamed ? segments.find(({ writable, size }) => writable && size > 0) : undefined
}

function blobIn(data: Buffer): number | undefined {
  for (let at = data.indexOf(MAGIC); at !== -1; at = data.indexOf(MAGIC, at + 1)) {
    if (at % ALIGNED === 0 && at + HEAD <= data.length) return at
  }
  return undefined
}

async function inline(file: ProgramBytes, offset: number): Promise<BuildInfo> {
  const version = await counted(file, offset, VERSION)
  const lines = await counted(file, version.end, LINES)
  return { go: version.bytes.toString('utf8'), modules: linesOf(lines.bytes) }
}

/** A length in groups of seven bits, the lowest first, and as many bytes. */
async function counted(file: ProgramBytes, offset: number, most: number): Promise<{ readonly bytes: Buffer; readonly end: number }> {
  const head = await file.range(offset, 10)
  let length = 0
  let at = 0
  for (let scale = 1; ; scale *= 128) {
    const byte = head[at++]
    if (byte === undefined || at > 5) throw new Error('expected the length of a text in its build information, got none')
    length += (byte & 0x7f) * scale
    if (byte < 0x80) break
  }
  if (length > most) throw new Error(`a text of ${length} bytes in its build information, at most ${most} are read`)
  const bytes = await partOf(file, offset + at, length)
  if (bytes === undefined) throw new Error(`a text of ${length} bytes in its build information, which do not lie in the file`)
  return { bytes: Buffer.from(bytes), end: offset + at + length }
}

async function pointed(file: ProgramBytes, program: Program, head: Buffer): Promise<BuildInfo> {
  const width = head[14]
  if (width !== 4 && width !== 8) throw new Error(`expected pointers of 4 or 8 bytes in its build information, got ${width}`)
  const big = (head[15]! & 1) !== 0
  const number = (bytes: Buffer, at: number) =>
    width === 8
      ? Number(big ? bytes.readBigUInt64BE(at) : bytes.readBigUInt64LE(at))
      : big
        ? bytes.readUInt32BE(at)
        : bytes.readUInt32LE(at)
  const text = async (address: number, most: number): Promise<Buffer> => {
    if (address === 0) return Buffer.alloc(0)
    const place = placeOf(address, program)
    const header = place === undefined ? undefined : await partOf(file, place, 2 * width)
    if (header === undefined) throw new Error('its build information points to what is not in the file')
    const [start, length] = [number(Buffer.from(header), 0), number(Buffer.from(header), width)]
    if (length > most) throw new Error(`a text of ${length} bytes in its build information, at most ${most} are read`)
    const at = placeOf(start, program)
    const bytes = length === 0 ? Buffer.alloc(0) : at === undefined ? undefined : await partOf(file, at, length)
    if (bytes === undefined) throw new Error('its build information points to what is not in the file')
    return Buffer.from(bytes)
  }
  return { go: (await text(number(head, 16), VERSION)).toString('utf8'), modules: linesOf(await text(number(head, 16 + width), LINES)) }
}

/** The lines stand between two marks of 16 bytes; without them there are none. */
function linesOf(bytes: Buffer): string {
  return bytes.length >= 33 && bytes[bytes.length - 17] === 0x0a ? bytes.toString('utf8', 16, bytes.length - 16) : ''
}
