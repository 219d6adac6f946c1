import { pathBudget } from '../../../formats/path-budget.ts'
import { readSqliteTable } from '../../../formats/sqlite-table.ts'
import { limits } from '../../../kit/limits.ts'
import { baseName } from '../../../kit/paths.ts'
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

/** Bytes of a database that is read piece by piece: the largest hosts come near 200 MB. */
const LARGEST = 256 << 20
/** Bytes asked for at once. */
const PIECE = 32 << 20

/** Installed packages from rpm's database, whatever carries it: SQLite, rpm's own ndb, or a Berkeley DB hash. */
export const rpmDatabase = {
  id: 'rpm/database',
  version: 3,
  title: 'rpm database',
  names: [...paths].map(baseName),
  wants: ({ path, size }) => paths.has(path) && size <= limits.fileBytes,
  async read(file, near) {
    if (file.path.endsWith(LOG)) return await strayLog(file, near)
    if (await isSuperseded(file.path, near)) return { occurrences: [], gaps: [] }
    const log = await (await near.open(file.path + LOG))?.bytes()
    return readDatabase(file.path, await file.bytes(), log, this.id)
  },
} satisfies Extractor

/** The same of a database that is larger than what may be held with what stands beside it. */
export const rpmLargeDatabase = {
  id: 'rpm/large-database',
  version: 2,
  title: 'large rpm database',
  alone: true,
  names: [...paths].map(baseName),
  wants: ({ path, size }) => paths.has(path) && !path.endsWith(LOG) && size > limits.fileBytes,
  async read(file) {
    if (file.size > LARGEST) throw new Error(`${file.size} bytes, at most ${LARGEST} of an rpm database are read`)
    const bytes = Buffer.alloc(file.size)
    for (let at = 0; at < bytes.length; at += PIECE) bytes.set(await file.range(at, Math.min(PIECE, bytes.length - at)), at)
    return readDatabase(file.path, bytes, undefined, this.id)
  },
} satisfies Extractor

function readDatabase(path: string, bytes: Uint8Array, log: Uint8Array | undefined, extractor: string): Extracted {
  const reasons: string[] = []
  const packages: RpmPackage[] = []
  const budget = pathBudget()
  for (const blob of blobsOf(path, bytes, log, (reason) => reasons.push(reason))) {
    try {
      const one = packageOf(blob, budget)
      if (one !== undefined) packages.push(one)
    } catch (thrown) {
      reasons.push(`a package cannot be read: ${reasonOf(thrown)}`)
    }
  }
  const shown =
    reasons.length > MOST_GAPS ? [...reasons.slice(0, MOST_GAPS), `${reasons.length - MOST_GAPS} more packages cannot be read`] : reasons
  return { ...installed(packages, path, extractor), gaps: shown.map((reason) => ({ path, extractor, reason })) }
}

function blobsOf(path: string, bytes: Uint8Array, log: Uint8Array | undefined, onDamage: (reason: string) => void): Iterable<Uint8Array> {
  if (path.endsWith('/Packages.db')) return readNdb(bytes, onDamage)
  if (path.endsWith('/Packages')) return readBerkeleyHash(bytes, onDamage)
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

/** The log is read with its database; one without (in another layer, say), or of a large one, holds changes that nobody applies. */
async function strayLog(file: ScanFile, near: Pick<FileTree, 'open'>): Promise<Extracted> {
  if (file.size === 0) return { occurrences: [], gaps: [] }
  const database = await near.open(file.path.slice(0, -LOG.length))
  if (database !== undefined && database.size <= limits.fileBytes) return { occurrences: [], gaps: [] }
  const why = database === undefined ? 'without its database beside it' : `of a database of more than ${limits.fileBytes} bytes`
  const reason = `a write-ahead log ${why}: the changes of packages it holds are unknown`
  return { occurrences: [], gaps: [{ path: file.path, extractor: rpmDatabase.id, reason }] }
}
