import { gapsOf } from '../../../formats/problems.ts'
import type { Occurrence } from '../../../model/component.ts'
import type { Extractor } from '../../../model/seams.ts'
import { haskellComponent } from './component.ts'

/** What cabal froze: `cabal.project.freeze` and `cabal.config`, a list of constraints of which those with `==` are versions. */
export const cabalFreeze = {
  id: 'haskell/cabal-freeze',
  version: 1,
  title: 'cabal.project.freeze',
  names: ['*.freeze', 'cabal.config'],
  wants: ({ path }) => /(?:^|\/)cabal\.(?:[\w.-]*project\.freeze|config)$/.test(path),
  async read(file) {
    const constraints = constraintsIn(await file.text())
    const found = new Map<string, Occurrence>()
    for (const constraint of constraints) {
      // `any.` is for every place a package is used in; flags and `installed` name no version
      const [, name = '', version = ''] = /^(?:any\.|setup\.)?([A-Za-z\d-]+)\s*==\s*(\d[\d.]*)$/.exec(constraint) ?? []
      const component = haskellComponent(name, version)
      if (component !== undefined) found.set(component.purl, { component, at: { path: file.path }, extractor: this.id })
    }
    // a cabal.config may hold other settings alone
    const problems = constraints.length === 0 && file.path.endsWith('.freeze') ? ['expected constraints'] : []
    return { occurrences: [...found.values()], gaps: gapsOf(this.id, file.path, problems) }
  },
} satisfies Extractor

/** The field `constraints`, and the indented lines it goes on with, parted by commas. */
function constraintsIn(text: string): readonly string[] {
  const values: string[] = []
  let wanted = false
  for (const line of text.split(/\r?\n/)) {
    if (line.trimStart().startsWith('--')) continue
    const field = /^([A-Za-z][\w-]*):(.*)$/.exec(line)
    if (field !== null) wanted = field[1]?.toLowerCase() === 'constraints'
    else if (!/^\s/.test(line)) wanted = false
    if (wanted) values.push(field === null ? line : (field[2] ?? ''))
  }
  return values
    .join(' ')
    .split(',')
    .map((constraint) => constraint.trim())
    .filter((constraint) => constraint !== '')
}
