import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Logger } from 'pino'
import { enableHome } from '../core/enablement/index.ts'
import { type Join, pendingWork } from '../core/findings/index.ts'
import { looksDue } from '../core/looks/index.ts'
import { readSecretKey, secretBox, signingKeys } from '../core/access/index.ts'
import { verify } from '../core/verify/index.ts'
import { writeSbom } from '../formats/sbom-write.ts'
import { AppError } from '../model/errors.ts'
import { openStore, type Store } from '../store/connection.ts'
import { buildServer } from './build.ts'
import { type Config, isLoopback, reachedBy } from './config.ts'
import { cacheFolder } from './data-folder.ts'
import { feeding, type Feeding } from './feeding.ts'
import { declareJobs, startJobs } from './jobs.ts'
import { signInLink, localCredentials } from './sign-in.ts'
import { extractorVersions, keyOf, schemeOf } from './units.ts'
import { version } from './version.ts'
import { watching, type Watching } from './watching.ts'

export type Running = {
  /** Where API and console answer; absent for a worker. */
  readonly url?: string
  /** Where browsers reach them, when that is said to be elsewhere. */
  readonly publicUrl?: string
  /** Signs a browser in, once. */
  readonly link?: string
  readonly store: Store
  readonly feeding: Feeding
  /** Resolves when everything that goes on in the background has begun. */
  readonly working: Promise<void>
  stop(): Promise<void>
}

const now = () => new Date()

/** Starts one process in its roles. It answers as soon as this resolves; looking and loading go on behind. */
export async function start(config: Config, log: Logger): Promise<Running> {
  await mkdir(config.data, { recursive: true, mode: 0o700 })
  const onError = (error: Error) => log.error({ err: error }, 'the database connection failed')
  const store = await openStore(config.databaseUrl === undefined ? { dataDir: config.data } : { url: config.databaseUrl }, onError)
  const ends: (() => unknown)[] = [() => store.close()]
  const stop = async () => {
    for (let end = ends.pop(); end !== undefined; end = ends.pop()) await end()
  }
  try {
    return { ...(await startParts(config, log, store, ends)), store, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

async function startParts(config: Config, log: Logger, store: Store, ends: (() => unknown)[]): Promise<Omit<Running, 'store' | 'stop'>> {
  const { account, region, data } = config
  const joining: Join = { store, now, schemeOf }
  await declareJobs(joining)
  await enableHome(store.db, account, region, now())
  const feeds = feeding({ ...joining, store, log, ...(config.feeds !== undefined && { base: config.feeds }) })
  ends.push(() => feeds.stop())
  const cache = cacheFolder(undefined)
  const watch = watching({
    ...joining,
    keyOf,
    extractors: extractorVersions,
    log,
    account,
    region,
    exclude: [data, cache],
    layers: join(cache, 'layers'),
    onCollected: () => feeds.found(),
  })
  ends.push(() => watch.stop())
  if (config.role !== 'api') await watch.arrive(config.watch)
  const answering = config.role === 'worker' ? {} : await listen(config, log, joining, { feeds, watch, store, ends })
  const working = config.role === 'api' ? Promise.resolve() : work(joining, { feeds, watch })
  working.catch((error: unknown) => log.error({ err: error }, 'the work in the background could not begin'))
  // What is only beginning is waited for: it would go on over a closed store.
  ends.push(() => working.catch(() => {}))
  return { ...answering, feeding: feeds, working }
}

type Parts = { readonly feeds: Feeding; readonly watch: Watching; readonly ends: (() => unknown)[] }

async function work(joining: Join, { feeds, watch }: Omit<Parts, 'ends'>): Promise<void> {
  await startJobs(joining)
  await feeds.start()
  await watch.start()
}

async function listen(config: Config, log: Logger, joining: Join, { feeds, watch, store, ends }: Parts & { readonly store: Store }) {
  const { host, port, region, data, publicUrl } = config
  const box = secretBox(await readSecretKey(data, process.env['OI_SECRET_KEY']))
  const app = await buildServer({
    log,
    store,
    join: joining,
    now,
    version,
    keys: signingKeys(store.db, box, now),
    homeRegion: region,
    ...reachedBy(config),
    knowledge: feeds.knowledge,
    pending: async () => ({ changes: await pendingWork(store.reads), looks: await looksDue(store.reads) }),
    watching: watch,
    recording: { ...joining, keyOf, extractors: extractorVersions },
    onCollected: () => feeds.found(),
    writeSbom,
    syncFeeds: feeds.sync,
    verify: async () => {
      const { checked, pending, differences } = await verify(joining)
      const shown = differences.map(({ about, subject, expected, stored }) => ({ about, subject, expected, stored }))
      const looks = await looksDue(store.db)
      return { ok: differences.length === 0, checkedAt: now().toISOString(), checked, pending, looks, differences: shown }
    },
  })
  ends.push(() => app.close())
  await app.listen({ host, port }).catch((cause: NodeJS.ErrnoException) => {
    const words = {
      EADDRINUSE: 'somebody else listens there',
      EACCES: 'this user may not',
      EADDRNOTAVAIL: 'this machine has no such address',
    }
    const why = words[cause.code as keyof typeof words] ?? cause.message
    throw new AppError('conflict', `Cannot listen on ${host}:${port}: ${why}.`, {
      cause,
      details: { next: 'openinspector serve --port 0' },
    })
  })
  const address = app.server.address()
  const listening = typeof address === 'object' && address !== null ? address.port : port
  const name = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host
  const url = `http://${name.includes(':') ? `[${name}]` : name}:${listening}`
  await localCredentials(config, store.db, box, url)
  // A link that would cross the network in the clear is not made.
  const safe = isLoopback(host) || publicUrl?.startsWith('https:') === true
  const link = safe ? await signInLink(store.db, publicUrl ?? url) : undefined
  return { url, ...(publicUrl !== undefined && { publicUrl }), ...(link !== undefined && { link }) }
}
