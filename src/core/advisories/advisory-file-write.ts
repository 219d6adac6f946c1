import { randomUUID } from 'node:crypto'
import { closeSync, constants, copyFileSync, fsyncSync, mkdirSync, openSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { Advisory, Exploit, Knowledge, Probability } from '../../model/advisory.ts'
import { AppError, reasonOf } from '../../model/errors.ts'
import type { PackedCandidate } from './advisory-file.ts'
import { heldMeta, packRanges } from './advisory-file.ts'
import type { AdvisoryFileMeta, FeedState } from './advisory-file-format.ts'
import { applicationId, cveNumber, formatVersion, shareUnit, tables } from './advisory-file-format.ts'
import { refuseShrunken } from './shrunken.ts'

/** A stand-alone scan shows one line; the whole text is the server's. */
const mostSummary = 200

/** News of one feed: its whole content, that nothing changed, or that it failed. */
export type FeedLoad = { readonly feed: string } & (
  | {
      readonly is: 'full'
      readonly records: AsyncIterable<Knowledge> | Iterable<Knowledge>
      readonly cursor?: string
      readonly publishedAt?: string
    }
  | { readonly is: 'unchanged' }
  | { readonly is: 'failed'; readonly reason: string }
  | { readonly is: 'dropped' }
)

export type WriteOptions = {
  /** OSV families to keep, without release: `Debian`, `npm`. */
  readonly families: ReadonlySet<string>
  /** ISO time of the load. */
  readonly at: string
  /** Cut off, nothing is written. */
  readonly signal?: AbortSignal
}

/**
 * Writes the file, whole or not at all (a new one takes the old one's place in one step). Feeds without news stay as they
 * are; a load that fails, is empty or shrank leaves what was held and is noted in the feed's state.
 */
export async function writeAdvisoryFile(path: string, loads: readonly FeedLoad[], options: WriteOptions): Promise<AdvisoryFileMeta> {
  mkdirSync(dirname(path), { recursive: true })
  removeLeftOvers(path)
  const temp = `${path}.${randomUUID()}.tmp`
  const held = heldMeta(path)
  try {
    if (held) copyFileSync(path, temp, constants.COPYFILE_FICLONE)
    const meta = await write(temp, held, loads, options)
    syncFile(temp)
    renameSync(temp, path)
    return meta
  } finally {
    rmSync(temp, { force: true })
  }
}

async function write(
  path: string,
  held: AdvisoryFileMeta | undefined,
  loads: readonly FeedLoad[],
  options: WriteOptions,
): Promise<AdvisoryFileMeta> {
  const db = new DatabaseSync(path)
  try {
    // The file is thrown away unless it is finished: only undoing one feed's load needs a journal.
    db.exec(`pragma journal_mode = memory; pragma synchronous = off; pragma cache_size = -65536`)
    if (!held) db.exec(`pragma application_id = ${applicationId}; pragma user_version = ${formatVersion}; ${tables}`)
    const states = new Map((held?.feeds ?? []).map((state) => [state.feed, state]))
    for (const load of loads) {
      const state = await settle(db, load, states.get(load.feed), options)
      if (state) states.set(load.feed, state)
      else states.delete(load.feed)
    }
    const feeds = [...states.values()].sort((left, right) => (left.feed < right.feed ? -1 : 1))
    const meta: AdvisoryFileMeta = { writtenAt: options.at, feeds }
    db.exec('delete from meta')
    db.prepare('insert into meta values (?)').run(JSON.stringify(meta))
    return meta
  } finally {
    db.close()
  }
}

/** The state of a feed after its news; undefined when it is no longer held. */
async function settle(
  db: DatabaseSync,
  load: FeedLoad,
  held: FeedState | undefined,
  options: WriteOptions,
): Promise<FeedState | undefined> {
  const before = held ?? { feed: load.feed, records: 0, broken: 0 }
  const { failure: _, ...sound } = before
  switch (load.is) {
    case 'unchanged':
      return { ...sound, loadedAt: options.at }
    case 'failed':
      return { ...before, failure: load.reason }
    case 'dropped':
      removeFeed(db, load.feed)
      return undefined
    case 'full':
      return replaceFeed(db, load, before, options)
  }
}

async function replaceFeed(
  db: DatabaseSync,
  load: FeedLoad & { readonly is: 'full' },
  before: FeedState,
  options: WriteOptions,
): Promise<FeedState> {
  db.exec('begin')
  try {
    if (before.loadedAt !== undefined) removeFeed(db, load.feed)
    const counted = await insertFeed(db, load, options)
    refuseShrunken(load.feed, before.records, counted.records)
    db.exec('commit')
    const published = load.publishedAt ?? counted.newest
    return {
      feed: load.feed,
      loadedAt: options.at,
      records: counted.records,
      broken: counted.broken,
      ...(load.cursor !== undefined && { cursor: load.cursor }),
      ...(published !== undefined && { publishedAt: published }),
    }
  } catch (thrown) {
    db.exec('rollback')
    if (!(thrown instanceof AppError)) throw thrown
    return { ...before, failure: reasonOf(thrown) }
  }
}

function removeFeed(db: DatabaseSync, feed: string): void {
  db.prepare('delete from name where ref in (select ref from advisory where feed = ?)').run(feed)
  for (const table of ['advisory', 'package', 'exploit', 'probability']) db.prepare(`delete from ${table} where feed = ?`).run(feed)
}

type Counted = { readonly records: number; readonly broken: number; readonly newest: string | undefined }

async function insertFeed(
  db: DatabaseSync,
  { feed, records }: FeedLoad & { readonly is: 'full' },
  { families, signal }: WriteOptions,
): Promise<Counted> {
  const put = inserter(db, feed, families)
  let [count, broken] = [0, 0]
  let newest: string | undefined
  for await (const record of records) {
    signal?.throwIfAborted()
    if (record.is === 'broken') {
      broken++
      continue
    }
    count++
    if (record.is === 'exploit') put.exploit(record)
    else if (record.is === 'probability') put.probability(record)
    else {
      put.advisory(record)
      const at = record.modified ?? record.published
      if (at !== undefined && !(newest !== undefined && newest >= at)) newest = at
    }
  }
  put.packages()
  return { records: count, broken, newest }
}

function inserter(db: DatabaseSync, feed: string, families: ReadonlySet<string>) {
  const advisories = db.prepare('insert into advisory values (?, ?, ?)')
  const names = db.prepare('insert or ignore into name values (?, ?)')
  const exploits = db.prepare('insert or ignore into exploit values (?, ?, ?)')
  const probabilities = db.prepare('insert or ignore into probability values (?, ?, ?, ?)')
  let ref = Number(Object.values(db.prepare('select max(ref) from advisory').get() ?? {})[0] ?? 0)
  const candidates = new Map<string, Map<string, string[]>>()

  return {
    advisory({ affected, details, references: _, ...head }: Advisory) {
      if (head.withdrawn !== undefined) return
      const kept = affected.filter(({ ecosystem }) => families.has(ecosystem.split(':', 1)[0] ?? ''))
      ref++
      const summary = head.summary ?? details?.slice(0, mostSummary).toWellFormed()
      advisories.run(ref, feed, JSON.stringify({ ...head, summary }))
      for (const name of new Set([head.id, ...head.aliases])) names.run(name, ref)
      for (const { ecosystem, name, ranges, versions, vendorSeverity } of kept) {
        const plain = vendorSeverity === undefined && versions.length === 0
        const packed: PackedCandidate = plain
          ? [ref, head.id, packRanges(ranges)]
          : [ref, head.id, packRanges(ranges), versions, vendorSeverity ?? null]
        const packages = ensure(candidates, ecosystem, () => new Map<string, string[]>())
        ensure(packages, name, () => []).push(JSON.stringify(packed))
      }
    },
    exploit: (exploit: Exploit) => exploits.run(exploit.vulnerability, feed, JSON.stringify(exploit)),
    probability({ vulnerability, score, percentile }: Probability) {
      const cve = cveNumber(vulnerability)
      if (cve !== undefined) probabilities.run(cve, feed, Math.round(score * shareUnit), Math.round(percentile * shareUnit))
    },
    /** In the order of the table's key: its pages then fill one after the other. */
    packages() {
      const insert = db.prepare('insert into package values (?, ?, ?, ?)')
      for (const ecosystem of [...candidates.keys()].sort()) {
        const packages = candidates.get(ecosystem) ?? new Map<string, string[]>()
        for (const name of [...packages.keys()].sort()) insert.run(ecosystem, name, feed, `[${packages.get(name)?.join(',')}]`)
      }
    },
  }
}

function ensure<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const held = map.get(key)
  if (held !== undefined) return held
  const made = make()
  map.set(key, made)
  return made
}

/** What killed processes left. A load takes seconds: nobody works on a file this old. */
function removeLeftOvers(path: string): void {
  const anHourAgo = Date.now() - 3600_000
  for (const name of readdirSync(dirname(path))) {
    if (!name.startsWith(`${basename(path)}.`) || !name.endsWith('.tmp')) continue
    const file = join(dirname(path), name)
    const changed = statSync(file, { throwIfNoEntry: false })?.mtimeMs
    if (changed !== undefined && changed < anHourAgo) rmSync(file, { force: true })
  }
}

function syncFile(path: string): void {
  const file = openSync(path, 'r+')
  try {
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}
