import { promisify } from 'node:util'
import { inflate } from 'node:zlib'
import { isRecord, parseJson } from '../../../formats/json.ts'
import { gapsOf, quoted } from '../../../formats/problems.ts'
import { mayBeProgram, startsAsProgram, type Program, type ProgramBytes } from '../../../formats/program-file.ts'
import { readPrograms } from '../../../formats/program.ts'
import { isPastLimit } from '../../../kit/unpack.ts'
import type { Occurrence } from '../../../model/component.ts'
import { reasonOf } from '../../../model/errors.ts'
import type { Extractor } from '../../../model/seams.ts'
import { crateOf, MOST_NEEDS } from './component.ts'

/** Bytes of the packed list, and of what it unpacks to: some hundred crates take 20 KB. */
const [PACKED, UNPACKED] = [4 << 20, 16 << 20]
const MOST = 50_000
const COMMENT = 1 << 16

/** The crates in a program that cargo-auditable built: a section `.dep-v0` holds them as zlib-packed JSON (its PARSING.md). */
export const program = {
  id: 'rust/program',
  version: 2,
  title: 'Crates listed in Rust programs',
  alone: true,
  wants: mayBeProgram,
  starts: startsAsProgram,
  async read(file) {
    const occurrences: Occurrence[] = []
    const problems: string[] = []
    for (const one of await readPrograms(file).catch(() => [])) {
      const section = one.sections.find(({ name }) => name === '.dep-v0' || name === '__dep-v0')
      if (section !== undefined) {
        const listed = await listIn(file, section).catch((thrown: unknown) => `its list of crates cannot be read: ${reasonOf(thrown)}`)
        if (typeof listed === 'string') problems.push(listed)
        else occurrences.push(...cratesOf(listed, file.path, problems))
      } else {
        const compiler = await compilerOf(file, one)
        if (compiler !== undefined) problems.push(`built by ${compiler}, without a list of its crates: those in it are unknown`)
      }
    }
    return { occurrences, gaps: gapsOf(this.id, file.path, problems) }
  },
} satisfies Extractor

async function listIn(file: ProgramBytes, { offset, size }: Program['sections'][number]): Promise<readonly unknown[]> {
  if (size > PACKED) throw new Error(`${size} bytes, at most ${PACKED} are read`)
  const json = await promisify(inflate)(await file.range(offset, size), { maxOutputLength: UNPACKED }).catch((thrown: unknown) => {
    throw isPastLimit(thrown) ? new Error(`it unpacks to more than ${UNPACKED} bytes`) : thrown
  })
  const list = parseJson(json.toString('utf8'))
  const packages = isRecord(list) ? list['packages'] : undefined
  if (!Array.isArray(packages)) throw new Error('expected a list "packages"')
  if (packages.length > MOST) throw new Error(`${packages.length} crates, at most ${MOST} are read`)
  return packages
}

function cratesOf(packages: readonly unknown[], path: string, problems: string[]): readonly Occurrence[] {
  const crates = packages.map((entry) => {
    if (!isRecord(entry) || typeof entry['name'] !== 'string' || typeof entry['version'] !== 'string' || entry['version'] === '') {
      problems.push('its list of crates has an entry without name or version')
      return undefined
    }
    const component = crateOf(entry['name'], entry['version'])
    if (component === undefined)
      problems.push(`expected the name of a crate and a version, got ${quoted(`${entry['name']} ${entry['version']}`)}`)
    const needs = Array.isArray(entry['dependencies']) ? entry['dependencies'].filter((need) => typeof need === 'number') : []
    const root = entry['root'] === true
    // What comes from a folder is the program's own; the program itself is named.
    return component && { component, needs, root, own: entry['source'] === 'local' && !root, build: entry['kind'] === 'build' }
  })
  const direct = new Set(crates.filter((crate) => crate?.root || crate?.own).flatMap((crate) => crate?.needs ?? []))
  const count = crates.reduce((sum, crate) => sum + (crate?.needs.length ?? 0), 0)
  if (count > MOST_NEEDS) problems.push(`${count} dependencies between crates, at most ${MOST_NEEDS} are told: none is`)
  return crates.flatMap((crate, index): readonly Occurrence[] => {
    if (crate === undefined || crate.own) return []
    const { component, root, build } = crate
    const dependsOn = count > MOST_NEEDS ? [] : [...new Set(crate.needs.flatMap((need) => crates[need]?.component.purl ?? []))].sort()
    return [
      {
        component,
        at: { path },
        extractor: program.id,
        ...(build && { scope: 'dev' as const }),
        ...(!root && { direct: direct.has(index) }),
        ...(dependsOn.length > 0 && { dependsOn }),
      },
    ]
  })
}

/** ELF's `.comment` names the compilers of all parts: rustc with its version, where any part is Rust. */
async function compilerOf(file: ProgramBytes, { sections }: Program): Promise<string | undefined> {
  const comment = sections.find(({ name }) => name === '.comment')
  if (comment === undefined) return undefined
  const text = Buffer.from(await file.range(comment.offset, Math.min(comment.size, COMMENT))).toString('latin1')
  const version = /rustc version (\d+\.\d+\.\d+[\w.-]{0,20})/.exec(text)?.[1]
  return version === undefined ? undefined : `rustc ${version}`
}
