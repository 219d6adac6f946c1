import { gapsOf, quoted } from '../../../formats/problems.ts'
import type { Component, Occurrence } from '../../../model/component.ts'
import type { Extractor } from '../../../model/seams.ts'
import { gemComponent } from './component.ts'
import { readLock, type Lock, type LockedGem } from './lock-sections.ts'

/** A lock inside an installed gem is of that gem's own development. */
const INSIDE = /(?:^|\/)gems\/[^/]+-\d[^/]*\//

/** What Bundler locked: `Gemfile.lock`, or `gems.locked` beside `gems.rb`. */
export const gemfileLock = {
  id: 'ruby/gemfile-lock',
  version: 1,
  title: 'Gemfile.lock',
  names: ['Gemfile.lock', 'gems.locked'],
  wants: ({ path }) => /(?:^|\/)(?:Gemfile\.lock|gems\.locked)$/.test(path) && !INSIDE.test(path),
  async read(file) {
    const lock = readLock(await file.text())
    const problems = [...lock.problems]
    // What names no list of gems is no lock, or one that was cut off before it says anything.
    if (lock.gems.length === 0 && lock.direct.size > 0) problems.push('no gem is listed, though the project asks for some')
    const gems = lock.gems.flatMap((gem) => {
      const component = gemComponent(gem.name, withoutPlatform(gem.version))
      if (component === undefined) problems.push(`line ${gem.line}: expected the name and the version of a gem, got ${quoted(gem.name)}`)
      return component === undefined ? [] : [{ gem, component }]
    })
    return { occurrences: occurrencesOf(gems, lock, file.path), gaps: gapsOf(this.id, file.path, problems) }
  },
} satisfies Extractor

/** A version holds no hyphen: what follows one is the platform (`1.15.4-x86_64-linux`). */
const withoutPlatform = (version: string): string => version.split('-', 1)[0] ?? ''

/** One occurrence for each gem and version, also where a lock lists it for several platforms. */
function occurrencesOf(
  gems: readonly { readonly gem: LockedGem; readonly component: Component }[],
  { direct, sums }: Lock,
  path: string,
): readonly Occurrence[] {
  const byName = new Map(gems.map(({ component }) => [component.name, component.purl]))
  const byPurl = Map.groupBy(gems, ({ component }) => component.purl)
  return [...byPurl.values()].flatMap((same): readonly Occurrence[] => {
    const component = same[0]?.component
    if (component === undefined) return []
    const needs = [...new Set(same.flatMap(({ gem }) => gem.needs.flatMap((name) => byName.get(name) ?? [])))].sort()
    const hashes = [...new Set(same.flatMap(({ gem }) => sums.get(`${gem.name} ${gem.version}`) ?? []))].sort()
    return [
      {
        ...{ component, at: { path }, extractor: gemfileLock.id },
        ...(direct.has(component.name) && { direct: true }),
        ...(needs.length > 0 && { dependsOn: needs }),
        ...(hashes.length > 0 && { hashes }),
      },
    ]
  })
}
