import { isRecord, textOf } from '../../../formats/json.ts'
import { gapsOf } from '../../../formats/problems.ts'
import { parseToml } from '../../../formats/toml.ts'
import { baseName } from '../../../kit/paths.ts'
import type { Scope } from '../../../model/component.ts'
import type { Extractor } from '../../../model/seams.ts'
import { folderOf, insidePackages } from './component.ts'
import { hashTable, identityOf, recordsIn } from './lock-values.ts'
import { occurrencesOf, type Locked } from './locked.ts'
import { askedBy, wishesBeside } from './project.ts'
import { archiveOf, withoutSecrets } from './requirement.ts'

type Fields = Readonly<Record<string, unknown>>

/** What any tool locked by PEP 751: `pylock.toml` and `pylock.NAME.toml`, lock version 1. */
export const pylock = {
  id: 'python/pylock',
  version: 1,
  title: 'pylock.toml',
  names: ['*.toml'],
  wants: ({ path }) => /^pylock\.(?:[^.]+\.)?toml$/.test(baseName(path)) && !insidePackages.test(path),
  async read(file, near) {
    const lock = parseToml(await file.text())
    const fields: Fields = isRecord(lock) ? lock : {}
    const version = textOf(fields, 'lock-version') ?? ''
    const problems = /^1\.\d+$/.test(version) ? [] : [`expected lock-version 1, got ${JSON.stringify(version.slice(0, 80))}`]
    if (!Array.isArray(fields['packages'])) problems.push('expected a list of packages')
    const usual = Array.isArray(fields['default-groups']) ? fields['default-groups'] : []
    const locked = recordsIn(fields['packages'])
      .filter((entry) => entry['directory'] === undefined)
      .map((entry) => lockedOf(entry, usual))
    const wishes = await wishesBeside(folderOf(file.path), near)
    const occurrences = occurrencesOf({ path: file.path, extractor: this.id }, locked, wishes && askedBy(wishes), problems)
    return { occurrences, gaps: gapsOf(this.id, file.path, problems) }
  },
} satisfies Extractor

/** The version is left out where the source decides it (section "packages.version"): an archive may tell it by its name. */
function lockedOf(entry: Fields, usual: readonly unknown[]): Locked {
  const { name, version } = identityOf(entry)
  const archive = isRecord(entry['archive']) ? entry['archive'] : {}
  const vcs = isRecord(entry['vcs']) ? entry['vcs'] : {}
  const address = textOf(archive, 'url') ?? textOf(archive, 'path') ?? textOf(vcs, 'url') ?? textOf(vcs, 'path')
  const commit = textOf(vcs, 'commit-id')
  const scope = scopeOf(textOf(entry, 'marker') ?? '', usual)
  return {
    name,
    version: version || (archiveOf(address ?? '')?.version ?? ''),
    ...(address !== undefined && { asked: `@ ${withoutSecrets(address)}${commit === undefined ? '' : `@${commit}`}` }),
    needs: recordsIn(entry['dependencies']).map((need) => {
      const needed = textOf(need, 'version')
      return { name: textOf(need, 'name') ?? '', ...(needed !== undefined && { version: needed }) }
    }),
    ...(scope !== undefined && { scope }),
    hashes: [entry['sdist'], ...recordsIn(entry['wheels']), archive].flatMap((part) => (isRecord(part) ? hashTable(part['hashes']) : [])),
  }
}

/** A marker that asks for a group or an extra (section "Marker syntax") says that the package is there for those alone. */
function scopeOf(marker: string, usual: readonly unknown[]): Scope | undefined {
  const groups = [...marker.matchAll(/(["'])([\w.-]+)\1\s{0,9}in\s{1,9}dependency_groups/g)].map(([, , group]) => group)
  if (groups.length > 0) return groups.some((group) => usual.includes(group)) ? undefined : 'dev'
  return /["']\s{0,9}in\s{1,9}extras/.test(marker) ? 'optional' : undefined
}
