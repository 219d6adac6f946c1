import type { Extractor } from '../../../model/seams.ts'
import { gapsOf, quoted } from '../../../formats/problems.ts'
import { hexComponent } from './component.ts'
import { listAt, memberOf, occurrencesOf, textAt, type Locked } from './locked.ts'
import { inDeps } from './places.ts'
import { readTerms, type Term } from './terms.ts'

/**
 * What rebar3 locked: `{"1.2.0", [{Name, {pkg, Package, Version}, Level}, ...]}` and digests, or the list alone as older ones
 * wrote it (rebar3.org, "Dependencies"; `rebar_config:consult_lock_file`). At level 0 stands what the project itself asks for.
 */
export const rebarLock = {
  id: 'hex/rebar-lock',
  version: 1,
  title: 'rebar.lock',
  names: ['rebar.lock'],
  wants: ({ path }) => (path === 'rebar.lock' || path.endsWith('/rebar.lock')) && !inDeps(path),
  async read(file) {
    const [first, second] = readTerms(await file.text(), 'erlang')
    const entries = textAt(first, 0) === undefined ? first : listAt(first, 1)
    if (typeof entries !== 'object') return { occurrences: [], gaps: gapsOf(this.id, file.path, ['expected a list of packages']) }
    const sums = memberOf(second, 'pkg_hash_ext')
    const sumOf = new Map((typeof sums === 'object' ? sums : []).map((pair) => [textAt(pair, 0), textAt(pair, 1)]))
    const problems: string[] = []
    const locked = entries.flatMap((entry): readonly Locked[] => {
      const application = textAt(entry, 0)
      const component = application === undefined ? undefined : componentOf(application, listAt(entry, 1))
      if (application === undefined || component === undefined) {
        problems.push(`expected a package of Hex or of a repository, got ${quoted(JSON.stringify(entry))}`)
        return []
      }
      return [{ component, application, needs: [], direct: textAt(entry, 2) === '0', sum: sumOf.get(application) }]
    })
    return {
      occurrences: occurrencesOf(locked, { at: { path: file.path }, extractor: this.id }),
      gaps: gapsOf(this.id, file.path, problems),
    }
  },
} satisfies Extractor

/** `{pkg, Package, Version}`, or `{git, Address, {ref, Commit}}` and its kin, of which only the commit is told. */
function componentOf(application: string, source: readonly Term[]) {
  const [kind, name, version] = [textAt(source, 0), textAt(source, 1), textAt(source, 2)]
  if (kind === 'pkg') return name === undefined || version === undefined ? undefined : hexComponent(name, version)
  const commit = textAt(listAt(source, 2), 1)
  return commit === undefined ? undefined : hexComponent(application, commit)
}
