import { isRecord, namesIn, parseJson } from '../../../formats/json.ts'
import { gapsOf, quoted } from '../../../formats/problems.ts'
import { parseToml } from '../../../formats/toml.ts'
import { baseName } from '../../../kit/paths.ts'
import type { Occurrence, Scope } from '../../../model/component.ts'
import type { Extractor, FileTree } from '../../../model/seams.ts'
import { folderOf, insidePackages, normalName, pythonComponent } from './component.ts'
import { isHash } from './lock-values.ts'
import { tableAsks } from './project.ts'
import { archiveOf } from './requirement.ts'

type Fields = Readonly<Record<string, unknown>>

/** What Pipenv locked: `Pipfile.lock`, pipfile-spec 6. It does not say which package needs which. */
export const pipfileLock = {
  id: 'python/pipfile-lock',
  version: 2,
  title: 'Pipfile.lock',
  names: ['Pipfile.lock'],
  wants: ({ path }) => baseName(path) === 'Pipfile.lock' && !insidePackages.test(path),
  async read(file, near) {
    const lock = parseJson(await file.text())
    if (!isRecord(lock)) return { occurrences: [], gaps: gapsOf(this.id, file.path, ['expected a JSON object']) }
    const problems = isRecord(lock['default']) || isRecord(lock['develop']) ? [] : ['expected packages in default or develop']
    const direct = await askedBeside(folderOf(file.path), near)
    const found = new Map<string, Occurrence>()
    // `default` comes first: a package of several groups is there for the strongest
    for (const group of ['default', ...namesIn(lock).filter((name) => name !== 'default' && name !== '_meta')]) {
      const entries = lock[group]
      if (entries === undefined) continue
      if (!isRecord(entries)) problems.push(`${quoted(group)}: expected an object of packages`)
      for (const name of namesIn(entries)) {
        const of = occurrenceOf(name, (entries as Fields)[name], group === 'default' ? 'runtime' : group === 'develop' ? 'dev' : 'optional')
        if (of === undefined) problems.push(`${quoted(name)}: expected the name and the version of a Python package`)
        else if (of !== 'own' && !found.has(of.component.purl))
          found.set(of.component.purl, {
            ...of,
            at: { path: file.path },
            extractor: this.id,
            ...(direct?.has(of.component.name) && { direct: true }),
          })
      }
    }
    return { occurrences: [...found.values()], gaps: gapsOf(this.id, file.path, problems) }
  },
} satisfies Extractor

/** `own`: a folder of the project. A package by its address has no version here unless its archive's name tells one. */
function occurrenceOf(
  name: string,
  entry: unknown,
  scope: Scope,
): Pick<Occurrence, 'component' | 'scope' | 'requirement' | 'hashes'> | 'own' | undefined {
  if (!isRecord(entry)) return undefined
  const asked = tableAsks(entry)
  const version = asked.startsWith('@') ? archiveOf(asked)?.version : /^===?([^*]+)$/.exec(asked)?.[1]?.trim() || undefined
  if (version === undefined && entry['path'] !== undefined) return 'own'
  const component = pythonComponent(name, version ?? '')
  if (component === undefined || (version === undefined && asked === '')) return undefined
  const hashes = Array.isArray(entry['hashes']) ? entry['hashes'].filter(isHash) : []
  return {
    component,
    ...(version === undefined ? { scope: 'declared', requirement: asked } : { scope }),
    ...(hashes.length > 0 && { hashes: [...hashes].sort() }),
  }
}

/** Names the `Pipfile` beside it asks for; undefined: none that can be read. */
async function askedBeside(folder: string, near: Pick<FileTree, 'open'>): Promise<ReadonlySet<string> | undefined> {
  try {
    const file = await near.open(`${folder}Pipfile`)
    if (file === undefined) return undefined
    const pipfile = parseToml(await file.text())
    if (!isRecord(pipfile)) return undefined
    const tables = namesIn(pipfile).filter((table) => !['source', 'requires', 'scripts', 'pipenv'].includes(table))
    return new Set(tables.flatMap((table) => namesIn(pipfile[table]).map(normalName)))
  } catch {
    return undefined
  }
}
