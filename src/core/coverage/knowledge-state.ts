import { sql } from 'kysely'
import type { Db } from '../../store/connection.ts'
import { freshness, starterFeed } from '../advisories/index.ts'
import { familiesInUse, type HeldFeed, heldFeeds } from '../knowledge/index.ts'
import type { KnowledgeState } from './coverage-types.ts'

/** One feed and how far it can be trusted. Ages in hours; absent: it never happened. */
export type FeedAge = HeldFeed & {
  readonly state: 'fresh' | 'stale' | 'failed' | 'never'
  readonly staleAfterHours: number
  /** Since the publisher was last reached, changed or not. */
  readonly checkedAgeHours?: number
  /** Since the newest content, by the publisher's own time. */
  readonly publishedAgeHours?: number
}
export type Knowledge = {
  readonly state: KnowledgeState
  readonly feeds: readonly FeedAge[]
  /** OSV families in use (`Debian`, `npm`) and what there is for each. */
  readonly families: Readonly<Record<string, KnowledgeState>>
}

/** `staleAfterHours` of feed units by their id; units that are not named do not age (the starter set). */
export type Limits = Readonly<Record<string, number>>

/**
 * What the findings rest on. full: every family in use has a feed that is fresh, and no feed is stale or failed; stale:
 * one is; starter: for some family there is the built-in set only; none: for some family, or at all, there is nothing.
 */
export async function knowledgeState(db: Db, limits: Limits, now: Date): Promise<Knowledge> {
  const feeds = (await heldFeeds(db)).map((feed) => ageOf(feed, limits, now))
  const families = Object.fromEntries((await familiesInUse(db)).map((family) => [family, stateOfFamily(feeds, family)]))
  const advisories = feeds.some((feed) => feed.ecosystem !== undefined && feed.state !== 'never')
  const starter = feeds.some(({ name, state }) => name === starterFeed && state !== 'never')
  const overall: KnowledgeState = advisories
    ? feeds.some(({ state }) => state === 'stale' || state === 'failed')
      ? 'stale'
      : 'full'
    : starter
      ? 'starter'
      : 'none'
  return { state: worst([overall, ...Object.values(families)]), feeds, families }
}

/** The knowledge some inventories were judged by, from the families of what is in them. An empty inventory rests on the whole. */
export async function knowledgeOfInventories(
  db: Db,
  inventories: readonly number[],
  { state, families }: Knowledge,
): Promise<ReadonlyMap<number, KnowledgeState>> {
  const { rows } = await sql<{ id: number; families: string[] }>`
    select i.id, array(select distinct split_part(c.ecosystem, ':', 1) from occurrence o join component c on c.id = o.component_id
      where o.inventory_id = i.id and c.ecosystem is not null) as families
    from unnest(${inventories}::int[]) i(id)`.execute(db)
  return new Map(
    rows.map(({ id, families: held }) => [id, held.length === 0 ? state : worst(held.map((family) => families[family] ?? 'none'))]),
  )
}

const order: readonly KnowledgeState[] = ['none', 'starter', 'stale', 'full']
const worst = (states: readonly KnowledgeState[]): KnowledgeState => order.find((state) => states.includes(state)) ?? 'full'

function stateOfFamily(feeds: readonly FeedAge[], family: string): KnowledgeState {
  const own = feeds.filter(({ ecosystem, state }) => ecosystem === family && state !== 'never')
  if (own.some(({ state }) => state === 'fresh')) return 'full'
  if (own.length > 0) return 'stale'
  return feeds.some(({ name, state }) => name === starterFeed && state !== 'never') ? 'starter' : 'none'
}

function ageOf(feed: HeldFeed, limits: Limits, now: Date): FeedAge {
  const staleAfterHours = limits[feed.unit] ?? Number.POSITIVE_INFINITY
  // A check that failed reached nobody: what was loaded before is all there is.
  const reachedAt = feed.error === undefined ? (feed.checkedAt ?? feed.loadedAt) : feed.loadedAt
  const loadedAt = feed.loadedAt === undefined ? undefined : reachedAt
  const held = { ...(loadedAt !== undefined && { loadedAt }), ...(feed.publishedAt !== undefined && { publishedAt: feed.publishedAt }) }
  const age = freshness(held, staleAfterHours, now.getTime())
  const checkedAgeHours = hoursSince(reachedAt, now)
  const publishedAgeHours = hoursSince(feed.publishedAt, now)
  return {
    ...feed,
    state: age === 'fresh' && feed.error !== undefined ? 'failed' : age,
    staleAfterHours,
    ...(checkedAgeHours !== undefined && { checkedAgeHours }),
    ...(publishedAgeHours !== undefined && { publishedAgeHours }),
  }
}

const hoursSince = (at: string | undefined, now: Date) => (at === undefined ? undefined : (now.getTime() - Date.parse(at)) / 3_600_000)
