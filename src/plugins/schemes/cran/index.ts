import { compareNumberLists } from '../../../formats/number-list.ts'
import type { VersionScheme } from '../../../model/seams.ts'

/** R, `package_version`: numbers parted by single `.` or `-`, which mean the same. */
const VERSION = /^\d+(?:[.-]\d+)*$/

/** The order of R's `compareVersion`: number by number, and `1.0` before `1.0.0`. */
export const cran = {
  id: 'cran',
  version: 1,
  title: 'R package versions',
  names: ['bioconductor'],
  compare(left, right) {
    const [a, b] = [left.trim(), right.trim()]
    if (!VERSION.test(a) || !VERSION.test(b)) return undefined
    return compareNumberLists(a.split(/[.-]/), b.split(/[.-]/))
  },
} satisfies VersionScheme
