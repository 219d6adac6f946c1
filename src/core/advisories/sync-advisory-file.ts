import type { FeedSnapshot, Http, KnowledgeFeed } from '../../model/seams.ts'
import { AppError, reasonOf } from '../../model/errors.ts'
import type { AdvisoryFileMeta } from './advisory-file-format.ts'
import type { FeedLoad } from './advisory-file-write.ts'
import { writeAdvisoryFile } from './advisory-file-write.ts'
import { heldMeta } from './advisory-file.ts'
import { starterFeed, starterSet } from './starter.ts'

export type SyncOptions = {
  readonly path: string
  readonly feeds: readonly KnowledgeFeed[]
  /** OSV ecosystems in use: `Debian`, `npm`. They are the families kept of every record too. */
  readonly ecosystems: readonly string[]
  /** They are all that could be judged, not what is known to be in use: what a mirror does not offer is left out, and no failure. */
  readonly asOffered?: boolean
  /** A mirror's folder or address in place of the public ones. */
  readonly base?: string
  readonly http: Http
  /** Milliseconds since 1970. */
  readonly now: () => number
  readonly signal?: AbortSignal
}

/**
 * Brings the local advisory file up to date: asks every feed, writes what is new in one step. What cannot be fetched or read
 * stays as it was, with the reason in the feed's state. Without any advisories at all the starter set stands in, as feed
 * `starter`: every answer made from it must say so.
 */
export async function syncAdvisoryFile(options: SyncOptions): Promise<AdvisoryFileMeta> {
  const { path, ecosystems, now, signal } = options
  const held = heldMeta(path)
  const snapshots: FeedSnapshot[] = []
  const write = { families: new Set(ecosystems), at: new Date(now()).toISOString(), ...(signal && { signal }) }
  try {
    const asked = await Promise.allSettled(wanted(options).map((one) => ask(one, options, held, snapshots)))
    // Only now: what was asked for is here, and disposed of, or will not come any more.
    const loads = asked.map(settledValue).filter((load) => load !== undefined)
    const meta = await writeAdvisoryFile(path, loads, write)
    const advised = meta.feeds.some(({ feed, loadedAt }) => loadedAt !== undefined && teachesAdvisories(feed, options))
    const started = meta.feeds.some(({ feed }) => feed === starterFeed)
    if (advised === !started) return meta
    const starter: FeedLoad = advised ? { feed: starterFeed, is: 'dropped' } : { feed: starterFeed, is: 'full', records: starterSet }
    return await writeAdvisoryFile(path, [starter], write)
  } finally {
    await Promise.all(snapshots.flatMap(({ files }) => files.map((file) => file.dispose())))
  }
}

function settledValue<T>(settled: PromiseSettledResult<T>): T {
  if (settled.status === 'rejected') throw settled.reason
  return settled.value
}

type Wanted = { readonly name: string; readonly unit: KnowledgeFeed; readonly ecosystem?: string }

function wanted({ feeds, ecosystems }: SyncOptions): readonly Wanted[] {
  return feeds.flatMap((unit): readonly Wanted[] =>
    unit.per === 'all' ? [{ name: unit.id, unit }] : ecosystems.map((ecosystem) => ({ name: `${unit.id}/${ecosystem}`, unit, ecosystem })),
  )
}

function teachesAdvisories(feed: string, { feeds }: SyncOptions): boolean {
  return feeds.some(({ id, teaches }) => teaches === 'advisory' && feed.split('/', 1)[0] === id)
}

async function ask(
  { name, unit, ecosystem }: Wanted,
  { base, http, asOffered }: SyncOptions,
  held: AdvisoryFileMeta | undefined,
  snapshots: FeedSnapshot[],
): Promise<FeedLoad | undefined> {
  const scope = { ...(base !== undefined && { base }), ...(ecosystem !== undefined && { ecosystem }) }
  const before = held?.feeds.find(({ feed }) => feed === name)
  try {
    const cursor = before?.cursor
    let snapshot = await unit.fetch(scope, cursor, http)
    if (snapshot !== 'unchanged') snapshots.push(snapshot)
    if (snapshot !== 'unchanged' && snapshot.is === 'delta') {
      // Packages are stored one row each: a change of single records means the whole feed again.
      snapshot = await unit.fetch(scope, undefined, http)
      if (snapshot !== 'unchanged') snapshots.push(snapshot)
    }
    if (snapshot === 'unchanged') return { feed: name, is: 'unchanged' }
    const { cursor: next, publishedAt } = snapshot
    return { feed: name, is: 'full', records: unit.parse(snapshot), cursor: next, ...(publishedAt !== undefined && { publishedAt }) }
  } catch (thrown) {
    if (!(thrown instanceof AppError)) throw thrown
    if (asOffered && ecosystem !== undefined && thrown.code === 'missing' && before === undefined) return undefined
    return { feed: name, is: 'failed', reason: reasonOf(thrown) }
  }
}
