import { isRecord, namesIn, textOf } from '../../../formats/json.ts'
import { gapsOf, shown } from '../../../formats/problems.ts'
import { parseToml } from '../../../formats/toml.ts'
import { baseName } from '../../../kit/paths.ts'
import type { Extractor } from '../../../model/seams.ts'
import { insidePackages, normalName } from './component.ts'
import { hashesIn, identityOf, recordsIn } from './lock-values.ts'
import { occurrencesOf, type Asked, type Locked } from './locked.ts'

type Fields = Readonly<Record<string, unknown>>

/** What uv locked: `uv.lock` version 1. The members of the workspace are packages of the lock, and say what they ask for. */
export const uvLock = {
  id: 'python/uv-lock',
  version: 2,
  title: 'uv.lock',
  names: ['uv.lock'],
  wants: ({ path }) => baseName(path) === 'uv.lock' && !insidePackages.test(path),
  async read(file) {
    const lock = parseToml(await file.text())
    const fields: Fields = isRecord(lock) ? lock : {}
    const problems: string[] = []
    if (fields['version'] !== 1) problems.push(`expected version 1, got ${shown(fields['version'])}`)
    const packages = recordsIn(fields['package'])
    if (fields['package'] !== undefined && !Array.isArray(fields['package'])) problems.push('expected a list of packages')
    const locked = packages.filter((entry) => !isOwn(entry)).map(lockedOf)
    const occurrences = occurrencesOf({ path: file.path, extractor: this.id }, locked, askedBy(packages.filter(isOwn)), problems)
    return { occurrences, gaps: gapsOf(this.id, file.path, problems) }
  },
} satisfies Extractor

/** A member of the workspace, or another folder of this machine. */
const isOwn = ({ source }: Fields) => isRecord(source) && ['virtual', 'editable', 'directory'].some((kind) => source[kind] !== undefined)

/** Extras of others are in the lock only where somebody asks for them. */
function lockedOf(entry: Fields): Locked {
  const extras = entry['optional-dependencies']
  return {
    ...identityOf(entry),
    needs: [...needsIn(entry['dependencies']), ...namesIn(extras).flatMap((extra) => needsIn((extras as Fields)[extra]))],
    hashes: hashesIn(entry['sdist'], entry['wheels']),
  }
}

function needsIn(entries: unknown): Locked['needs'] {
  return recordsIn(entries).map((need) => {
    const version = textOf(need, 'version')
    return { name: textOf(need, 'name') ?? '', ...(version !== undefined && { version }) }
  })
}

function askedBy(members: readonly Fields[]): Asked {
  const asked = { runtime: new Set<string>(), optional: new Set<string>(), dev: new Set<string>() }
  for (const member of members) {
    for (const { name } of needsIn(member['dependencies'])) asked.runtime.add(normalName(name))
    for (const [table, names] of [
      [member['optional-dependencies'], asked.optional],
      [member['dev-dependencies'], asked.dev],
    ] as const)
      for (const group of namesIn(table)) for (const { name } of needsIn((table as Fields)[group])) names.add(normalName(name))
  }
  return asked
}
