import { sql } from 'kysely'
import type { Advisory, Exploit, Knowledge, Probability } from '../../model/advisory.ts'
import { reasonOf } from '../../model/errors.ts'
import type { FeedSnapshot, KnowledgeFeed } from '../../model/seams.ts'
import type { Store } from '../../store/connection.ts'
import type { Join } from '../findings/index.ts'
import { refuseShrunken } from './shrunken.ts'
import { stageAdvisories } from './stage-advisories.ts'
import { switchAdvisories, switchExploits, switchProbabilities } from './switch.ts'

/** A feed as the store knows it: `osv/Debian`, `kev`. */
export type FeedIdentity = { readonly name: string; readonly unit: string; readonly ecosystem?: string; readonly parser: number }

export type Load = {
  readonly feed: FeedIdentity
  readonly teaches: KnowledgeFeed['teaches']
  readonly snapshot: Pick<FeedSnapshot, 'is' | 'cursor' | 'publishedAt' | 'gone'>
  readonly records: AsyncIterable<Knowledge>
  /** Ecosystem families whose affected entries are kept: those somebody can judge. */
  readonly families: ReadonlySet<string>
}

export type LoadResult = {
  readonly generation: number
  readonly records: number
  readonly added: number
  readonly changed: number
  readonly gone: number
  readonly broken: number
}

export type Loading = Join & { readonly store: Store }

/** Broken records kept with the feed, to be shown; all are counted. */
const keptBroken = 100

/**
 * Loads a snapshot of a feed: staged outside, switched in one short transaction that also marks what it touches. A failure
 * leaves what was held, notes the error with the feed and throws. One load of a feed at a time; the job's key sees to that.
 */
export async function loadFeed(deps: Loading, load: Load): Promise<LoadResult> {
  const generation = await beginGeneration(deps, load.feed)
  try {
    const result = await loadRecords(deps, load, generation)
    return { generation, ...result }
  } catch (thrown) {
    await noteFailure(deps, load.feed, thrown, generation)
    throw thrown
  }
}

/** Notes that a feed was asked and had nothing new. */
export async function noteUnchanged({ store, now }: Loading, feed: FeedIdentity): Promise<void> {
  await sql`update feed set checked_at = ${now()}, error = null, error_at = null where name = ${feed.name}`.execute(store.db)
}

/** Notes that a feed could not be fetched or read; what was held stays. */
export async function noteFailure({ store, now }: Loading, feed: FeedIdentity, thrown: unknown, generation?: number): Promise<void> {
  const reason = reasonOf(thrown)
  await sql`
    insert into feed (name, unit, ecosystem, checked_at, error, error_at) values (${feed.name}, ${feed.unit}, ${feed.ecosystem ?? null}, ${now()}, ${reason}, ${now()})
    on conflict (name) do update set checked_at = excluded.checked_at, error = excluded.error, error_at = excluded.error_at`.execute(
    store.db,
  )
  if (generation !== undefined) {
    await sql`update generation set state = 'failed', error = ${reason} where id = ${generation} and state = 'staging'`.execute(store.db)
  }
}

/** Cursor to hand to the next fetch; undefined: fetch everything, for nothing was held or the parser has changed since. */
export async function feedCursor({ store }: Pick<Loading, 'store'>, feed: FeedIdentity): Promise<string | undefined> {
  const { rows } = await sql<{
    cursor: string | null
    parser: number | null
  }>`select cursor, parser from feed where name = ${feed.name}`.execute(store.db)
  const held = rows[0]
  return held?.parser === feed.parser ? (held.cursor ?? undefined) : undefined
}

