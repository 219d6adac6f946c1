import { isRecord } from '../../../formats/json.ts'
import { gapsOf, quoted } from '../../../formats/problems.ts'
import { parseToml } from '../../../formats/toml.ts'
import type { Occurrence } from '../../../model/component.ts'
import type { Extractor } from '../../../model/seams.ts'
import { declaredComponent, javaComponent } from './component.ts'

type Table = Readonly<Record<string, unknown>>

/** Catalogues of versions (Gradle User Manual, "Version Catalogs"): what a build may use, in one version each. */
export const versionCatalog = {
  id: 'java/version-catalog',
  version: 1,
  title: 'Gradle version catalogues',
  alone: true,
  names: ['*.toml'],
  wants: ({ path }) => /(?:^|\/)gradle\/[\w.-]*\.?versions\.toml$/.test(path),
  async read(file) {
    const catalogue = parseToml(await file.text())
    if (!isRecord(catalogue)) throw new Error('expected a table')
    const versions = tableIn(catalogue, 'versions')
    const occurrences: Occurrence[] = []
    const problems: string[] = []
    for (const [alias, library] of Object.entries(tableIn(catalogue, 'libraries'))) {
      const found = libraryOf(library, versions)
      if (found === undefined) problems.push(`libraries.${quoted(alias)}: expected group, name and version`)
      else occurrences.push({ ...found, at: { path: file.path }, extractor: this.id })
    }
    return { occurrences, gaps: gapsOf(this.id, file.path, problems) }
  },
} satisfies Extractor

const member = (table: Table, name: string): unknown => (Object.hasOwn(table, name) ? table[name] : undefined)
const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined)

function tableIn(table: Table, name: string): Table {
  const value = member(table, name)
  return isRecord(value) ? value : {}
}

type Found = Pick<Occurrence, 'component' | 'scope' | 'requirement'>

function libraryOf(library: unknown, versions: Table): Found | undefined {
  if (typeof library === 'string') {
    const [group = '', artifact = '', version = '', ...rest] = library.split(':')
    return rest.length > 0 ? undefined : found(group, artifact, version)
  }
  if (!isRecord(library)) return undefined
  const [group, artifact] = text(member(library, 'module'))?.split(':', 2) ?? [
    text(member(library, 'group')),
    text(member(library, 'name')),
  ]
  const version = member(library, 'version')
  const reference = isRecord(version) ? text(member(version, 'ref')) : undefined
  return found(group ?? '', artifact ?? '', wanted(reference === undefined ? version : member(versions, reference)))
}

/** A version, or a rich one: what must be, else what is asked for, else what is liked best. */
function wanted(version: unknown): string {
  if (typeof version === 'string') return version
  if (!isRecord(version)) return ''
  return text(member(version, 'strictly')) ?? text(member(version, 'require')) ?? text(member(version, 'prefer')) ?? ''
}

/** `1.+`, `latest.release` and `[1.0,2.0)` are no versions yet. */
const OPEN = /[[\](),\s!$]|\+$|^latest\./

function found(group: string, artifact: string, version: string): Found | undefined {
  const component = version === '' || OPEN.test(version) ? undefined : javaComponent({ group, artifact, version })
  if (component !== undefined) return { component }
  const declared = declaredComponent(group, artifact)
  return declared && { component: declared, scope: 'declared', ...(version !== '' && { requirement: version }) }
}
