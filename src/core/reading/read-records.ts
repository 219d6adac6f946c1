import type { Exploit, Knowledge } from '../../model/advisory.ts'
import type { FeedSnapshot, KnowledgeFeed } from '../../model/seams.ts'
import { type AdvisoryChunk, advisoryChunk, type AdvisoryRow, advisoryRow, type HeldAdvisory, type Ids } from './advisory-rows.ts'
import { type ProbabilityBlocks, probabilityBlocks } from './probability-blocks.ts'

/** What must be known to read a snapshot. Plain data: it may go to another thread. */
export type ReadingAbout = {
  readonly feed: string
  readonly teaches: KnowledgeFeed['teaches']
  readonly generation: number
  readonly snapshot: Pick<FeedSnapshot, 'is' | 'gone'>
  /** Ecosystem families whose affected entries are kept. */
  readonly families: ReadonlySet<string>
  /** Advisories held of this feed, by name. */
  readonly held: ReadonlyMap<string, HeldAdvisory>
}

/** Takes what is read, while it is read. */
export type Taker = {
  /** Ids for that many advisories. It answers when there is room for another chunk: who waits for it never reads too far ahead. */
  ids(count: number): Promise<Ids>
  take(chunk: AdvisoryChunk): void
}

/** Reads a snapshot, here or in another thread. Rejects when it as a whole is not what it should be. */
export type Reading = (about: ReadingAbout, taker: Taker) => Promise<Read>

/** Records that could not be understood. `kept` is shown, `named` counts all their names: what we cannot read any more has not vanished. */
export type Broken = {
  readonly kept: readonly { readonly record: string; readonly reason: string }[]
  readonly count: number
  readonly named: number
}

/** What a snapshot holds, beside the chunks that were taken. */
export type Read = {
  /** Records that were understood, each once. */
  readonly records: number
  readonly broken: Broken
} & (
  | {
      readonly is: 'advisory'
      readonly added: number
      readonly changed: number
      /** Ids of held advisories that have vanished. */
      readonly gone: readonly number[]
      /** ISO time of the newest record, which says how old a mirror's content is when the publisher does not. */
      readonly newest?: string
    }
  | { readonly is: 'exploit'; readonly exploits: readonly Exploit[] }
  | { readonly is: 'probability'; readonly probabilities: ProbabilityBlocks }
)

/** Broken records kept with the feed, to be shown; all are counted. */
const keptBroken = 100
/**
 * Records written in one transaction: a reader of the embedded database waits for no more. The first chunks are smaller, for
 * ids that were asked for and not used are lost.
 */
const chunkRecords = { first: 50, most: 800 }

/** Makes of records what is to be written of them: a pure function but for the ids it asks for. */
export function readRecords(records: AsyncIterable<Knowledge>, about: ReadingAbout, taker: Taker): Promise<Read> {
  switch (about.teaches) {
    case 'advisory':
      return readAdvisories(records, about, taker)
    case 'exploit':
      return readExploits(records)
    case 'probability':
      return readProbabilities(records)
  }
}

async function readAdvisories(records: AsyncIterable<Knowledge>, about: ReadingAbout, taker: Taker): Promise<Read> {
  const { held, families, snapshot } = about
  const broken = brokenRecords()
  const seen = new Set<string>()
  const chunks = chunksOf(about, taker)
  let newest: string | undefined
  for await (const record of records) {
    if (!isOf(record, 'advisory', broken) || seen.has(record.id)) continue
    seen.add(record.id)
    const at = record.modified ?? record.published
    if (at !== undefined && (newest === undefined || at > newest)) newest = at
    const row = advisoryRow(record, held.get(record.id), families)
    if (row !== undefined) await chunks.add(row)
  }
  const counts = chunks.end()
  const gone =
    snapshot.is === 'full'
      ? [...held].flatMap(([name, { id }]) => (seen.has(name) || broken.names.has(name) ? [] : id))
      : (snapshot.gone ?? []).flatMap((name) => held.get(name)?.id ?? [])
  return { is: 'advisory', records: seen.size, broken: broken.told(), ...counts, gone, ...(newest !== undefined && { newest }) }
}

/** Gathers rows, and hands over a chunk as soon as there is one. Ids for the next are asked for while this one fills. */
function chunksOf({ feed, generation }: ReadingAbout, taker: Taker) {
  const counts = { added: 0, changed: 0 }
  let size = 0
  let rows: AdvisoryRow[] = []
  let asked: Promise<Ids> | undefined
  const ask = (): Promise<Ids> => {
    size = size === 0 ? chunkRecords.first : Math.min(size * 2, chunkRecords.most)
    const answer = taker.ids(size)
    // Whoever awaits it hears of a failure; a reader that fails first must not leave it unheard.
    answer.catch(() => {})
    return answer
  }
  let filling: Ids | undefined
  return {
    async add(row: AdvisoryRow): Promise<void> {
      if (filling === undefined) {
        filling = await (asked ?? ask())
        asked = undefined
      }
      if (row.replaces === undefined) counts.added++
      else counts.changed++
      rows.push(row)
      // A second chunk is likely once the first is half full.
      if (rows.length * 2 >= filling.length) asked ??= ask()
      if (rows.length < filling.length) return
      taker.take(advisoryChunk(feed, generation, rows, filling))
      rows = []
      filling = undefined
    },
    end(): { readonly added: number; readonly changed: number } {
      if (filling !== undefined) taker.take(advisoryChunk(feed, generation, rows, filling))
      return counts
    },
  }
}

async function readExploits(records: AsyncIterable<Knowledge>): Promise<Read> {
  const broken = brokenRecords()
  const exploits: Exploit[] = []
  for await (const record of records) if (isOf(record, 'exploit', broken)) exploits.push(record)
  return { is: 'exploit', records: exploits.length, broken: broken.told(), exploits }
}

async function readProbabilities(records: AsyncIterable<Knowledge>): Promise<Read> {
  const broken = brokenRecords()
  const blocks = probabilityBlocks()
  let count = 0
  for await (const record of records) {
    if (!isOf(record, 'probability', broken)) continue
    blocks.add(record)
    count++
  }
  return { is: 'probability', records: count, broken: broken.told(), probabilities: blocks.all() }
}

type BrokenRecords = { readonly names: ReadonlySet<string>; add(record: string, reason: string): void; told(): Broken }

function brokenRecords(): BrokenRecords {
  const kept: { record: string; reason: string }[] = []
  const names = new Set<string>()
  let count = 0
  return {
    names,
    add(record, reason) {
      count++
      names.add(record)
      if (kept.length < keptBroken) kept.push({ record, reason })
    },
    told: () => ({ kept, count, named: names.size }),
  }
}

/** Records of another kind are broken ones, which are set aside. */
function isOf<K extends KnowledgeFeed['teaches']>(
  record: Knowledge,
  kind: K,
  broken: BrokenRecords,
): record is Extract<Knowledge, { is: K }> {
  if (record.is === kind) return true
  if (record.is === 'broken') broken.add(record.record, record.reason)
  else broken.add(record.is, `not the ${kind} this feed teaches`)
  return false
}
