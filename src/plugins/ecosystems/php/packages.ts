import { isRecord, namesIn, textOf } from '../../../formats/json.ts'
import { quoted } from '../../../formats/problems.ts'
import type { Component, Occurrence } from '../../../model/component.ts'
import { composerComponent } from './component.ts'

/** Packages of a lock or of `installed.json`, which write them alike. */
export type Packages = { readonly list: unknown; readonly scope: 'runtime' | 'dev' }
type Entry = { readonly component: Component; readonly record: Readonly<Record<string, unknown>>; readonly scope: Packages['scope'] }

/**
 * One occurrence for each entry with a name and a version; what it needs is linked where it is listed too. `direct` holds
 * the names the project itself asks for; undefined: that is not known.
 */
export function occurrencesOf(
  { at, extractor }: Pick<Occurrence, 'at' | 'extractor'>,
  groups: readonly Packages[],
  direct: ReadonlySet<string> | undefined,
  problems: string[],
): readonly Occurrence[] {
  const entries = groups.flatMap(({ list, scope }) => entriesOf(list, scope, problems))
  const byName = new Map(entries.map(({ component }) => [component.name, component.purl]))
  return entries.map(({ component, record, scope }): Occurrence => {
    const needs = namesIn(record['require']).flatMap((name) => byName.get(name.toLowerCase()) ?? [])
    const licences = Array.isArray(record['license']) ? record['license'].filter((one) => typeof one === 'string' && one !== '') : []
    const sum = isRecord(record['dist']) ? textOf(record['dist'], 'shasum') : undefined
    return {
      ...{ component, at, extractor, scope },
      ...(direct?.has(component.name) && { direct: true }),
      ...(needs.length > 0 && { dependsOn: [...new Set(needs)].sort() }),
      ...(licences.length > 0 && { licences }),
      ...(sum !== undefined && /^[0-9a-f]{40}$/.test(sum) && { hashes: [`sha1:${sum}`] }),
    }
  })
}

function entriesOf(list: unknown, scope: Packages['scope'], problems: string[]): readonly Entry[] {
  if (list === undefined || list === null) return []
  if (!Array.isArray(list)) {
    problems.push(`expected a list of ${scope === 'dev' ? 'packages-dev' : 'packages'}`)
    return []
  }
  return list.flatMap((record: unknown, index): readonly Entry[] => {
    if (!isRecord(record)) {
      problems.push(`package ${index + 1}: expected an object`)
      return []
    }
    const [name, version] = [textOf(record, 'name'), textOf(record, 'version')]
    const component = name === undefined || version === undefined ? undefined : composerComponent(name, version)
    if (component === undefined) {
      problems.push(`package ${index + 1}${name === undefined ? '' : ` (${quoted(name)})`}: expected the name and the version of a package`)
      return []
    }
    return [{ component, record, scope }]
  })
}
