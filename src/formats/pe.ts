import { byteFields } from './byte-fields.ts'
import { MOST_SECTIONS, partOf, type Program, type ProgramBytes } from './program-file.ts'

/** Bytes of the headers and one entry of the section table. */
const [COFF, SECTION] = [24, 40]
const [DLL, WRITABLE] = [0x2000, 0x80000000]

/** A Windows program or library (Microsoft's "PE Format"). Throws where its headers cannot be; undefined: a DOS program, or none. */
export async function readPe(file: ProgramBytes): Promise<Program | undefined> {
  const start = byteFields(await file.range(0, 64), true, 32)
  if (start.length < 64) return undefined
  const header = await partOf(file, start.u32(60), COFF)
  if (header === undefined) return undefined
  const coff = byteFields(header, true, 32)
  if (coff.u32(0) !== 0x4550) return undefined
  const [count, optionalSize] = [coff.u16(6), coff.u16(20)]
  if (count > MOST_SECTIONS) throw new Error(`${count} sections, at most ${MOST_SECTIONS} are read`)
  const after = start.u32(60) + COFF
  const optional = optionalSize < 32 ? undefined : await partOf(file, after, optionalSize)
  const magic = optional && byteFields(optional, true, 32).u16(0)
  if (optional === undefined || (magic !== 0x10b && magic !== 0x20b))
    throw new Error('expected the header of a PE image, got one that is cut or of another kind')
  const bits = magic === 0x20b ? 64 : 32
  const base = byteFields(optional, true, bits).address(bits === 64 ? 24 : 28)
  const table = await partOf(file, after + optionalSize, count * SECTION)
  if (table === undefined) throw new Error(`its table of ${count} sections does not lie in the file: it is cut`)
  const fields = byteFields(table, true, 32)
  const sections = Array.from({ length: count }, (_, index) => {
    const at = index * SECTION
    const [raw, offset] = [fields.u32(at + 16), fields.u32(at + 20)]
    return {
      name: fields.text(at, 8),
      offset,
      size: Math.max(0, Math.min(raw, file.size - offset)),
      address: base + fields.u32(at + 12),
      writable: (fields.u32(at + 36) & WRITABLE) !== 0,
    }
  })
  return {
    format: 'PE',
    kind: (coff.u16(22) & DLL) === 0 ? 'program' : 'library',
    bits,
    little: true,
    sections: sections.map(({ name, offset, size }) => ({ name, offset, size })),
    segments: sections.map(({ address, offset, size, writable }) => ({ address, offset, size, writable })),
    needs: [],
    notes: [],
  }
}
