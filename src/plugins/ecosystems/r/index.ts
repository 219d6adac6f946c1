import type { Ecosystem } from '../../../model/seams.ts'
import { description } from './description.ts'
import { packratLock } from './packrat-lock.ts'
import { renvLock } from './renv-lock.ts'

/** R packages, locked or installed, judged by the advisories of CRAN or Bioconductor under their name. */
export const r = {
  id: 'r',
  version: 1,
  title: 'R packages',
  purlTypes: ['cran', 'bioconductor'],
  scheme: 'cran',
  extractors: [renvLock, packratLock, description],
  families: ['CRAN', 'Bioconductor'],
  advisoryKey: ({ type, name, version }) => ({ ecosystem: type === 'cran' ? 'CRAN' : 'Bioconductor', name, version }),
} satisfies Ecosystem
