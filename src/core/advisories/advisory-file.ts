import { existsSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import type { Advisory, Affected, Exploit, Probability } from '../../model/advisory.ts'
import { AppError, reasonOf } from '../../model/errors.ts'
import type { AdvisoryFileMeta } from './advisory-file-format.ts'
import { applicationId, cveNumber, formatVersion, shareUnit } from './advisory-file-format.ts'

/** An advisory that names a package, and what it says of it. `ref` leads to the rest. */
export type Candidate = { readonly ref: number; readonly id: string; readonly affected: Affected }
/** An advisory without its packages and its long text; where its publisher gave no summary, the text's beginning stands for it. */
export type AdvisoryHead = Omit<Advisory, 'affected' | 'details' | 'references'>

/** The local advisory file of stand-alone scans, open for reading. */
export type AdvisoryFile = {
  readonly meta: AdvisoryFileMeta
  /** Ecosystem with its release, as OSV writes it: `Debian:12`. Withdrawn advisories are not in the file. */
  lookup(ecosystem: string, name: string): readonly Candidate[]
  head(ref: number): AdvisoryHead
  /** Advisories with this id or alias, oldest reference first: to walk from a hit to the other records of its weakness. */
  named(name: string): readonly number[]
  exploit(vulnerability: string): Exploit | undefined
  probability(vulnerability: string): Probability | undefined
  close(): void
}

/**
 * Opens the file in a few milliseconds. Throws AppError `missing` when there is none, and `invalid` when it is damaged or of
 * another version: it is to be rebuilt from the feeds then.
 */
export function openAdvisoryFile(path: string): AdvisoryFile {
  const db = openDatabase(path)
  try {
    const meta = readMeta(db)
    const packages = db.prepare('select candidates from package where ecosystem = ? and name = ?')
    const heads = db.prepare('select body from advisory where ref = ?')
    const names = db.prepare('select ref from name where name = ? order by ref')
    const exploits = db.prepare('select body from exploit where vulnerability = ?')
    const probabilities = db.prepare('select score, percentile from probability where cve = ?')
    const read = <T>(what: () => T): T => {
      try {
        return what()
      } catch (thrown) {
        throw damaged(path, reasonOf(thrown), thrown)
      }
    }
    return {
      meta,
      lookup: (ecosystem, name) =>
        read(() => {
          const rows = packages.all(ecosystem, name).map(({ candidates }) => parse<readonly PackedCandidate[]>(candidates))
          return merged(rows).map((packed) => unpack(packed, ecosystem, name))
        }),
      head: (ref) => read(() => parse<AdvisoryHead>(one(heads.get(ref))['body'])),
      named: (name) => read(() => names.all(name).map(({ ref }) => Number(ref))),
      exploit: (vulnerability) =>
        read(() => {
          const row = exploits.get(vulnerability)
          return row && parse<Exploit>(row['body'])
        }),
      probability: (vulnerability) =>
        read(() => {
          const cve = cveNumber(vulnerability)
          const row = cve === undefined ? undefined : probabilities.get(cve)
          if (!row) return undefined
          const [score, percentile] = [Number(row['score']) / shareUnit, Number(row['percentile']) / shareUnit]
          return { is: 'probability', vulnerability, score, percentile }
        }),
      close: () => db.close(),
    }
  } catch (thrown) {
    db.close()
    throw thrown instanceof AppError ? thrown : damaged(path, reasonOf(thrown), thrown)
  }
}

/** What the file says of its feeds, with the checks of opening it; undefined when it must be written anew. */
export function heldMeta(path: string): AdvisoryFileMeta | undefined {
  try {
    const file = openAdvisoryFile(path)
    file.close()
    return file.meta
  } catch (thrown) {
    if (thrown instanceof AppError) return undefined
    throw thrown
  }
}

function openDatabase(path: string): DatabaseSync {
  if (!existsSync(path)) throw new AppError('missing', `there is no advisory file at ${path}`)
  let db: DatabaseSync | undefined
  try {
    db = new DatabaseSync(path, { readOnly: true })
    const [application, version] = [pragma(db, 'application_id'), pragma(db, 'user_version')]
    if (application !== applicationId) throw new Error('it is no advisory file')
    if (version !== formatVersion) throw new Error(`it has format ${version}, this program reads ${formatVersion}`)
    return db
  } catch (thrown) {
    db?.close()
    throw damaged(path, reasonOf(thrown), thrown)
  }
}

function pragma(db: DatabaseSync, name: string): number {
  return Number(Object.values(db.prepare(`pragma ${name}`).get() ?? {})[0])
}

function damaged(path: string, reason: string, cause: unknown): AppError {
  return new AppError('invalid', `the advisory file ${path} cannot be used, it must be built again: ${reason}`, { cause })
}

/** Only this program writes the file, and its version was checked: a schema library would cost more than the whole opening. */
function readMeta(db: DatabaseSync): AdvisoryFileMeta {
  const meta = parse<AdvisoryFileMeta>(one(db.prepare('select body from meta').get())['body'])
  if (typeof meta.writtenAt !== 'string' || !Array.isArray(meta.feeds)) throw new Error('it does not say which feeds it holds')
  return meta
}

function one<T>(row: T | undefined): T {
  if (row === undefined) throw new Error('a row is missing')
  return row
}

function parse<T>(text: unknown): T {
  return JSON.parse(String(text))
}

/** `[ref, id, ranges, versions, vendorSeverity]`, without what the row's key says already. */
export type PackedCandidate = readonly [number, string, PackedRanges, Affected['versions']?, (string | null)?]
/** Nearly every range of a distribution begins at 0: then its fixed version stands for it, and 0 for there being none. */
type PackedRanges = Affected['ranges'] | string | 0

export function packRanges(ranges: Affected['ranges']): PackedRanges {
  const [range, ...others] = ranges
  const [from, to, ...more] = range?.events ?? []
  const plain =
    range?.type === 'ECOSYSTEM' && others.length === 0 && more.length === 0 && from && 'introduced' in from && from.introduced === '0'
  if (plain && !to) return 0
  return plain && to && 'fixed' in to ? to.fixed : ranges
}

function unpackRanges(packed: PackedRanges): Affected['ranges'] {
  if (packed === 0) return [{ type: 'ECOSYSTEM', events: [{ introduced: '0' }] }]
  if (typeof packed === 'string') return [{ type: 'ECOSYSTEM', events: [{ introduced: '0' }, { fixed: packed }] }]
  return packed
}

/** Two feeds may carry one record (OSV's archives overlap): the first feed's counts. */
function merged(feeds: readonly (readonly PackedCandidate[])[]): readonly PackedCandidate[] {
  const [first = [], ...others] = feeds
  if (others.length === 0) return first
  const kept = [...first]
  for (const candidates of others) {
    const ids = new Set(kept.map(([, id]) => id))
    kept.push(...candidates.filter(([, id]) => !ids.has(id)))
  }
  return kept
}

function unpack([ref, id, ranges, versions = [], vendorSeverity]: PackedCandidate, ecosystem: string, name: string): Candidate {
  return {
    ref,
    id,
    affected: { ecosystem, name, ranges: unpackRanges(ranges), versions, ...(vendorSeverity != null && { vendorSeverity }) },
  }
}
