import { readSqliteTable } from '../../../formats/sqlite-table.ts'
import { reasonOf } from '../../../model/errors.ts'
import type { Extracted, Extractor, FileTree, ScanFile } from '../../../model/seams.ts'
import { readBerkeleyHash } from './berkeley-db.ts'
import { readNdb } from './ndb.ts'
import { installed, packageOf, type RpmPackage } from './rpm-package.ts'

/** Where distributions keep the database: the old place, the new one, and that of image-based systems (rpm-ostree). */
const folders = ['var/lib/rpm/', 'usr/lib/sysimage/rpm/', 'usr/share/rpm/']
/** By carrier, the one that rpm prefers first. */
const names = ['rpmdb.sqlite', 'Packages.db', 'Packages']
const LOG = '-wal'
const paths: ReadonlySet<string> = new Set(
  folders.flatMap((folder) => [`${folder}rpmdb.sqlite${LOG}`, ...names.map((name) => folder + name)]),
)

/** Broken packages told one by one; the rest are counted. */
const MOST_GAPS = 100

/** Installed packages from rpm's database, whatever carries it: SQLite, rpm's own ndb, or a Berkeley DB hash. */
export const rpmDatabase = {
  id: 'rpm/database',
  version: 1,
  title: 'rpm database',
  wants: ({ path }) => paths.has(path),
  async read(file, near) {
    if (file.path.endsWith(LOG)) return await strayLog(file, near)
    if (await isSuperseded(file.path, near)) return { occurrences: [], gaps: [] }
    const reasons: string[] = []
    const packages: RpmPackage[] = []
    for (const blob of await blobsOf(file, near, (reason) => reasons.push(reason))) {
      try {
        const one = packageOf(blob)
        if (one !== undefined) packages.push(one)
      } catch (thrown) {
        reasons.push(`a package cannot be read: ${reasonOf(thrown)}`)
      }
    }
    const shown =
      reasons.length > MOST_GAPS ? [...reasons.slice(0, MOST_GAPS), `${reasons.length - MOST_GAPS} more packages cannot be read`] : reasons
    return {
      ...installed(packages, file.path, this.id),
      gaps: shown.map((reason) => ({ path: file.path, extractor: this.id, reason })),
    }
  },
} satisfies Extractor

async function blobsOf(file: ScanFile, near: Pick<FileTree, 'open'>, onDamage: (reason: string) => void): Promise<Iterable<Uint8Array>> {
  const bytes = await file.bytes()
  if (file.path.endsWith('/Packages.db')) return readNdb(bytes, onDamage)
  if (file.path.endsWith('/Packages')) return readBerkeleyHash(bytes, onDamage)
  const log = await (await near.open(file.path + LOG))?.bytes()
  return sqliteBlobs(bytes, log, onDamage)
}

/** `Packages` has the columns `hnum` and `blob` (rpm's `lib/backend/sqlite.c`). */
function* sqliteBlobs(bytes: Uint8Array, log: Uint8Array | undefined, onDamage: (reason: string) => void): Generator<Uint8Array> {
  for (const [, blob] of readSqliteTable(bytes, log, 'Packages', onDamage)) {
    if (blob instanceof Uint8Array) yield blob
    else onDamage('a row of Packages without a header')
  }
}

/** A database that rpm has converted stays beside the new one in some images; rpm reads the new one. */
async function isSuperseded(path: string, near: Pick<FileTree, 'open'>): Promise<boolean> {
  const slash = path.lastIndexOf('/') + 1
  for (const name of names.slice(0, names.indexOf(path.slice(slash)))) {
    const other = await near.open(path.slice(0, slash) + name)
    if (other !== undefined && other.size > 0) return true
  }
  return false
}

/** The log is read with its database; one without (in another layer, say) holds changes that nobody applies. */
async function strayLog(file: ScanFile, near: Pick<FileTree, 'open'>): Promise<Extracted> {
  const database = await near.open(file.path.slice(0, -LOG.length))
  if (database !== undefined || file.size === 0) return { occurrences: [], gaps: [] }
  const reason = 'a write-ahead log without its database beside it: the changes of packages it holds are unknown'
  return { occurrences: [], gaps: [{ path: file.path, extractor: rpmDatabase.id, reason }] }
}
