import { pathBudget } from '../../../formats/path-budget.ts'
import { limits } from '../../../kit/limits.ts'
import { baseName } from '../../../kit/paths.ts'
import type { Extractor, FileTree } from '../../../model/seams.ts'
import { isAdb } from './adb.ts'
import { installed, nameIn } from './apk-package.ts'
import { readBinary } from './binary-database.ts'
import { readText } from './text-database.ts'

/** The old place, and that of systems whose `/lib` is a link into `/usr`. */
const paths: ReadonlySet<string> = new Set(['lib/apk/db/installed', 'usr/lib/apk/db/installed'])
const WORLD = 'etc/apk/world'
/** Broken packages told one by one; the rest are counted. */
const MOST_GAPS = 100

/** Installed packages from apk's database: the lines of versions 2 and 3, or the binary form of version 3. */
export const apkDatabase = {
  id: 'apk/database',
  version: 2,
  title: 'apk database',
  names: [...paths].map(baseName),
  wants: ({ path }) => paths.has(path),
  async read(file, near) {
    const reasons: string[] = []
    const tell = (reason: string) => reasons.push(reason)
    const bytes = await file.bytes()
    const paths = pathBudget()
    const packages = isAdb(bytes)
      ? [...readBinary(bytes, { most: limits.fileBytes, paths }, tell)]
      : [...readText(Buffer.from(bytes).toString('utf8'), paths, tell)]
    const spent = paths.spent()
    if (spent !== undefined) reasons.unshift(spent)
    const shown = reasons.length > MOST_GAPS ? [...reasons.slice(0, MOST_GAPS), `${reasons.length - MOST_GAPS} more problems`] : reasons
    return {
      ...installed(packages, await worldOf(near), file.path, this.id),
      gaps: shown.map((reason) => ({ path: file.path, extractor: this.id, reason })),
    }
  },
} satisfies Extractor

/** What a person asked for (apk-world(5)): one name with its constraint a line, or several. */
async function worldOf(near: Pick<FileTree, 'open'>): Promise<ReadonlySet<string> | undefined> {
  const file = await near.open(WORLD)
  return file && new Set((await file.text()).split(/\s+/).map(nameIn))
}
