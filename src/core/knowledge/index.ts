export { type FeedIdentity, feedCursor, type Load, loadFeed, type Loading, type LoadResult, noteFailure, noteUnchanged } from './load.ts'
export { familiesInUse, type HeldFeed, heldFeeds } from './held-feeds.ts'
