import { createHash, randomUUID } from 'node:crypto'
import type { FSWatcher } from 'node:fs'
import { stat } from 'node:fs/promises'
import { hostname } from 'node:os'
import type { Logger } from 'pino'
import { AppError, reasonOf } from '../model/errors.ts'
import type { ResourceType } from '../model/resource.ts'
import {
  type Alongside,
  recordFailure,
  recordLost,
  recordObservation,
  registerLooked,
  registerResource,
  removeResource,
  targetOf,
  watchedAmong,
  watchedTargets,
  type Recording,
} from '../core/inventory/index.ts'
import { beginLook, endLook, endWorker, forgetOthers, machinesAtWork, noteDue, type Place, seeWorker } from '../core/looks/index.ts'
import { Interrupted } from '../kit/interruption.ts'
import { parseTarget } from '../plugins/sources/index.ts'
import type { Db } from '../store/connection.ts'
import { expireInSeconds, type Job } from '../store/queue.ts'
import { standsForSeveral, writtenTarget } from './collect.ts'
import { lookSchedule } from './look-schedule.ts'
import { identify, listAt, lookAt, type Opened } from './looking.ts'
import { watchPaths } from './watch-paths.ts'

export type Watched = { readonly arn: string; readonly resourceId: string; readonly resourceType: ResourceType; readonly target: string }

/** What a target that stands for several stood for when it was added, and what of that could not be opened. */
export type WatchedSeveral = {
  readonly target: string
  readonly members: readonly Watched[]
  readonly failed: readonly { readonly target: string; readonly reason: string }[]
}

