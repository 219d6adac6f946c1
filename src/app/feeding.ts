import { fileURLToPath } from 'node:url'
import type { Logger } from 'pino'
import {
  familiesInUse,
  feedCursor,
  type FeedIdentity,
  type HeldFeed,
  heldFeeds,
  loadFeed,
  type Loading,
  noteFailure,
  noteUnchanged,
} from '../core/knowledge/index.ts'
import { starterFeed, starterSet } from '../core/advisories/index.ts'
import { type Knowledge as Known, knowledgeState, type Limits } from '../core/coverage/index.ts'
import type { Alongside } from '../core/inventory/index.ts'
import { readRecords } from '../core/reading/index.ts'
import { createHttp } from '../kit/http.ts'
import { AppError } from '../model/errors.ts'
import type { FeedSnapshot, KnowledgeFeed } from '../model/seams.ts'
import { feeds } from '../plugins/feeds/index.ts'
import type { Db } from '../store/connection.ts'
import type { Job } from '../store/queue.ts'
import { baseUrl } from './advisories.ts'
import { readInProcess } from './feed-reading.ts'
import { families, familyOf } from './units.ts'
import { version } from './version.ts'

/** Keeps what we know up to date. */
export type Feeding = {
  /** Every feed in use, and what an answer that rests on them is worth. */
  knowledge(): Promise<Known>
  /** Queues a load of these feeds, or of all in use, with what is written alongside. Throws AppError `missing` for a name nobody knows. */
  sync(names: readonly string[] | undefined, alongside: Alongside): Promise<void>
  /** Something was collected: feeds for ecosystems nobody had before are loaded at once. */
  found(): void
  /** Begins to work: for the roles that do. */
  start(): Promise<void>
  stop(): void
}

export type FeedingDeps = Loading & {
  readonly log: Logger
  /** Folder or address of a mirror, `off`, or absent for the public addresses. */
  readonly base?: string
}

type Sync = { readonly feed: string }
type Wanted = { readonly identity: FeedIdentity; readonly unit: KnowledgeFeed }

const syncJob: Job<Sync> = { name: 'feed.sync', key: ({ feed }) => feed }
const everyMs = 3_600_000
/** After a failure, sooner than the next round. */
const againMs = 10 * 60_000
/** Every answer says what it rests on; it need not be asked anew for each. */
const rememberMs = 1_000

export function feeding(deps: FeedingDeps): Feeding {
  const { store, log } = deps
  const off = deps.base === 'off'
  const base = deps.base === undefined || off ? undefined : baseUrl(deps.base)
  let schedule: NodeJS.Timeout | undefined
  let declared: Promise<void> | undefined
  const retries = new Map<string, NodeJS.Timeout>()
  let recent: { readonly at: number; readonly knowledge: Known } | undefined

  const ready = () => (declared ??= store.queue.declare([syncJob]))
  const enqueue = async (names: readonly string[], db: Db = store.db) => {
    await ready()
    for (const feed of names) await store.queue.enqueue(syncJob, { feed }, db)
  }
  const inUse = async () => {
    const held = (await heldFeeds(store.db)).flatMap(({ ecosystem }) => ecosystem ?? [])
    return wantedFeeds([...new Set([...(await familiesInUse(store.db)), ...held])])
  }

  const load = async ({ feed }: Sync, signal: AbortSignal) => {
    // Queued by a process that was started otherwise.
    if (off) return
    const wanted = (await inUse()).find(({ identity }) => identity.name === feed)
    if (wanted === undefined) return
    const { identity, unit } = wanted
    const http = createHttp({
      folders: base?.startsWith('file:') === true ? [fileURLToPath(base)] : [],
      userAgent: `OpenInspector/${version}`,
      signal,
    })
    const begun = performance.now()
    let snapshot: FeedSnapshot | 'unchanged' | undefined
    try {
      const scope = { ...(base !== undefined && { base }), ...(identity.ecosystem !== undefined && { ecosystem: identity.ecosystem }) }
      snapshot = await unit.fetch(scope, await feedCursor(deps, identity), http)
      if (snapshot === 'unchanged') return await noteUnchanged(deps, identity)
      const families = new Set(await familiesInUse(store.db))
      if (identity.ecosystem !== undefined) families.add(identity.ecosystem)
      const result = await loadFeed(deps, {
        feed: identity,
        teaches: unit.teaches,
        snapshot,
        read: readInProcess(unit, snapshot, signal),
        families,
      })
      log.info({ feed, ...result, ms: Math.round(performance.now() - begun) }, 'feed loaded')
      if (unit.teaches === 'advisory') await dropStarter(deps)
    } catch (error) {
      if (signal.aborted) throw error
      log.warn({ feed, reason: error instanceof Error ? error.message : String(error) }, 'feed could not be loaded; what was held is kept')
      if (snapshot === undefined) await noteFailure(deps, identity, error)
      if (!(error instanceof AppError)) log.error({ err: error, feed }, 'feed failed')
      clearTimeout(retries.get(feed))
      const again = setTimeout(
        () => void enqueue([feed]).catch((failed: unknown) => log.error({ err: failed }, 'could not queue a feed')),
        againMs,
      )
      retries.set(feed, again.unref())
    } finally {
      if (typeof snapshot === 'object') await Promise.all(snapshot.files.map((file) => file.dispose()))
      await http.close()
    }
  }

  return {
    async knowledge() {
      if (recent === undefined || performance.now() - recent.at > rememberMs) {
        recent = { at: performance.now(), knowledge: withAwaited(await knowledgeState(store.db, ages, deps.now()), await inUse()) }
      }
      return recent.knowledge
    },
    async sync(names, alongside) {
      if (off) throw new AppError('unsupported', 'Feeds are off for this server: it was started with --feeds off.')
      const wanted = (await inUse()).map(({ identity }) => identity.name)
      const stranger = names?.find((name) => !wanted.includes(name))
      if (stranger !== undefined)
        throw new AppError('missing', `No feed in use has the name ${JSON.stringify(stranger)}; in use are ${wanted.join(', ')}.`)
      await ready()
      await store.db.transaction().execute(async (trx) => {
        await enqueue(names ?? wanted, trx)
        await alongside(trx)
      })
    },
    found() {
      if (off || schedule === undefined) return
      void (async () => {
        const held = await heldFeeds(store.db)
        const fresh = (await inUse()).filter(({ identity }) => !held.some(({ name }) => name === identity.name))
        await enqueue(fresh.map(({ identity }) => identity.name))
      })().catch((error: unknown) => log.error({ err: error }, 'could not queue a feed'))
    },
    async start() {
      await ready()
      await store.queue.work(syncJob, load)
      const held = await heldFeeds(store.db)
      if (!held.some(isAdvised)) await loadStarter(deps)
      if (off) return
      const round = async () => enqueue((await inUse()).map(({ identity }) => identity.name))
      schedule = setInterval(() => void round().catch((error: unknown) => log.error({ err: error }, 'could not queue the feeds')), everyMs)
      await round()
    },
    stop() {
      clearInterval(schedule)
      for (const timer of retries.values()) clearTimeout(timer)
    },
  }
}

