import type { Extractor } from '../../../model/seams.ts'
import { gapsOf, quoted } from '../../../formats/problems.ts'
import { hexComponent } from './component.ts'
import { listAt, occurrencesOf, textAt, type Locked } from './locked.ts'
import { inDeps } from './places.ts'
import { readTerms, type Term } from './terms.ts'

/**
 * What Mix locked: `"name": {:hex, :package, "1.0.0", inner, [:mix], needs, "hexpm", outer}` or `{:git, address, commit, options}`
 * (hexdocs.pm, "mix deps.get"; Hex, `Hex.Mix` and `Hex.SCM`).
 */
export const mixLock = {
  id: 'hex/mix-lock',
  version: 1,
  title: 'mix.lock',
  names: ['mix.lock'],
  wants: ({ path }) => (path === 'mix.lock' || path.endsWith('/mix.lock')) && !inDeps(path),
  async read(file) {
    const [map] = readTerms(await file.text(), 'elixir')
    if (typeof map !== 'object') return { occurrences: [], gaps: gapsOf(this.id, file.path, ['expected a map of packages']) }
    const problems: string[] = []
    const locked = map.flatMap((pair): readonly Locked[] => {
      const application = textAt(pair, 0)
      const one = application === undefined ? undefined : lockedAs(application, listAt(pair, 1))
      if (one === undefined) problems.push(`expected a package of Hex or of git, got ${quoted(JSON.stringify(pair))}`)
      return one === undefined ? [] : [one]
    })
    return {
      occurrences: occurrencesOf(locked, { at: { path: file.path }, extractor: this.id }),
      gaps: gapsOf(this.id, file.path, problems),
    }
  },
} satisfies Extractor

function lockedAs(application: string, told: readonly Term[]): Locked | undefined {
  const [kind, name, version] = [textAt(told, 0), textAt(told, 1), textAt(told, 2)]
  if (name === undefined || version === undefined) return undefined
  // of a repository only the commit is told, which has no order
  const component =
    kind === 'hex' ? hexComponent(name, version, textAt(told, 6)) : kind === 'git' ? hexComponent(application, version) : undefined
  if (component === undefined) return undefined
  const needs = listAt(told, 5).flatMap((need) => textAt(need, 0) ?? [])
  return { component, application, needs, sum: textAt(told, 7) }
}