/** Targets of this machine, looked at again when they change and on a schedule. What is written alongside is written with the change, or not at all. */
export type Watching = {
  /** Puts a target, or what it stands for just now, into coverage and queues first looks. Throws AppError `conflict` when no worker is on this machine. */
  add(target: string, alongside: (trx: Db, watched: Watched) => Promise<unknown>): Promise<Watched | WatchedSeveral>
  /** Queues a new look. Throws AppError `missing`, `unsupported` (nobody knows how to look at it again) or `conflict` (no worker is there). */
  collect(arn: string, alongside: Alongside): Promise<void>
  /** Takes it out of coverage; its findings close. It stays out until somebody adds it again. */
  remove(arn: string, alongside: Alongside): Promise<void>
  /** For the roles that look: says that this process does, and what it is about to look at. Before anybody is answered. */
  arrive(targets: readonly string[]): Promise<void>
  /** Begins to work, after `arrive`. */
  start(): Promise<void>
  stop(): Promise<void>
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

const everyMs = 3_600_000
/** Several times in the span after which a silent worker is taken for gone. */
const presentEveryMs = 20_000

type Collect = { readonly target: string }

/** Paths of a target belong to a machine, so that its looks have a queue of their own. */
const jobOf = (machine: string): Job<Collect> => ({
  name: `resource.collect.${createHash('sha256').update(machine).digest('hex').slice(0, 8)}`,
  key: ({ target }) => createHash('sha256').update(target).digest('hex'),
})

/** Watches with the means of this machine. */
export function watching(deps: WatchingDeps): Watching {
  const { store, log } = deps
  const machine = hostname()
  const worker = { id: randomUUID(), machine }
  const scope = { account: deps.account, region: deps.region, layers: deps.layers, exclude: deps.exclude }
  const watchers = new Map<string, readonly FSWatcher[]>()
  /** What was asked for at start, and when: later removals hold against it. */
  let asked: { readonly targets: readonly string[]; readonly at: Date } = { targets: [], at: deps.now() }
  let round: NodeJS.Timeout | undefined
  let presence: NodeJS.Timeout | undefined
  let stopped = false
  const inFlight = new Set<Promise<unknown>>()

  /** Work that nobody waits for but the end. */
  const aside = (what: string, work: () => Promise<unknown>) => {
    if (stopped) return
    const done = work()
      .catch((error: unknown) => log.error({ err: error }, what))
      .finally(() => inFlight.delete(done))
    inFlight.add(done)
  }
  /** `noted`: somebody has said already that the look is due, or it is one of the round, before which nothing is known to have changed. */
  const enqueue = async (
    { machine: there, target }: Place,
    { noted = false, alongside }: { noted?: boolean; alongside?: Alongside } = {},
  ) => {
    const job = jobOf(there)
    await store.queue.declare([job])
    await store.db.transaction().execute(async (trx) => {
      if (!noted) await noteDue(trx, there, [target])
      await store.queue.enqueue(job, { target }, trx)
      await alongside?.(trx)
    })
  }
  const schedule = lookSchedule((target) => aside('could not queue a new look', () => enqueue({ machine, target })))
  const changed = (target: string) => {
    if (schedule.changed(target)) aside('could not note that a look is due', () => noteDue(store.db, machine, [target]))
  }
  const follow = (target: string, paths: readonly string[]) => {
    if (watchers.has(target) || stopped) return
    watchers.set(
      target,
      watchPaths(paths, () => changed(target), log),
    )
  }
  const unfollow = (target: string) => {
    for (const watcher of watchers.get(target) ?? []) watcher.close()
    watchers.delete(target)
    schedule.forget(target)
  }
  const workerOf = async (there: string) => {
    const present = await machinesAtWork(store.db)
    if (!present.includes(there)) throw nobodyThere(there, present)
  }

  /** By our own end, or whoever ended the process that looked: the queue gives the look to somebody again. */
  const cutOff = (error: unknown, signal: AbortSignal) => (stopped && signal.aborted) || error instanceof Interrupted

  /** Throws when the target cannot be found, or the look was cut off. */
  const look = async (target: string, signal: AbortSignal): Promise<'seen' | 'failed' | 'gone'> => {
    const begun = performance.now()
    const found: { opened?: Opened; at?: string; gone?: boolean } = {}
    const gone = () => {
      found.gone = true
      return new Error(`${target} was taken out of coverage`)
    }
    const onOpened = async (opened: Opened) => {
      found.opened = opened
      const askedAt = asked.targets.includes(opened.target) ? asked.at : undefined
      if ((await registerLooked(deps, opened.resource, { target: opened.target, machine }, askedAt)) === undefined) throw gone()
      // Before anything is read: what changes meanwhile is looked at once more.
      follow(opened.target, opened.watch)
      found.at = deps.now().toISOString()
    }
    try {
      const { resource, collector, inventory, target: written } = await lookAt(target, { ...scope, signal }, onOpened)
      // Taken out while we looked: what was seen does not bring it back.
      if ((await registerLooked(deps, resource, { target: written, machine })) === undefined) throw gone()
      const { occurrences, gaps, os } = inventory
      const at = found.at ?? deps.now().toISOString()
      const seen = { resource: resource.arn, collector, at, occurrences, gaps, ...(os && { os }) }
      if ((await recordObservation(deps, seen)) === undefined) throw gone()
      deps.onCollected()
      const ms = Math.round(performance.now() - begun)
      log.info({ target, components: occurrences.length, gaps: gaps.length, ms }, 'collected')
      return 'seen'
    } catch (error) {
      if (found.gone === true) return 'gone'
      if (found.opened === undefined || cutOff(error, signal)) throw error
      log.warn({ err: error, target }, 'could not collect')
      await recordFailure(deps, found.opened.resource.arn, failureOf(error, signal))
      return 'failed'
    }
  }
  /** What a target that was asked for at start stands for, and nobody watched until now, is watched from now on. */
  const spread = async (target: string, signal: AbortSignal): Promise<'seen'> => {
    const { watch, members } = await listAt(target, { ...scope, signal })
    follow(target, watch)
    const askedAt = asked.targets.includes(target) ? asked.at : undefined
    const known = await watchedAmong(
      store.db,
      members.flatMap((member) => ('opened' in member ? member.opened.resource.arn : [])),
    )
    for (const member of members) {
      if ('error' in member) {
        log.warn({ target: member.target }, member.error.message)
        continue
      }
      const { resource, target: found } = member.opened
      const place = { target: found, machine }
      if (!known.has(resource.arn) && (await registerLooked(deps, resource, place, askedAt)) !== undefined) await enqueue(place)
    }
    return 'seen'
  }
  const run = async ({ target }: Collect, signal: AbortSignal) => {
    const place = { target, machine }
    const due = await beginLook(store.db, place)
    const begun = performance.now()
    const ended = await (standsForSeveral(target) ? spread : look)(target, signal).catch(async (error: unknown) => {
      if (cutOff(error, signal)) throw error
      const reason = failureOf(error, signal)
      log.warn({ ...(error instanceof AppError ? {} : { err: error }), target }, reason)
      await recordLost(store.db, place, reason, deps.now())
      return 'failed' as const
    })
    await endLook(store.db, place, due)
    if (ended === 'gone') unfollow(target)
    else schedule.ended(target, { failed: ended === 'failed', ms: performance.now() - begun })
  }

  const addOne = async ({ resource, target }: Opened, alongside: Parameters<Watching['add']>[1]): Promise<Watched> => {
    const watched = { arn: resource.arn, resourceId: resource.id, resourceType: resource.type, target }
    await registerResource(deps, resource, { target, machine }, (trx) => alongside(trx, watched))
    await enqueue({ target, machine })
    return watched
  }

  return {
    async add(text, alongside) {
      await workerOf(machine)
      if (!standsForSeveral(text)) return await addOne(await identify(text, scope), alongside)
      const { members } = await listAt(text, scope)
      const added: Watched[] = []
      for (const member of members) if ('opened' in member) added.push(await addOne(member.opened, alongside))
      const failed = members.flatMap((member) => ('error' in member ? { target: member.target, reason: member.error.message } : []))
      return { target: asWritten(text), members: added, failed }
    },
    async collect(arn, alongside) {
      const watched = await targetOf(store.db, arn)
      if (watched === undefined) throw new AppError('unsupported', `Nobody watches ${arn}: its inventory was handed in from outside.`)
      const place = { machine, ...watched }
      await workerOf(place.machine)
      await enqueue(place, { alongside })
    },
    async remove(arn, alongside) {
      const watched = await targetOf(store.db, arn)
      await removeResource(deps, arn, alongside)
      if (watched !== undefined && (watched.machine ?? machine) === machine) unfollow(watched.target)
    },
    async arrive(targets) {
      asked = { targets: [...new Set(targets.map(asWritten))], at: deps.now() }
      const all = await allTargets(deps, machine, asked.targets)
      await forgetOthers(store.db, machine, all)
      await noteDue(store.db, machine, all)
      await seeWorker(store.db, worker)
      presence = setInterval(() => aside('could not say that we are there', () => seeWorker(store.db, worker)), presentEveryMs).unref()
    },
    async start() {
      const job = jobOf(machine)
      await store.queue.declare([job])
      const all = async () => {
        for (const target of await allTargets(deps, machine, asked.targets))
          if (!stopped) await enqueue({ machine, target }, { noted: true })
      }
      round = setInterval(() => aside('could not queue the hourly looks', all), everyMs)
      await store.queue.work(job, run)
      await all()
    },
    async stop() {
      stopped = true
      clearInterval(round)
      clearInterval(presence)
      schedule.stop()
      for (const target of [...watchers.keys()]) unfollow(target)
      await Promise.all(inFlight)
      if (presence !== undefined) await endWorker(store.db, worker.id)
    },
  }
}

/** What was asked for at start, and what was added since on this machine. */
async function allTargets({ store }: Recording, machine: string, asked: readonly string[]): Promise<readonly string[]> {
  const known = await watchedTargets(store.db)
  const ours = await Promise.all(known.map(async ({ target, machine: at }) => (at === undefined ? isHere(target) : at === machine)))
  return [...new Set([...asked, ...known.filter((_, index) => ours[index]).map(({ target }) => target)])]
}

/** Of a target whose machine nobody noted. */
async function isHere(target: string): Promise<boolean> {
  const path = target.slice(target.indexOf(':') + 1)
  return stat(path).then(
    () => true,
    () => false,
  )
}

/** What is not understood, or not there yet, stays as it was given: its look says so. */
function asWritten(text: string): string {
  try {
    return writtenTarget(parseTarget(text))
  } catch (error) {
    if (error instanceof AppError) return text
    throw error
  }
}

const failureOf = (error: unknown, signal: AbortSignal): string =>
  signal.aborted ? `The look took longer than ${expireInSeconds / 60} minutes and was ended.` : reasonOf(error)

function nobodyThere(machine: string, present: readonly string[]): AppError {
  const others = present.length === 0 ? '' : `, or add the target on a machine that has one (${present.join(', ')})`
  return new AppError(
    'conflict',
    `No worker looks at targets of the machine ${machine}: run openinspector serve --role worker there, with the same DATABASE_URL${others}.`,
    { details: { next: 'openinspector serve --role worker' } },
  )
}
