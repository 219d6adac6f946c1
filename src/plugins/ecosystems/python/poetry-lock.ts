import { isRecord, namesIn, textOf } from '../../../formats/json.ts'
import { gapsOf } from '../../../formats/problems.ts'
import { parseToml } from '../../../formats/toml.ts'
import { baseName } from '../../../kit/paths.ts'
import type { Scope } from '../../../model/component.ts'
import type { Extractor } from '../../../model/seams.ts'
import { folderOf, insidePackages, normalName } from './component.ts'
import { hashesIn, identityOf, recordsIn } from './lock-values.ts'
import { occurrencesOf, type Locked } from './locked.ts'
import { askedBy, wishesBeside } from './project.ts'

type Fields = Readonly<Record<string, unknown>>

/** What Poetry locked: lock versions 1.0 to 2.1, as Poetry 1.0 to 2 write them. */
export const poetryLock = {
  id: 'python/poetry-lock',
  version: 1,
  title: 'poetry.lock',
  names: ['poetry.lock'],
  wants: ({ path }) => baseName(path) === 'poetry.lock' && !insidePackages.test(path),
  async read(file, near) {
    const lock = parseToml(await file.text())
    const fields: Fields = isRecord(lock) ? lock : {}
    const problems = shapeProblems(fields)
    const metadata = fields['metadata']
    const files = isRecord(metadata) && isRecord(metadata['files']) ? byNormalName(metadata['files']) : undefined
    const locked = recordsIn(fields['package'])
      .filter((entry) => !isOwn(entry))
      .map((entry): Locked => {
        const { name, version } = identityOf(entry)
        const scope = scopeOf(entry)
        return {
          name,
          version,
          needs: namesIn(entry['dependencies']).map((need) => ({ name: need })),
          ...(scope !== undefined && { scope }),
          hashes: hashesIn(entry['files'], files?.get(normalName(name))),
        }
      })
    const wishes = await wishesBeside(folderOf(file.path), near)
    const occurrences = occurrencesOf({ path: file.path, extractor: this.id }, locked, wishes && askedBy(wishes), problems)
    return { occurrences, gaps: gapsOf(this.id, file.path, problems) }
  },
} satisfies Extractor

function shapeProblems(lock: Fields): string[] {
  const { package: packages, metadata } = lock
  const version = isRecord(metadata) ? (textOf(metadata, 'lock-version') ?? '1.0') : undefined
  return [
    ...(packages === undefined || Array.isArray(packages) ? [] : ['expected a list of packages']),
    ...(version === undefined ? ['expected metadata of the lock'] : []),
    ...(version !== undefined && !/^[12]\.\d+$/.test(version)
      ? [`expected lock-version 1 or 2, got ${JSON.stringify(version.slice(0, 80))}`]
      : []),
  ]
}

const byNormalName = (table: Fields) => new Map(Object.keys(table).map((name) => [normalName(name), table[name]] as const))

/** A folder of the project itself, which nobody publishes. */
const isOwn = ({ source }: Fields) => isRecord(source) && source['type'] === 'directory'

/** Until lock version 2.0 `category`, from 2.1 on `groups`; between them only the project knows. */
function scopeOf({ category, groups, optional }: Fields): Scope | undefined {
  const main = Array.isArray(groups) ? groups.includes('main') : category === undefined ? undefined : category === 'main'
  if (main === undefined) return undefined
  return main ? (optional === true ? 'optional' : 'runtime') : 'dev'
}