/** Every feed of the register, once for each family where it is kept so. */
function wantedFeeds(families: readonly string[]): readonly Wanted[] {
  return feeds.flatMap((unit): readonly Wanted[] => {
    const about = { unit: unit.id, parser: unit.version }
    if (unit.per === 'all') return [{ unit, identity: { name: unit.id, ...about } }]
    return families.map((family) => ({ unit, identity: { name: `${unit.id}/${familyOf(family)}`, ecosystem: family, ...about } }))
  })
}

/** Was a feed of advisories ever loaded? The starter set is none. */
const isAdvised = ({ unit, loadedAt }: HeldFeed) =>
  loadedAt !== undefined && feeds.some(({ id, teaches }) => id === unit && teaches === 'advisory')

/** Hours after which what a unit taught is stale. */
const ages: Limits = Object.fromEntries(feeds.map(({ id, staleAfterHours }) => [id, staleAfterHours]))

/** With the feeds that are in use and were never asked; without the starter set, which is no feed. */
function withAwaited(known: Known, wanted: readonly Wanted[]): Known {
  const held = known.feeds.filter(({ name }) => name !== starterFeed)
  const awaited = wanted
    .filter(({ identity }) => !held.some(({ name }) => name === identity.name))
    .map(({ identity: { name, unit, ecosystem }, unit: { staleAfterHours } }) => ({
      ...{ name, unit, staleAfterHours, records: 0, broken: 0, loading: false },
      ...(ecosystem !== undefined && { ecosystem }),
      state: 'never' as const,
    }))
  const all = [...held, ...awaited].toSorted((a, b) => (a.name < b.name ? -1 : 1))
  // What was asked for and never came is no reason to look good.
  const state = known.state === 'full' && all.some((feed) => feed.state !== 'fresh') ? 'stale' : known.state
  return { ...known, state, feeds: all }
}

const starter: FeedIdentity = { name: starterFeed, unit: starterFeed, parser: 1 }

/** A few well-known vulnerabilities, so that the product shows what it does before any feed is loaded; answers say so. */
async function loadStarter(deps: FeedingDeps): Promise<void> {
  await loadFeed(deps, {
    feed: starter,
    teaches: 'advisory',
    snapshot: { is: 'full', cursor: version },
    read: (about, taker) => readRecords(each(starterSet), about, taker),
    families: new Set(families),
  })
}

/** Drops what the set says of families whose own feed is there; of the others it is still all that is known. */
async function dropStarter(deps: FeedingDeps): Promise<void> {
  const held = await heldFeeds(deps.store.db)
  const known = new Set(held.filter(isAdvised).map(({ ecosystem }) => ecosystem))
  const gone = starterSet.filter(({ affected }) => affected.every(({ ecosystem }) => known.has(familyOf(ecosystem)))).map(({ id }) => id)
  const records = held.find(({ name }) => name === starterFeed)?.records ?? 0
  if (records <= starterSet.length - gone.length) return
  const snapshot = { is: 'delta', cursor: 'dropped', gone } as const
  await loadFeed(deps, {
    feed: starter,
    teaches: 'advisory',
    snapshot,
    read: (about, taker) => readRecords(each([]), about, taker),
    families: new Set(),
  })
}

async function* each<T>(items: readonly T[]): AsyncGenerator<T> {
  yield* items
}
