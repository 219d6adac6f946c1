import { createHash } from 'node:crypto'
import { type FSWatcher, statSync, watch } from 'node:fs'
import { stat } from 'node:fs/promises'
import { hostname } from 'node:os'
import { basename, dirname } from 'node:path'
import type { Logger } from 'pino'
import { AppError, reasonOf } from '../model/errors.ts'
import type { ResourceType } from '../model/resource.ts'
import {
  isGone,
  recordFailure,
  recordLost,
  recordObservation,
  registerResource,
  removeResource,
  targetOf,
  watchedTargets,
  type Recording,
} from '../core/inventory/index.ts'
import type { Job } from '../store/queue.ts'
import { identify, Interrupted, lookAt, type Opened } from './looking.ts'

export type Watched = { readonly arn: string; readonly resourceId: string; readonly resourceType: ResourceType; readonly target: string }

/** Targets of this machine, looked at again when they change and on a schedule. */
export type Watching = {
  /** Puts a target into coverage and queues a first look. */
  add(target: string): Promise<Watched>
  /** Queues a new look. Throws AppError `missing` or `unsupported` (nobody knows how to look at it again). */
  collect(arn: string): Promise<void>
  /** Takes it out of coverage; its findings close. */
  remove(arn: string): Promise<void>
  /** Begins to work: for the roles that do. */
  start(targets: readonly string[]): Promise<void>
  stop(): void
}

export type WatchingDeps = Recording & {
  readonly log: Logger
  readonly account: string
  readonly region: string
  /** Folders of our own that are never part of a resource. */
  readonly exclude: readonly string[]
  /** Folder of the cache of image layers. */
  readonly layers: string
  /** Hears of a finished look, to notice ecosystems nobody had before. */
  readonly onCollected: () => void
}

/** A package manager writes its database many times in one run. */
const settleMs = 3_000
const everyMs = 3_600_000

type Collect = { readonly target: string }

