import { isRecord, namesIn, textOf } from '../../../formats/json.ts'
import { gapsOf, quoted } from '../../../formats/problems.ts'
import { parseToml } from '../../../formats/toml.ts'
import { parentOf } from '../../../kit/paths.ts'
import type { Component, Occurrence, Scope } from '../../../model/component.ts'
import type { Extractor, FileTree } from '../../../model/seams.ts'
import { juliaComponent } from './component.ts'
import { projectOf, type Project } from './project-toml.ts'

type Fields = Readonly<Record<string, unknown>>
type Held = { readonly component: Component; readonly uuid: string; readonly needs: unknown }

/** Versions of one name a need may mean; packages of one name are rare. */
const MOST_OF_A_NAME = 16

/** What Julia resolved: `Manifest.toml` of formats 1 and 2, also under the names for one Julia version (Pkg, "Project.toml and Manifest.toml"). */
export const manifest = {
  id: 'julia/manifest',
  version: 1,
  title: 'Manifest.toml',
  names: ['*.toml'],
  wants: ({ path }) => /(?:^|\/)(?:Julia)?Manifest(?:-v\d+\.\d+)?\.toml$/.test(path),
  async read(file, near) {
    const whole = parseToml(await file.text())
    const fields: Fields = isRecord(whole) ? whole : {}
    const format = textOf(fields, 'manifest_format')
    // format 1 has the packages at its top; others have files of this name too
    if (format === undefined && !namesIn(fields).some((name) => hasUuid(fields[name]))) return { occurrences: [], gaps: [] }
    const problems = format === undefined || /^[12]\.\d/.test(format) ? [] : [`expected manifest_format 1 or 2, got ${quoted(format)}`]
    const deps = format === undefined || format.startsWith('1') ? fields : fields['deps']
    const held = new Map<string, Held[]>()
    for (const name of namesIn(deps)) {
      const entries = (deps as Fields)[name]
      if (!Array.isArray(entries)) continue
      const found = entries.flatMap((entry: unknown) => heldOf(name, entry, problems))
      if (found.length > 0) held.set(name, found)
    }
    const project = await projectBeside(file.path, near)
    return { occurrences: occurrencesOf(file.path, held, project), gaps: gapsOf(this.id, file.path, problems) }
  },
} satisfies Extractor

const hasUuid = (entries: unknown): boolean =>
  Array.isArray(entries) && entries.some((entry: unknown) => isRecord(entry) && textOf(entry, 'uuid') !== undefined)

/** Without a version it is part of Julia itself, or a folder of this machine (`path`). */
function heldOf(name: string, entry: unknown, problems: string[]): Held[] {
  const fields: Fields = isRecord(entry) ? entry : {}
  const version = textOf(fields, 'version')
  if (isRecord(entry) && (version === undefined || fields['path'] !== undefined)) return []
  const uuid = textOf(fields, 'uuid') ?? ''
  const component = juliaComponent(name, uuid, version ?? '')
  if (component !== undefined && component.version !== '') return [{ component, uuid, needs: fields['deps'] }]
  problems.push(`${quoted(name)}: expected the uuid and the version of a Julia package`)
  return []
}

function occurrencesOf(path: string, held: ReadonlyMap<string, readonly Held[]>, project: Project | undefined): Occurrence[] {
  return [...held.values()].flat().map(({ component, uuid, needs }): Occurrence => {
    const scope: Scope | undefined = project?.deps.has(uuid) ? 'runtime' : project?.extras.has(uuid) ? 'dev' : undefined
    const needed = [...new Set(neededBy(needs, held))].sort()
    return {
      component,
      at: { path },
      extractor: manifest.id,
      ...(scope !== undefined && { scope, direct: true }),
      ...(needed.length > 0 && { dependsOn: needed }),
    }
  })
}

/** A list of names or, where two packages share one, a table of names and uuids. */
function neededBy(needs: unknown, held: ReadonlyMap<string, readonly Held[]>): string[] {
  const names: readonly (readonly [string, string | undefined])[] = Array.isArray(needs)
    ? needs.flatMap((name: unknown) => (typeof name === 'string' ? [[name, undefined] as const] : []))
    : isRecord(needs)
      ? Object.keys(needs).map((name) => [name, textOf(needs, name)] as const)
      : []
  return names.flatMap(([name, uuid]) =>
    (held.get(name) ?? [])
      .slice(0, MOST_OF_A_NAME)
      .filter((one) => uuid === undefined || one.uuid === uuid)
      .map(({ component }) => component.purl),
  )
}

/** The project's own file beside the manifest. It only adds to what the manifest says. */
async function projectBeside(path: string, near: Pick<FileTree, 'open'>): Promise<Project | undefined> {
  const folder = parentOf(path)
  try {
    for (const name of ['JuliaProject.toml', 'Project.toml']) {
      const file = await near.open(folder === '' ? name : `${folder}/${name}`)
      if (file !== undefined) return projectOf(parseToml(await file.text()))
    }
  } catch {
    // unreadable: nothing is added
  }
  return undefined
}
