import { gapsOf } from '../../../formats/problems.ts'
import { parentOf } from '../../../kit/paths.ts'
import type { Occurrence } from '../../../model/component.ts'
import type { Extractor } from '../../../model/seams.ts'
import { rComponent, type Publisher } from './component.ts'
import { dependenciesIn, parseDcf, type DcfRecord } from './dcf.ts'

/**
 * `DESCRIPTION` of a package: an installed one, which R marks by `Built`, or a project's own, whose dependencies are declared where no
 * lock lies beside it.
 */
export const description = {
  id: 'r/description',
  version: 1,
  title: 'Installed R packages, and projects',
  names: ['DESCRIPTION'],
  wants: ({ path }) => path === 'DESCRIPTION' || path.endsWith('/DESCRIPTION'),
  async read(file, near) {
    const [record] = parseDcf(await file.text())
    // other programs have files of this name
    if (record?.has('package') !== true || !record.has('version')) return { occurrences: [], gaps: [] }
    const place = { at: { path: file.path }, extractor: this.id }
    if (record.has('built')) {
      const component = rComponent(publisherOf(record), record.get('package') ?? '', record.get('version') ?? '')
      if (component === undefined || component.version === '')
        return { occurrences: [], gaps: gapsOf(this.id, file.path, ['expected the name and the version of an R package']) }
      const licence = record.get('license') ?? ''
      const licences = licence !== '' && licence.length <= 512 && { licences: [licence] }
      return { occurrences: [{ component, ...place, ...licences }], gaps: [] }
    }
    const folder = parentOf(file.path)
    if ((await near.open(folder === '' ? 'renv.lock' : `${folder}/renv.lock`)) !== undefined) return { occurrences: [], gaps: [] }
    const found = new Map<string, Occurrence>()
    for (const { name, asked } of ['depends', 'imports', 'linkingto', 'suggests'].flatMap((field) => dependenciesIn(record.get(field)))) {
      const component = rComponent('cran', name, '')
      if (component !== undefined && !found.has(name))
        found.set(name, { component, ...place, scope: 'declared', direct: true, ...(asked !== '' && { requirement: asked }) })
    }
    return { occurrences: [...found.values()], gaps: [] }
  },
} satisfies Extractor

/** Bioconductor asks its packages for `biocViews`; what CRAN holds says so in `Repository`. */
const publisherOf = (record: DcfRecord): Publisher =>
  record.has('biocviews') && record.get('repository') !== 'CRAN' ? 'bioconductor' : 'cran'
