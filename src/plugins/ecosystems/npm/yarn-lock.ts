import type { Extractor } from '../../../model/seams.ts'
import { gapsOf } from '../../../formats/problems.ts'
import { occurrencesOf } from './locked-graph.ts'
import { readSyml } from './syml.ts'
import { berryGraph } from './yarn-berry.ts'
import { classicGraph } from './yarn-classic.ts'

/** What yarn locked: the form of yarn 1, and that of yarn 2 and later, which begins with `__metadata`. */
export const yarnLock = {
  id: 'npm/yarn-lock',
  version: 1,
  title: 'yarn.lock',
  names: ['yarn.lock'],
  wants: ({ path }) => (path === 'yarn.lock' || path.endsWith('/yarn.lock')) && !`/${path}`.includes('/node_modules/'),
  async read(file, near) {
    const { entries, problems: broken } = readSyml(await file.text())
    const problems = [...broken]
    const berry = entries.some(({ keys }) => keys[0] === '__metadata')
    if (entries.length === 0 && file.size === 0) problems.push('expected what yarn locked, got an empty file')
    const graph = await (berry ? berryGraph : classicGraph)(entries, file.path, near, problems)
    const occurrences = occurrencesOf(graph, { at: { path: file.path }, extractor: this.id }, problems)
    return { occurrences, gaps: gapsOf(this.id, file.path, problems) }
  },
} satisfies Extractor
