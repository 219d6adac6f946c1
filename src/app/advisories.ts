import { createHash } from 'node:crypto'
import { readdirSync, statSync } from 'node:fs'
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import {
  type AdvisoryFile,
  type AdvisoryFileMeta,
  type Freshness,
  freshness,
  openAdvisoryFile,
  starterFeed,
  syncAdvisoryFile,
  writeAdvisoryFile,
  starterSet,
} from '../core/advisories/index.ts'
import { createHttp } from '../kit/http.ts'
import { AppError } from '../model/errors.ts'
import { feeds } from '../plugins/feeds/index.ts'
import { families as allFamilies } from './units.ts'
import { version } from './version.ts'

/** Where stand-alone scans keep their advisories. */
export type AdvisoryPlace = {
  /** Data folder: holds what `feeds sync` loaded. */
  readonly data: string
  /** Cache folder: holds what a scan loaded from `--feeds`. */
  readonly cache: string
  /** Folder or address of a mirror; absent: what `feeds sync` loaded. */
  readonly feeds?: string
}

export type KnowledgeWord = 'full' | 'starter' | 'stale'
/** What one feed taught a local file, and whether it is still to be trusted. */
export type LocalFeed = {
  readonly name: string
  readonly state: Freshness | 'failed'
  readonly records: number
  readonly broken: number
  readonly loadedAt?: string
  readonly publishedAt?: string
  readonly error?: string
}

const refetchMs = 6 * 3_600_000

/** The file `feeds sync` writes. */
export const syncedFile = (data: string): string => join(data, 'advisories.db')

/**
 * The advisories a scan judges by, which are loaded first where `feeds` names a mirror that has news. Without a mirror
 * nothing goes over the network: with nothing synced yet it is the starter set.
 */
export async function advisoriesFor(
  place: AdvisoryPlace,
  families: readonly string[],
  { say, signal }: { readonly say: (words: string) => void; readonly signal?: AbortSignal },
): Promise<AdvisoryFile> {
  if (place.feeds === undefined || place.feeds === 'off') {
    const path = syncedFile(place.data)
    return openOr(path, async () => {
      const starter = join(place.cache, 'starter.db')
      await writeAdvisoryFile(starter, [{ feed: starterFeed, is: 'full', records: starterSet }], {
        families: new Set(allFamilies),
        at: new Date().toISOString(),
      })
      return starter
    })
  }
  const base = baseUrl(place.feeds)
  const path = join(place.cache, `advisories-${createHash('sha256').update(base).digest('hex').slice(0, 12)}.db`)
  const held = tryOpen(path)
  if (held !== undefined && !hasNews(base, held.meta, families)) return held
  held?.close()
  say(`Loading advisories from ${place.feeds} ...`)
  await syncFeeds({ path, base, families: [...new Set([...families, ...familiesOf(held?.meta)])], ...(signal && { signal }) })
  return openAdvisoryFile(path)
}

/** Loads all feeds for these families into a local file; what fails stays as it was, and says why. */
export async function syncFeeds(about: {
  readonly path: string
  readonly base?: string
  /** When absent all that somebody here can judge, as far as it is offered. */
  readonly families?: readonly string[]
  readonly signal?: AbortSignal
}): Promise<AdvisoryFileMeta> {
  const { path, base, families, signal } = about
  const folders = base?.startsWith('file:') === true ? [fileURLToPath(base)] : []
  const http = createHttp({ folders, userAgent: `OpenInspector/${version}`, ...(signal && { signal }) })
  try {
    return await syncAdvisoryFile({
      ...{ path, feeds, http, now: Date.now },
      ecosystems: families ?? allFamilies,
      asOffered: families === undefined,
      ...(base !== undefined && { base }),
      ...(signal && { signal }),
    })
  } finally {
    await http.close()
  }
}

/** A mirror as an address, as `baseUrl` makes it. Throws AppError `missing` where there is none. */
export async function mirrorUrl(where: string): Promise<string> {
  const base = baseUrl(where)
  if (!base.startsWith('file:')) return base
  const found = await stat(new URL(base)).catch(() => undefined)
  if (found?.isDirectory() === true) return base
  throw new AppError('missing', `--feeds: expected a folder or an address, but there is no folder ${fileURLToPath(base)}`)
}

/** A mirror as an address: a folder becomes a `file:` URL, also one that is not there yet. */
export function baseUrl(where: string): string {
  return /^(https?|file):\/\//.test(where) ? where : pathToFileURL(where).href
}

/** OSV families a local file was asked to hold. */
export function familiesOf(meta: AdvisoryFileMeta | undefined): readonly string[] {
  return (meta?.feeds ?? []).flatMap(({ feed }) => (feed.startsWith('osv/') ? [feed.slice('osv/'.length)] : []))
}

/** `families`: what was found installed; a family without its feed is not known at all. */
export function stateOf(meta: AdvisoryFileMeta, families: readonly string[], now: number): KnowledgeWord {
  if (meta.feeds.some(({ feed }) => feed === starterFeed)) return 'starter'
  const states = localFeeds(meta, now)
  const missing = families.some((family) => !states.some(({ name }) => name === `osv/${family}`))
  return missing || states.some(({ state }) => state !== 'fresh') ? 'stale' : 'full'
}

export function localFeeds(meta: AdvisoryFileMeta, now: number): readonly LocalFeed[] {
  return meta.feeds.map(({ feed, loadedAt, publishedAt, records, broken, failure }) => {
    const held = { ...(loadedAt !== undefined && { loadedAt }), ...(publishedAt !== undefined && { publishedAt }) }
    const unit = feeds.find(({ id }) => id === feed.split('/', 1)[0])
    const fresh = freshness(held, unit?.staleAfterHours ?? 0, now)
    const state = failure !== undefined && fresh !== 'fresh' ? 'failed' : fresh
    return { name: feed, state, records, broken, ...held, ...(failure !== undefined && { error: failure }) }
  })
}

/** What `feeds sync` loaded into a data folder; nothing where it never ran. */
export function heldFeedsOf(data: string): readonly LocalFeed[] {
  const file = tryOpen(syncedFile(data))
  if (file === undefined) return []
  file.close()
  return localFeeds(file.meta, Date.now())
}

async function openOr(path: string, otherwise: () => Promise<string>): Promise<AdvisoryFile> {
  return tryOpen(path) ?? openAdvisoryFile(await otherwise())
}

/** undefined: there is none, or it must be built again. */
function tryOpen(path: string): AdvisoryFile | undefined {
  try {
    return openAdvisoryFile(path)
  } catch (error) {
    if (error instanceof AppError) return undefined
    throw error
  }
}

/** A family not asked for before, a file of a mirror folder written since, or an address not asked for hours. */
function hasNews(base: string, meta: AdvisoryFileMeta, families: readonly string[]): boolean {
  if (families.some((family) => !familiesOf(meta).includes(family))) return true
  const written = Date.parse(meta.writtenAt)
  if (!base.startsWith('file:')) return Date.now() - written > refetchMs
  try {
    return newestUnder(fileURLToPath(base)) > written
  } catch {
    return true // Something in it cannot be read: the feed that is concerned says so.
  }
}

/** Milliseconds since 1970 of the last change of any file below; a mirror holds some hundred. */
function newestUnder(folder: string): number {
  let newest = 0
  for (const entry of readdirSync(folder, { withFileTypes: true, recursive: true })) {
    if (!entry.isFile()) continue
    const { mtimeMs, ctimeMs } = statSync(join(entry.parentPath, entry.name))
    newest = Math.max(newest, mtimeMs, ctimeMs)
  }
  return newest
}
