import { sql } from 'kysely'
import { copyInto } from '../../store/copy.ts'
import { type AdvisoryChunk, chunkTargets, type HeldAdvisory, type Ids, type Read, type ReadingAbout } from '../reading/index.ts'
import type { Counts, Load, Loading } from './load.ts'
import { refuseShrunken } from '../advisories/index.ts'

/** Chunks read and not yet written. */
const chunksAhead = 4

type ReadAdvisories = Extract<Read, { is: 'advisory' }>

/**
 * Stores what a snapshot adds and changes as advisories of a generation that is not current yet, and marks what it ends:
 * nobody sees either before the switch. Unchanged records are not written, and broken ones are kept as they were held.
 * Throws AppError when the feed shrank too much.
 */
export async function stageAdvisories(
  deps: Loading,
  { feed, snapshot, read }: Load,
  about: Omit<ReadingAbout, 'held'>,
): Promise<{ readonly counts: Counts; readonly told: ReadAdvisories }> {
  const held = await heldAdvisories(deps, feed.name)
  const { generation } = about
  // Chunks are written one after the other, while the next few are read: reading and writing take turns at being slower.
  const writes: Promise<void>[] = [Promise.resolve()]
  let asked: Promise<unknown> = Promise.resolve()
  const last = (): Promise<void> => writes.at(-1) ?? Promise.resolve()
  const ids = async (count: number): Promise<Ids> => {
    await writes.at(-chunksAhead)
    return newIds(deps, count)
  }
  let told: Read
  try {
    told = await read(
      { ...about, held },
      {
        ids: (count) => {
          const answer = ids(count)
          asked = answer.catch(() => {})
          return answer
        },
        take: (chunk) => {
          const writing = last().then(() => writeChunk(deps, generation, chunk))
          // Whoever awaits it hears of a failure; a reader that fails first must not leave it unheard.
          writing.catch(() => {})
          writes.push(writing)
          if (writes.length > chunksAhead) void writes.shift()
        },
      },
    )
  } finally {
    // Nothing outlives a load that failed: the next one clears only what is there when it begins.
    await last().catch(() => {})
    await asked
  }
  await last()
  if (told.is !== 'advisory') throw new Error(`the feed ${feed.name} teaches advisories, and ${told.is} was read`)
  const { records, added, changed, gone, broken } = told
  if (snapshot.is === 'full') refuseShrunken(feed.name, held.size, records + broken.named)
  await endAdvisories(deps, generation, gone)
  return { told, counts: { records: held.size + added - gone.length, added, changed, gone: gone.length } }
}

async function heldAdvisories({ store }: Loading, feed: string): Promise<Map<string, HeldAdvisory>> {
  const { rows } = await sql<{ name: string; id: number; hash: string }>`
    select name, id, encode(hash, 'hex') as hash from visible_advisory where feed = ${feed}`.execute(store.db)
  return new Map(rows.map(({ name, id, hash }) => [name, { id, hash }]))
}

async function newIds({ store }: Loading, count: number): Promise<Ids> {
  const { rows } = await sql<{ id: number }>`
    select nextval('advisory_id_seq')::int as id from generate_series(1, ${count}::int)`.execute(store.db)
  return Int32Array.from(rows, ({ id }) => id)
}

async function writeChunk(deps: Loading, generation: number, { rows, replaces }: AdvisoryChunk): Promise<void> {
  for (const part of ['affected', 'names', 'advisories'] as const) await copyInto(deps.store.pool, chunkTargets[part], rows[part])
  await endAdvisories(deps, generation, replaces)
}

async function endAdvisories({ store }: Loading, generation: number, ids: readonly number[]): Promise<void> {
  if (ids.length > 0) await sql`update advisory set to_generation = ${generation} where id = any(${ids}::int[])`.execute(store.db)
}
