import { compareNumberLists } from '../../../formats/number-list.ts'
import type { VersionScheme } from '../../../model/seams.ts'

/** Numbers parted by dots. Tags (`1.0-beta`), which `Data.Version` once had, play no part in the order. */
const VERSION = /^\s*(\d+(?:\.\d+)*)(?:-[a-z][a-z0-9]*)*\s*$/i

/** The order of Haskell's package versions (Haskell PVP): number by number, and `1.0` before `1.0.0`. */
export const hackage = {
  id: 'hackage',
  version: 1,
  title: 'Haskell package versions (PVP)',
  names: ['ghc'],
  compare(left, right) {
    const [, a] = VERSION.exec(left) ?? []
    const [, b] = VERSION.exec(right) ?? []
    return a === undefined || b === undefined ? undefined : compareNumberLists(a.split('.'), b.split('.'))
  },
} satisfies VersionScheme
