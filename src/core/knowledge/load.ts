import { sql } from 'kysely'
import { reasonOf } from '../../model/errors.ts'
import type { FeedSnapshot, KnowledgeFeed } from '../../model/seams.ts'
import type { Store } from '../../store/connection.ts'
import type { Join } from '../findings/index.ts'
import type { Broken, Reading, Taker } from '../reading/index.ts'
import { refuseShrunken } from '../advisories/index.ts'
import { stageAdvisories } from './stage-advisories.ts'
import { switchAdvisories, switchExploits, switchProbabilities } from './switch.ts'

/** A feed as the store knows it: `osv/Debian`, `kev`. */
export type FeedIdentity = { readonly name: string; readonly unit: string; readonly ecosystem?: string; readonly parser: number }

export type Load = {
  readonly feed: FeedIdentity
  readonly teaches: KnowledgeFeed['teaches']
  readonly snapshot: Pick<FeedSnapshot, 'is' | 'cursor' | 'publishedAt' | 'gone'>
  /** Reads the snapshot, in this thread or in another. */
  readonly read: Reading
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
  const { feed, teaches, snapshot, families } = load
  const { is, gone } = snapshot
  const about = { feed: feed.name, teaches, generation, snapshot: { is, ...(gone !== undefined && { gone }) }, families }
  if (teaches === 'advisory') {
    const { counts, told } = await stageAdvisories(deps, load, about)
    const publishedAt = snapshot.publishedAt ?? told.newest
    const dated = { ...snapshot, ...(publishedAt !== undefined && { publishedAt }) }
    await switchAdvisories(deps, { feed, snapshot: dated, generation, counts, broken: told.broken })
    return { ...counts, broken: told.broken.count }
  }
  const told = await load.read({ ...about, held: new Map() }, noChunks)
  if (told.is !== teaches) throw new Error(`the feed ${feed.name} teaches ${teaches}, and ${told.is} was read`)
  const held = await heldRecords(deps, feed.name)
  const { records, broken } = told
  refuseShrunken(feed.name, held, records)
  const counts = { records, added: Math.max(0, records - held), changed: 0, gone: Math.max(0, held - records) }
  const switching = { feed, snapshot, generation, counts, broken }
  if (told.is === 'exploit') await switchExploits(deps, switching, told.exploits)
  if (told.is === 'probability') await switchProbabilities(deps, switching, told.probabilities)
  return { ...counts, broken: broken.count }
}

const noChunks: Taker = {
  ids: () => Promise.reject(new Error('only advisories have ids')),
  take: () => {
    throw new Error('only advisories come in chunks')
  },
}

export type Counts = { readonly records: number; readonly added: number; readonly changed: number; readonly gone: number }
export type Switching = {
  readonly feed: FeedIdentity
  readonly snapshot: Load['snapshot']
  readonly generation: number
  readonly counts: Counts
  readonly broken: Broken
}

async function heldRecords({ store }: Pick<Loading, 'store'>, feed: string): Promise<number> {
  const { rows } = await sql<{ records: number }>`select records from feed where name = ${feed}`.execute(store.db)
  return rows[0]?.records ?? 0
}
