import { isRecord, namesIn, textOf } from '../../../formats/json.ts'
import { parseToml } from '../../../formats/toml.ts'
import type { FileTree } from '../../../model/seams.ts'
import { normalName } from './component.ts'
import type { Asked } from './locked.ts'
import { parseRequirement, withoutSecrets } from './requirement.ts'

type Fields = Readonly<Record<string, unknown>>
export type WishScope = 'runtime' | 'optional' | 'dev'

/** One thing a project asks for. */
export type Wish = { readonly name: string; readonly asked: string; readonly scope: WishScope; readonly group?: string }

const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])
const record = (value: unknown): Fields => (isRecord(value) ? value : {})

/**
 * What a `pyproject.toml` asks for: PEP 621 and 735, and the tables of Poetry, PDM and uv. What cannot be read is told in
 * `problems`. What only building needs (`build-system`) is left out: it is not there when the project runs.
 */
export function wishesOf(project: unknown, problems: string[]): Wish[] {
  const fields = record(project)
  const standard = record(fields['project'])
  const tool = record(fields['tool'])
  const groups = record(fields['dependency-groups'])
  return [
    ...requirements(standard['dependencies'], 'runtime', problems),
    ...inGroups(standard['optional-dependencies'], 'optional', problems),
    ...Object.keys(groups).flatMap((group) => requirements(groups[group], 'dev', problems, group)),
    ...ofPoetry(record(tool['poetry']), problems),
    ...inGroups(record(tool['pdm'])['dev-dependencies'], 'dev', problems),
    ...requirements(record(tool['uv'])['dev-dependencies'], 'dev', problems),
  ]
}

function inGroups(groups: unknown, scope: WishScope, problems: string[]): Wish[] {
  return namesIn(groups).flatMap((group) => requirements(record(groups)[group], scope, problems, group))
}

function requirements(entries: unknown, scope: WishScope, problems: string[], group?: string): Wish[] {
  const wishes: Wish[] = []
  for (const entry of list(entries)) {
    // PEP 735: `{ include-group = "x" }` repeats what that group says itself
    if (isRecord(entry)) continue
    const text = typeof entry === 'string' ? entry : ''
    const wish = parseRequirement(text)
    // PDM writes `-e file:///...#egg=x` for the project's own folders
    if (wish !== undefined) wishes.push({ name: wish.name, asked: wish.asked, scope, ...(group !== undefined && { group }) })
    else if (!text.startsWith('-e ')) problems.push(`expected a requirement, got ${JSON.stringify(text.slice(0, 200))}`)
  }
  return wishes
}

/** Poetry's own tables: a name and a version, a table, or a list of tables. */
function ofPoetry(poetry: Fields, problems: string[]): Wish[] {
  const groups = record(poetry['group'])
  return [
    ...poetryTable(poetry['dependencies'], 'runtime', problems),
    ...poetryTable(poetry['dev-dependencies'], 'dev', problems, 'dev'),
    ...Object.keys(groups).flatMap((group) =>
      poetryTable(record(groups[group])['dependencies'], group === 'main' ? 'runtime' : 'dev', problems, group),
    ),
  ]
}

function poetryTable(table: unknown, scope: WishScope, problems: string[], group?: string): Wish[] {
  return namesIn(table).flatMap((name) => {
    if (normalName(name) === 'python') return []
    const entries = list(record(table)[name])
    return (entries.length > 0 ? entries : [record(table)[name]]).flatMap((entry): Wish[] => {
      const of = (asked: string, optional: boolean): Wish => ({
        name,
        asked,
        scope: optional && scope === 'runtime' ? 'optional' : scope,
        ...(group !== undefined && { group }),
      })
      if (typeof entry === 'string') return [of(entry, false)]
      if (!isRecord(entry)) {
        problems.push(`${JSON.stringify(name.slice(0, 200))}: expected a version or a table`)
        return []
      }
      // the project's own folders are no packages that somebody publishes
      if (entry['path'] !== undefined) return []
      return [of(tableAsks(entry), entry['optional'] === true)]
    })
  })
}

/** What a `Pipfile` asks for: every table but its settings is a category of packages. */
export function pipfileWishes(pipfile: unknown, problems: string[]): Wish[] {
  const fields = record(pipfile)
  return namesIn(fields)
    .filter((table) => isRecord(fields[table]) && !['requires', 'scripts', 'pipenv', 'pipfile'].includes(table))
    .flatMap((table) => poetryTable(fields[table], table === 'packages' ? 'runtime' : 'dev', problems, table))
}

/** What a table of Poetry or Pipenv asks for, by version or by address. */
export function tableAsks(entry: Fields): string {
  const address = textOf(entry, 'git') ?? textOf(entry, 'url') ?? textOf(entry, 'file')
  if (address === undefined) return textOf(entry, 'version') ?? ''
  const at = textOf(entry, 'rev') ?? textOf(entry, 'tag') ?? textOf(entry, 'branch') ?? textOf(entry, 'ref')
  return `@ ${withoutSecrets(address)}${at === undefined ? '' : `@${at}`}`
}

/** Names asked for, for marking what a lock holds. */
export function askedBy(wishes: readonly Wish[]): Asked {
  const names = (scope: WishScope) => new Set(wishes.filter((wish) => wish.scope === scope).map(({ name }) => normalName(name)))
  return { runtime: names('runtime'), optional: names('optional'), dev: names('dev') }
}

/** What the `pyproject.toml` of a folder asks for; undefined: there is none that can be read. It only adds to what a lock says. */
export async function wishesBeside(folder: string, near: Pick<FileTree, 'open'>): Promise<readonly Wish[] | undefined> {
  try {
    const file = await near.open(`${folder}pyproject.toml`)
    return file && wishesOf(parseToml(await file.text()), [])
  } catch {
    return undefined
  }
}
