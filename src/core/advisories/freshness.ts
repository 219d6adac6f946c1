export type Freshness = 'fresh' | 'stale' | 'never'

const hour = 3600_000
/** A publisher may pause over holidays; content older than this beside the feed's own limit is old, however lately it was fetched. */
const longestPauseHours = 14 * 24

/**
 * Is what a feed taught still to be trusted? `loadedAt`: ISO time of the last good load or of the last time the publisher
 * said that nothing changed. `publishedAt`: ISO time of the newest content, where known: a mirror may be fetched today and
 * hold last year's records.
 */
export function freshness(
  held: { readonly loadedAt?: string; readonly publishedAt?: string },
  staleAfterHours: number,
  now: number,
): Freshness {
  if (held.loadedAt === undefined) return 'never'
  const old = (at: string | undefined, hours: number) => at !== undefined && now - Date.parse(at) > hours * hour
  return old(held.loadedAt, staleAfterHours) || old(held.publishedAt, staleAfterHours + longestPauseHours) ? 'stale' : 'fresh'
}
