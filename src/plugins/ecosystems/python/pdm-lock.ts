import { isRecord, textOf } from '../../../formats/json.ts'
import { gapsOf } from '../../../formats/problems.ts'
import { parseToml } from '../../../formats/toml.ts'
import { baseName } from '../../../kit/paths.ts'
import type { Scope } from '../../../model/component.ts'
import type { Extractor } from '../../../model/seams.ts'
import { folderOf, insidePackages, normalName } from './component.ts'
import { hashesIn, identityOf, recordsIn } from './lock-values.ts'
import { occurrencesOf, type Locked } from './locked.ts'
import { askedBy, wishesBeside, type Wish } from './project.ts'
import { parseRequirement } from './requirement.ts'

type Fields = Readonly<Record<string, unknown>>

/** What PDM locked: `pdm.lock` of lock versions 4 and of those before, which do not say for which groups. */
export const pdmLock = {
  id: 'python/pdm-lock',
  version: 1,
  title: 'pdm.lock',
  names: ['pdm.lock'],
  wants: ({ path }) => baseName(path) === 'pdm.lock' && !insidePackages.test(path),
  async read(file, near) {
    const lock = parseToml(await file.text())
    const fields: Fields = isRecord(lock) ? lock : {}
    const problems: string[] = []
    if (!isRecord(fields['metadata'])) problems.push('expected metadata of the lock')
    if (fields['package'] !== undefined && !Array.isArray(fields['package'])) problems.push('expected a list of packages')
    const wishes = await wishesBeside(folderOf(file.path), near)
    const groups = new Map((wishes ?? []).flatMap(({ group, scope }) => (group === undefined ? [] : [[normalName(group), scope] as const])))
    const locked = recordsIn(fields['package'])
      .filter(({ path }) => path === undefined)
      .map((entry) => lockedOf(entry, groups))
    const occurrences = occurrencesOf({ path: file.path, extractor: this.id }, locked, wishes && askedBy(wishes), problems)
    return { occurrences, gaps: gapsOf(this.id, file.path, problems) }
  },
} satisfies Extractor

function lockedOf(entry: Fields, groups: ReadonlyMap<string, Wish['scope']>): Locked {
  const needs = Array.isArray(entry['dependencies']) ? entry['dependencies'] : []
  const scope = scopeOf(entry['groups'], groups)
  return {
    ...identityOf(entry),
    needs: needs.flatMap((need: unknown) => {
      const name = typeof need === 'string' ? parseRequirement(need)?.name : isRecord(need) ? textOf(need, 'name') : undefined
      return name === undefined ? [] : [{ name }]
    }),
    ...(scope !== undefined && { scope }),
    hashes: hashesIn(entry['files']),
  }
}

/** A group the project does not name is one for its development. */
function scopeOf(groups: unknown, known: ReadonlyMap<string, Wish['scope']>): Scope | undefined {
  if (!Array.isArray(groups)) return undefined
  if (groups.includes('default')) return 'runtime'
  return groups.some((group) => typeof group === 'string' && known.get(normalName(group)) === 'optional') ? 'optional' : 'dev'
}
