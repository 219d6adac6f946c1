import { gapsOf, quoted } from '../../../formats/problems.ts'
import type { Extractor } from '../../../model/seams.ts'
import { DATABASE } from './store-database.ts'
import { nameOfPath, packageOf } from './store-path.ts'

/** Its content is of no interest, but is held while a layer is read: of larger files a package mostly has smaller ones beside. */
const LARGEST = 2 << 20
const PLACE = /^(.*\/)?(nix\/store\/[^/]+)\/(?:s?bin|lib|libexec)\/[^/]+$/

/** Packages of a store without a database, as images have it: by the paths of their programs and libraries. */
export const storeFile = {
  id: 'nix/store-file',
  version: 1,
  title: 'Nix stores without a database',
  wants: ({ path, size }) => size > 0 && size <= LARGEST && path.includes('nix/store/') && PLACE.test(path),
  async read(file, near) {
    const [, root = '', path = ''] = PLACE.exec(file.path) ?? []
    const database = await near.open(root + DATABASE)
    if (database !== undefined && database.size > 0) return { occurrences: [], gaps: [] }
    const component = packageOf(`/${path}`, undefined)
    if (component !== undefined)
      return { occurrences: [{ component, at: { path: file.path }, extractor: this.id }], gaps: [], covers: [root + path] }
    // A wrapper or an environment has no version; its name is that of a path of the store all the same.
    return {
      occurrences: [],
      gaps: nameOfPath(`/${path}`) !== undefined ? [] : gapsOf(this.id, file.path, [`expected the path of a store, got ${quoted(path)}`]),
    }
  },
} satisfies Extractor
