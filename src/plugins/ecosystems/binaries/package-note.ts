import { byteFields } from '../../../formats/byte-fields.ts'
import { isRecord, parseJson, textOf } from '../../../formats/json.ts'
import type { Program, ProgramBytes } from '../../../formats/program-file.ts'
import { shown } from '../../../formats/problems.ts'
import { purlOf } from '../../../formats/purl.ts'
import { systemTypes, type Component } from '../../../model/component.ts'

const [OWNER, KIND] = ['FDO', 0xcafe1a7e]
const LARGEST = 1 << 16

/**
 * The distribution's package a program says it was built for ("Package Metadata for Executable Files" of the UAPI group), by source
 * package: an ELF file in a note, a PE file in a section.
 */
export async function packageNote(file: ProgramBytes, program: Program): Promise<Component | undefined> {
  const text = program.format === 'PE' ? await sectionOf(file, program) : await noteOf(file, program)
  return text === undefined ? undefined : componentOf(text)
}

/** Of these systems advisories name the packages that are installed, and a note only the one they were built from. */
export const namesBinaries = ({ type, distro }: Component): boolean =>
  type === 'rpm' && (distro === undefined || /^(?:almalinux|centos|rhel)(?::|$)/.test(distro))

async function noteOf(file: ProgramBytes, { notes, bits, little }: Program): Promise<string | undefined> {
  for (const { offset, size } of notes.slice(0, 64)) {
    if (size > LARGEST) continue
    const bytes = await file.range(offset, size)
    const fields = byteFields(bytes, little, bits)
    for (let at = 0; at + 12 <= bytes.length; ) {
      const [nameSize, contentSize, kind] = [fields.u32(at), fields.u32(at + 4), fields.u32(at + 8)]
      const content = at + 12 + aligned(nameSize)
      if (content + contentSize > bytes.length) break
      if (kind === KIND && fields.text(at + 12, nameSize) === OWNER)
        return Buffer.from(bytes).toString('utf8', content, content + contentSize)
      at = content + aligned(contentSize)
    }
  }
  return undefined
}

async function sectionOf(file: ProgramBytes, { sections }: Program): Promise<string | undefined> {
  const section = sections.find(({ name, size }) => name === '.pkgnote' && size <= LARGEST)
  return section && Buffer.from(await file.range(section.offset, section.size)).toString('utf8')
}

const aligned = (size: number): number => Math.ceil(size / 4) * 4

function componentOf(text: string): Component {
  const note = parseJson(text.replace(/\0+$/, ''))
  if (!isRecord(note)) throw new Error('expected a JSON object')
  const [type, name, version, arch] = ['type', 'name', 'version', 'architecture'].map((member) => textOf(note, member))
  if (type === undefined || !systemTypes.has(type)) throw new Error(`expected a type of package that is known, got ${shown(note['type'])}`)
  if (name === undefined || version === undefined || !/^[\w.+-]{1,200}$/.test(name) || !/^[!-~]{1,200}$/.test(version))
    throw new Error(`expected a name and a version, got ${shown(note['name'])} and ${shown(note['version'])}`)
  const os = systemOf(note)
  const built = arch !== undefined && /^\w{1,40}$/.test(arch) ? { arch } : {}
  return {
    // an ebuild's namespace is its category
    purl: purlOf(type, type === 'ebuild' ? undefined : os?.id, name, version, built),
    type,
    name,
    version,
    ...(os && { distro: os.release === undefined ? os.id : `${os.id}:${os.release}` }),
    source: { name, version },
    ...built,
  }
}

/** Ids of os-release, by the CPE's vendor and product. */
const systems: Readonly<Record<string, string>> = {
  'almalinux:almalinux': 'almalinux',
  'amazon:amazon_linux': 'amzn',
  'canonical:ubuntu_linux': 'ubuntu',
  'centos:centos': 'centos',
  'debian:debian_linux': 'debian',
  'fedoraproject:fedora': 'fedora',
  'opensuse:leap': 'opensuse-leap',
  'oracle:linux': 'ol',
  'redhat:enterprise_linux': 'rhel',
  'rocky:rocky': 'rocky',
}

/**
 * The system the note names, which need not be the one the program lies on: then its advisories are not those of that one. Without a
 * release nobody's advisories are.
 */
function systemOf(note: Readonly<Record<string, unknown>>): { readonly id: string; readonly release?: string | undefined } | undefined {
  // Debian writes its name as `Debian`
  const [id, release] = [textOf(note, 'os')?.toLowerCase(), textOf(note, 'osVersion')]
  if (id !== undefined && isWord(id)) return { id, ...(release !== undefined && isWord(release) && { release }) }
  const [, vendor, product = '', of] =
    /^cpe:(?:\/|2\.3:)o:([^:]{1,64}):([^:]{1,64})(?::([^:]{1,64}))?/.exec(textOf(note, 'osCpe') ?? '') ?? []
  if (vendor === undefined) return undefined
  const named = systems[`${vendor}:${product}`] ?? product
  return isWord(named) ? { id: named, ...(of !== undefined && isWord(of) && { release: of }) } : undefined
}

const isWord = (text: string): boolean => /^[a-z0-9][a-z0-9._-]{0,63}$/.test(text)