/** Watches with the means of this machine: paths of a target are its own, so that its work has a queue of its own. */
export function watching(deps: WatchingDeps): Watching {
  const { store, log } = deps
  const machine = hostname()
  const job: Job<Collect> = {
    name: `resource.collect.${createHash('sha256').update(machine).digest('hex').slice(0, 8)}`,
    key: ({ target }) => createHash('sha256').update(target).digest('hex'),
  }
  const scope = { account: deps.account, region: deps.region, layers: deps.layers, exclude: deps.exclude }
  const watchers = new Map<string, readonly FSWatcher[]>()
  const timers = new Map<string, NodeJS.Timeout>()
  let schedule: NodeJS.Timeout | undefined
  let declared: Promise<void> | undefined

  const ready = () => (declared ??= store.queue.declare([job]))
  const enqueue = async (target: string) => {
    await ready()
    await store.queue.enqueue(job, { target }, store.db)
  }
  const changed = (target: string) => {
    clearTimeout(timers.get(target))
    timers.set(
      target,
      setTimeout(() => {
        timers.delete(target)
        enqueue(target).catch((error: unknown) => log.error({ err: error, target }, 'could not queue a new look'))
      }, settleMs),
    )
  }
  const follow = (target: string, paths: readonly string[]) => {
    if (watchers.has(target) || schedule === undefined) return
    watchers.set(
      target,
      paths.flatMap((path) => watchPath(path, () => changed(target), log)),
    )
  }
  const unfollow = (target: string) => {
    for (const watcher of watchers.get(target) ?? []) watcher.close()
    watchers.delete(target)
    clearTimeout(timers.get(target))
    timers.delete(target)
  }

  const look = async ({ target }: Collect, signal: AbortSignal) => {
    const begun = performance.now()
    const found: { opened?: Opened; at?: string } = {}
    const onOpened = async (opened: Opened) => {
      found.opened = opened
      await registerResource(deps, opened.resource, opened.target)
      found.at = deps.now().toISOString()
    }
    try {
      const looked = await lookAt(target, { ...scope, signal }, onOpened)
      const { resource, collector, watch: paths, inventory } = looked
      // Taken out while we looked: what was seen must not bring it back.
      if (await isGone(store.db, resource.arn)) return
      await registerResource(deps, resource, looked.target)
      const { occurrences, gaps, os } = inventory
      const at = found.at ?? deps.now().toISOString()
      await recordObservation(deps, { resource: resource.arn, collector, at, occurrences, gaps, ...(os && { os }) })
      follow(looked.target, paths)
      deps.onCollected()
      const ms = Math.round(performance.now() - begun)
      log.info({ target, components: occurrences.length, gaps: gaps.length, ms }, 'collected')
    } catch (error) {
      if (found.opened === undefined || signal.aborted || error instanceof Interrupted) throw error
      log.warn({ err: error, target }, 'could not collect')
      await recordFailure(deps, found.opened.resource.arn, reasonOf(error))
    }
  }
  /** A target that is gone, or never was, is told once and not tried again until the next look is due. */
  const run = (payload: Collect, signal: AbortSignal) =>
    look(payload, signal).catch(async (error: unknown) => {
      if (!(error instanceof AppError)) throw error
      log.warn({ target: payload.target }, error.message)
      await recordLost(store.db, payload.target, error.message, deps.now())
    })

  return {
    async add(text) {
      const { resource, target } = await identify(text, scope)
      await registerResource(deps, resource, target)
      await enqueue(target)
      return { arn: resource.arn, resourceId: resource.id, resourceType: resource.type, target }
    },
    async collect(arn) {
      const target = await targetOf(store.db, arn)
      if (target === undefined) throw new AppError('unsupported', `Nobody watches ${arn}: its inventory was handed in from outside.`)
      await enqueue(target)
    },
    async remove(arn) {
      const target = await targetOf(store.db, arn)
      await removeResource(deps, arn)
      if (target !== undefined) unfollow(target)
    },
    async start(targets) {
      await ready()
      schedule = setInterval(() => {
        allTargets(deps, machine, targets)
          .then((all) => Promise.all(all.map(enqueue)))
          .catch((error: unknown) => log.error({ err: error }, 'could not queue the scheduled looks'))
      }, everyMs)
      await store.queue.work(job, run)
      for (const target of await allTargets(deps, machine, targets)) await enqueue(target)
    },
    stop() {
      clearInterval(schedule)
      for (const target of [...watchers.keys()]) unfollow(target)
    },
  }
}

/** What was asked for at start, and what was added since on this machine. */
async function allTargets({ store }: Recording, machine: string, asked: readonly string[]): Promise<readonly string[]> {
  const known = await watchedTargets(store.db)
  const ours = await Promise.all(known.map(async ({ target, hostname: at }) => (at === undefined ? isHere(target) : at === machine)))
  return [...new Set([...asked, ...known.filter((_, index) => ours[index]).map(({ target }) => target)])]
}

/** An image or SBOM says nothing of the machine it lies on. */
async function isHere(target: string): Promise<boolean> {
  const path = target.slice(target.indexOf(':') + 1)
  return stat(path).then(
    () => true,
    () => false,
  )
}

/** A database is replaced by a rename, so its folder is watched; a folder is watched itself. */
function watchPath(path: string, changed: () => void, log: Logger): FSWatcher[] {
  try {
    const name = basename(path)
    const onEvent = (_: string, file: string | null) => {
      if (file === null || file === name) changed()
    }
    const watcher = statSync(path).isDirectory()
      ? watch(path, { persistent: false }, changed)
      : watch(dirname(path), { persistent: false }, onEvent)
    return [watcher.on('error', (error) => log.warn({ err: error, path }, 'no longer watched'))]
  } catch (error) {
    log.warn({ err: error, path }, 'cannot be watched; it is looked at on schedule only')
    return []
  }
}
