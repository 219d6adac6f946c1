import { byteFields } from '../../../formats/byte-fields.ts'
import { isRecord, parseJson, textOf } from '../../../formats/json.ts'
import type { Program, ProgramBytes } from '../../../formats/program-file.ts'
import { purlOf } from '../../../formats/purl.ts'
import { systemTypes, type Component } from '../../../model/component.ts'

const [OWNER, KIND] = ['FDO', 0xcafe1a7e]
const LARGEST = 1 << 16

/** The distribution's package an ELF file says it was built for (systemd's "Package Metadata for Executable Files"): by source package. */
export async function packageNote(file: ProgramBytes, { notes, bits, little }: Program): Promise<Component | undefined> {
  for (const { offset, size } of notes.slice(0, 64)) {
    if (size > LARGEST) continue
    const bytes = await file.range(offset, size)
    const fields = byteFields(bytes, little, bits)
    for (let at = 0; at + 12 <= bytes.length; ) {
      const [nameSize, contentSize, kind] = [fields.u32(at), fields.u32(at + 4), fields.u32(at + 8)]
      const content = at + 12 + aligned(nameSize)
      if (content + contentSize > bytes.length) break
      if (kind === KIND && fields.text(at + 12, nameSize) === OWNER)
        return componentOf(Buffer.from(bytes).toString('utf8', content, content + contentSize))
      at = content + aligned(contentSize)
    }
  }
  return undefined
}

const aligned = (size: number): number => Math.ceil(size / 4) * 4

function componentOf(text: string): Component | undefined {
  const note = parseJson(text.replace(/\0+$/, ''))
  if (!isRecord(note)) throw new Error('expected a JSON object in its package note')
  const [type, name, version, arch] = ['type', 'name', 'version', 'architecture'].map((member) => textOf(note, member))
  if (type === undefined || !systemTypes.has(type) || name === undefined || version === undefined) return undefined
  if (!/^[\w.+-]{1,200}$/.test(name) || !/^[!-~]{1,200}$/.test(version))
    throw new Error('expected a name and a version in its package note')
  return {
    purl: purlOf(type, undefined, name, version),
    type,
    name,
    version,
    source: { name, version },
    ...(arch !== undefined && /^\w{1,40}$/.test(arch) && { arch }),
  }
}
