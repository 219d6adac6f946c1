import { isRecord } from '../../../formats/json.ts'
import { gapsOf, quoted } from '../../../formats/problems.ts'
import { parseToml } from '../../../formats/toml.ts'
import type { Occurrence } from '../../../model/component.ts'
import type { Extractor, FileTree } from '../../../model/seams.ts'
import { crateOf } from './component.ts'
import { ofProject } from './places.ts'

const tables = ['dependencies', 'dev-dependencies', 'dev_dependencies', 'build-dependencies', 'build_dependencies']
const MOST = 10_000

/** What a project asks for, where no lock says what it got. Format: The Cargo Book, "The Manifest Format". */
export const cargoToml = {
  id: 'rust/cargo-toml',
  version: 1,
  title: 'Cargo.toml without Cargo.lock',
  names: ['Cargo.toml'],
  wants: ({ path }) => ofProject(path, 'Cargo.toml'),
  async read(file, near) {
    if (await isLocked(file.path, near)) return { occurrences: [], gaps: [] }
    const problems: string[] = []
    const manifest = parseToml(await file.text())
    if (!isRecord(manifest)) return { occurrences: [], gaps: gapsOf(this.id, file.path, ['expected a TOML table']) }
    const asked = tablesOf(manifest).flatMap((table) => Object.entries(table))
    if (asked.length > MOST) problems.push(`${asked.length} dependencies, at most ${MOST} are read`)
    const occurrences = asked.slice(0, MOST).flatMap(([key, value]): readonly Occurrence[] => {
      const { name, requirement } = askedFor(key, value)
      if (requirement === undefined) return []
      const component = crateOf(name, '')
      if (component === undefined) problems.push(`expected the name of a crate, got ${quoted(name)}`)
      return component ? [{ component, at: { path: file.path }, extractor: this.id, scope: 'declared', requirement, direct: true }] : []
    })
    return { occurrences, gaps: gapsOf(this.id, file.path, problems) }
  },
} satisfies Extractor

/** A lock beside it, or beside the root of the workspace it is a member of. */
async function isLocked(path: string, near: Pick<FileTree, 'open'>): Promise<boolean> {
  let folder = path.slice(0, -'Cargo.toml'.length)
  if (await near.open(`${folder}Cargo.lock`)) return true
  while (folder !== '') {
    folder = folder.slice(0, folder.lastIndexOf('/', folder.length - 2) + 1)
    if (!(await near.open(`${folder}Cargo.lock`))) continue
    const above = await (await near.open(`${folder}Cargo.toml`))?.text()
    return above !== undefined && /^\s*\[workspace[\].]/m.test(above)
  }
  return false
}

function tablesOf(manifest: Record<string, unknown>): readonly Record<string, unknown>[] {
  const targets = isRecord(manifest['target']) ? Object.values(manifest['target']) : []
  const places = [manifest, manifest['workspace'], ...targets].filter(isRecord)
  return places.flatMap((place) => tables.map((name) => place[name]).filter(isRecord))
}

/** The crate's real name, and the versions asked for; none for what lies in a folder of the project. */
function askedFor(key: string, value: unknown): { readonly name: string; readonly requirement?: string } {
  if (typeof value === 'string') return { name: key, requirement: value.slice(0, 1_024) }
  if (!isRecord(value)) return { name: key, requirement: '*' }
  const name = typeof value['package'] === 'string' ? value['package'] : key
  if (typeof value['version'] === 'string') return { name, requirement: value['version'].slice(0, 1_024) }
  // What the workspace gives a version for is listed there.
  return value['path'] !== undefined || value['workspace'] === true ? { name } : { name, requirement: '*' }
}
