import { isRecord, namesIn, textOf } from '../../../formats/json.ts'
import { gapsOf, quoted } from '../../../formats/problems.ts'
import { parseYaml } from '../../../formats/yaml.ts'
import type { Occurrence } from '../../../model/component.ts'
import type { Extractor } from '../../../model/seams.ts'
import { dartComponent } from './component.ts'
import { insidePackages } from './places.ts'

type Fields = Readonly<Record<string, unknown>>

/** What pub locked: `pubspec.lock`. It does not say which package needs which. */
export const pubspecLock = {
  id: 'dart/pubspec-lock',
  version: 1,
  title: 'pubspec.lock',
  names: ['pubspec.lock'],
  wants: ({ path }) => /(?:^|\/)pubspec\.lock$/.test(path) && !insidePackages.test(path),
  async read(file) {
    const lock = await parseYaml(await file.text())
    const packages = isRecord(lock) ? lock['packages'] : undefined
    // a project without dependencies has an empty table, which YAML may write as nothing at all
    if (!isRecord(lock) || (packages !== '' && !isRecord(packages)))
      return { occurrences: [], gaps: gapsOf(this.id, file.path, ['expected a table of packages']) }
    const problems: string[] = []
    const occurrences = namesIn(packages).flatMap((key): Occurrence[] => {
      const entry = (packages as Fields)[key]
      const fields: Fields = isRecord(entry) ? entry : {}
      // folders are the project's own, and what comes with the SDK has no version of its own
      if (fields['source'] === 'path' || fields['source'] === 'sdk') return []
      const description: Fields = isRecord(fields['description']) ? fields['description'] : {}
      const component = dartComponent(textOf(description, 'name') ?? key, textOf(fields, 'version') ?? '')
      if (component === undefined || component.version === '') {
        problems.push(`${quoted(key)}: expected the name and the version of a Dart package`)
        return []
      }
      return [{ component, at: { path: file.path }, extractor: this.id, ...asked(fields['dependency']), ...digest(description) }]
    })
    return { occurrences, gaps: gapsOf(this.id, file.path, problems) }
  },
} satisfies Extractor

/** `direct main`, `direct dev`, `direct overridden`, or `transitive`, of which nobody says for whose sake. */
function asked(dependency: unknown): Pick<Occurrence, 'scope' | 'direct'> {
  if (dependency === 'direct main') return { scope: 'runtime', direct: true }
  if (dependency === 'direct dev') return { scope: 'dev', direct: true }
  return dependency === 'direct overridden' ? { direct: true } : {}
}

function digest(description: Fields): Pick<Occurrence, 'hashes'> {
  const sha256 = textOf(description, 'sha256') ?? ''
  return /^[0-9a-f]{64}$/.test(sha256) ? { hashes: [`sha256:${sha256}`] } : {}
}
