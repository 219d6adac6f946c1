import { hash } from 'node:crypto'
import { sql } from 'kysely'
import type { Advisory } from '../../model/advisory.ts'
import { copyRows, type CopyValue } from '../../store/copy.ts'
import type { Counts, Load, Loading } from './load.ts'
import { refuseShrunken } from './shrunken.ts'

/** Records written in one transaction: a reader of the embedded database waits for no more. */
const chunkRecords = 800
/** Chunks read and not yet written. */
const chunksAhead = 4

type Held = { readonly id: number; readonly hash: string }
/** What an advisory says of one package, as it is stored. */
type Package = { readonly ecosystem: string; readonly name: string; readonly ranges: string; readonly vendorSeverity: string | undefined }
type Row = {
  readonly record: Advisory
  readonly packages: readonly Package[]
  readonly doc: string
  readonly hash: Buffer
  readonly replaces: number | undefined
}

/**
 * Stores what a snapshot adds and changes as advisories of a generation that is not current yet, and marks what it ends:
 * nobody sees either before the switch. Unchanged records are not written, and those of `broken`, which fills while records
 * are read, are kept as they were held. Throws AppError when the feed shrank too much.
 */
export async function stageAdvisories(
  deps: Loading,
  load: Load,
  generation: number,
  records: AsyncIterable<Advisory>,
  broken: ReadonlySet<string>,
): Promise<Counts> {
  const held = await heldAdvisories(deps, load.feed.name)
  const seen = new Set<string>()
  const counts = { added: 0, changed: 0 }
  let newest: string | undefined
  let chunk: Row[] = []
  // Chunks are written one after the other, while the next few are read: reading and writing take turns at being slower.
  let writing = Promise.resolve()
  const waiting: Promise<void>[] = []
  const write = async (rows: readonly Row[]): Promise<void> => {
    writing = writing.then(() => writeChunk(deps, load.feed.name, generation, rows))
    // Whoever awaits it hears of a failure; a reader that fails first must not leave it unheard.
    writing.catch(() => {})
    waiting.push(writing)
    if (waiting.length > chunksAhead) await waiting.shift()
  }
  try {
    for await (const record of records) {
      if (seen.has(record.id)) continue
      seen.add(record.id)
      if (record.modified !== undefined && (newest === undefined || record.modified > newest)) newest = record.modified
      const row = rowOf(record, held.get(record.id), load.families)
      if (row === undefined) continue
      if (row.replaces === undefined) counts.added++
      else counts.changed++
      chunk.push(row)
      if (chunk.length < chunkRecords) continue
      await write(chunk)
      chunk = []
    }
    await write(chunk)
  } finally {
    // No write outlives a load that failed: the next one clears only what is there when it begins.
    await writing.catch(() => {})
  }
  await writing
  const gone =
    load.snapshot.is === 'full'
      ? [...held.keys()].filter((name) => !seen.has(name) && !broken.has(name))
      : (load.snapshot.gone ?? []).filter((name) => held.has(name))
  if (load.snapshot.is === 'full') refuseShrunken(load.feed.name, held.size, seen.size + broken.size)
  await endAdvisories(
    deps,
    generation,
    gone.map((name) => held.get(name)?.id ?? 0),
  )
  return { records: held.size + counts.added - gone.length, ...counts, gone: gone.length, ...(newest !== undefined && { newest }) }
}

async function heldAdvisories({ store }: Loading, feed: string): Promise<Map<string, Held>> {
  const { rows } = await sql<{ name: string; id: number; hash: string }>`
    select name, id, encode(hash, 'hex') as hash from visible_advisory where feed = ${feed}`.execute(store.db)
  return new Map(rows.map(({ name, id, hash }) => [name, { id, hash }]))
}

/** undefined: the record is held as it is. */
function rowOf(record: Advisory, held: Held | undefined, families: ReadonlySet<string>): Row | undefined {
  const packages = record.affected
    .filter(({ ecosystem }) => families.has(ecosystem.split(':', 1)[0] ?? ecosystem))
    .map(({ ecosystem, name, ranges, versions, vendorSeverity }): Package => {
      return { ecosystem, name, ranges: JSON.stringify({ ranges, versions }), vendorSeverity }
    })
  const doc = JSON.stringify({ ...record, affected: undefined })
  const about = packages
    .map(({ ecosystem, name, ranges, vendorSeverity }) => `\n${ecosystem}\t${name}\t${ranges}\t${vendorSeverity}`)
    .join('')
  const digest = hash('sha256', doc + about, 'buffer').subarray(0, 16)
  if (held?.hash === digest.toString('hex')) return undefined
  return { record, packages, doc, hash: digest, replaces: held?.id }
}

async function writeChunk(deps: Loading, feed: string, generation: number, chunk: readonly Row[]): Promise<void> {
  if (chunk.length === 0) return
  const { db, pool } = deps.store
  const { rows } = await sql<{ id: number }>`
    select nextval(pg_get_serial_sequence('advisory', 'id'))::int as id from generate_series(1, ${chunk.length}::int)`.execute(db)
  const advisories: CopyValue[][] = []
  const affected: CopyValue[][] = []
  const names: CopyValue[][] = []
  chunk.forEach(({ record, packages, doc, hash: digest }, at) => {
    const id = rows[at]?.id
    const withdrawn = record.withdrawn !== undefined
    advisories.push([
      id,
      feed,
      record.id,
      digest,
      generation,
      record.source,
      [record.id, ...record.aliases],
      record.bundles,
      withdrawn,
      doc,
    ])
    for (const name of new Set([record.id, ...record.aliases])) names.push([name, id, false])
    for (const name of new Set(record.bundles)) names.push([name, id, true])
    for (const { ecosystem, name, ranges, vendorSeverity } of packages) affected.push([id, ecosystem, name, ranges, vendorSeverity])
  })
  // The advisory last: one that is cut off from its packages must not be seen by a later load as complete.
  await copyRows(pool, 'affected', ['advisory_id', 'ecosystem', 'name', 'ranges', 'vendor_severity'], affected)
  await copyRows(pool, 'advisory_name', ['name', 'advisory_id', 'bundled'], names)
  const columns = ['id', 'feed', 'name', 'hash', 'from_generation', 'source', 'names', 'bundles', 'withdrawn', 'doc']
  await copyRows(pool, 'advisory', columns, advisories)
  await endAdvisories(
    deps,
    generation,
    chunk.flatMap(({ replaces }) => replaces ?? []),
  )
}

async function endAdvisories({ store }: Loading, generation: number, ids: readonly number[]): Promise<void> {
  if (ids.length > 0) await sql`update advisory set to_generation = ${generation} where id = any(${ids}::int[])`.execute(store.db)
}