/** Opens a generation and clears what an interrupted load left: it was never visible. */
async function beginGeneration({ store, now }: Loading, feed: FeedIdentity): Promise<number> {
  await sql`insert into feed (name, unit, ecosystem) values (${feed.name}, ${feed.unit}, ${feed.ecosystem ?? null}) on conflict (name) do nothing`.execute(
    store.db,
  )
  await sql`
    with dead as (update generation set state = 'failed', error = 'interrupted' where feed = ${feed.name} and state = 'staging' returning id)
    select count(*) from dead`.execute(store.db)
  const current = sql`coalesce((select generation_id from feed where name = ${feed.name}), 0)`
  for (const part of ['affected', 'advisory_name']) {
    await sql`delete from ${sql.table(part)} where advisory_id in (select id from advisory where feed = ${feed.name} and from_generation > ${current})`.execute(
      store.db,
    )
  }
  await sql`delete from advisory where feed = ${feed.name} and from_generation > ${current}`.execute(store.db)
  await sql`update advisory set to_generation = null where feed = ${feed.name} and to_generation > ${current}`.execute(store.db)
  const { rows } = await sql<{ id: number }>`
    insert into generation (feed, state, started_at) values (${feed.name}, 'staging', ${now()}) returning id`.execute(store.db)
  const id = rows[0]?.id
  if (id === undefined) throw new Error('a generation was not stored')
  return id
}

async function loadRecords(deps: Loading, load: Load, generation: number): Promise<Omit<LoadResult, 'generation'>> {
  const broken: Broken = { kept: [], names: new Set(), count: 0 }
  const seen: { newest?: string } = {}
  const note = (counts: Counts): Switching => {
    const publishedAt = load.snapshot.publishedAt ?? seen.newest
    return {
      feed: load.feed,
      snapshot: { ...load.snapshot, ...(publishedAt !== undefined && { publishedAt }) },
      generation,
      counts,
      broken,
    }
  }
  if (load.teaches === 'advisory') {
    const counts = await stageAdvisories(deps, load, generation, dated(understood(load.records, 'advisory', broken), seen), broken.names)
    await switchAdvisories(deps, note(counts))
    return { ...counts, broken: broken.count }
  }
  // Hundreds of thousands of small records: one loop, no generator between.
  const rows: (Exploit | Probability)[] = []
  for await (const record of load.records) if (isOf(record, load.teaches, broken)) rows.push(record)
  const held = await heldRecords(deps, load.feed.name)
  refuseShrunken(load.feed.name, held, rows.length)
  const counts = { records: rows.length, added: Math.max(0, rows.length - held), changed: 0, gone: Math.max(0, held - rows.length) }
  if (load.teaches === 'exploit') await switchExploits(deps, note(counts), rows as Exploit[])
  else await switchProbabilities(deps, note(counts), rows as Probability[])
  return { ...counts, broken: broken.count }
}

export type Counts = {
  readonly records: number
  readonly added: number
  readonly changed: number
  readonly gone: number
  /** ISO time of the newest record, which says how old a mirror's content is when the publisher does not. */
  readonly newest?: string
}
/** `kept` is shown, `names` are all of them: a record we cannot read any more has not vanished. */
export type Broken = { readonly kept: { record: string; reason: string }[]; readonly names: Set<string>; count: number }
export type Switching = {
  readonly feed: FeedIdentity
  readonly snapshot: Load['snapshot']
  readonly generation: number
  readonly counts: Counts
  readonly broken: Broken
}

/** Where a publisher gives its content no date, the newest record has one: a mirror fetched today may be a year old. */
async function* dated(records: AsyncIterable<Advisory>, seen: { newest?: string }): AsyncGenerator<Advisory> {
  for await (const record of records) {
    if (record.modified !== undefined && !(seen.newest !== undefined && seen.newest >= record.modified)) seen.newest = record.modified
    yield record
  }
}

/** The records of one kind; broken ones are counted and set aside. */
async function* understood<K extends KnowledgeFeed['teaches']>(
  records: AsyncIterable<Knowledge>,
  kind: K,
  broken: Broken,
): AsyncGenerator<Extract<Knowledge, { is: K }>> {
  for await (const record of records) if (isOf(record, kind, broken)) yield record
}

function isOf<K extends KnowledgeFeed['teaches']>(record: Knowledge, kind: K, broken: Broken): record is Extract<Knowledge, { is: K }> {
  if (record.is === kind) return true
  broken.count++
  const { record: name, reason } = record.is === 'broken' ? record : { record: record.is, reason: `not the ${kind} this feed teaches` }
  broken.names.add(name)
  if (broken.kept.length < keptBroken) broken.kept.push({ record: name, reason })
  return false
}

async function heldRecords({ store }: Pick<Loading, 'store'>, feed: string): Promise<number> {
  const { rows } = await sql<{ records: number }>`select records from feed where name = ${feed}`.execute(store.db)
  return rows[0]?.records ?? 0
}
