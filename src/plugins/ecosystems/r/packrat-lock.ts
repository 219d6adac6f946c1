import { gapsOf, quoted } from '../../../formats/problems.ts'
import type { Occurrence } from '../../../model/component.ts'
import type { Extractor } from '../../../model/seams.ts'
import { rComponent } from './component.ts'
import { dependenciesIn, parseDcf } from './dcf.ts'

/** What packrat locked: `packrat.lock`, a header and a record for each package. */
export const packratLock = {
  id: 'r/packrat-lock',
  version: 1,
  title: 'packrat.lock',
  names: ['packrat.lock'],
  wants: ({ path }) => path === 'packrat.lock' || path.endsWith('/packrat.lock'),
  async read(file) {
    const [header, ...records] = parseDcf(await file.text())
    const problems = header?.has('packratformat') === true ? [] : ['expected a header with PackratFormat']
    const held = new Map(
      records.flatMap((record) => {
        const name = record.get('package') ?? ''
        const component = rComponent(record.get('source') === 'Bioconductor' ? 'bioconductor' : 'cran', name, record.get('version') ?? '')
        if (component !== undefined && component.version !== '') return [[name, { component, record }] as const]
        problems.push(`${quoted(name)}: expected the name and the version of an R package`)
        return []
      }),
    )
    const occurrences = [...held.values()].map(({ component, record }): Occurrence => {
      const needed = dependenciesIn(record.get('requires')).flatMap(({ name }) => held.get(name)?.component.purl ?? [])
      return {
        component,
        at: { path: file.path },
        extractor: this.id,
        ...(needed.length > 0 && { dependsOn: [...new Set(needed)].sort() }),
      }
    })
    return { occurrences, gaps: gapsOf(this.id, file.path, problems) }
  },
} satisfies Extractor
