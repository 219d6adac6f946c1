import { setTimeout as sleep } from 'node:timers/promises'
import type { Logger } from 'pino'
import type { AgentAnswer, AgentReport } from '../../api/v1/contract.ts'
import { agentProtocol, lineOf, stateOf } from '../../core/agents/index.ts'
import { AppError, reasonOf } from '../../model/errors.ts'
import { lookSchedule } from '../look-schedule.ts'
import { version } from '../version.ts'
import { watchPaths } from '../watch-paths.ts'
import { readIdentity } from './identity.ts'
import { linkTo } from './link.ts'
import { installedRows, type Observing, runningRows } from './observe.ts'
import { type Acknowledged, type Named, named, readAcknowledged, readSeen, type Seen, writeAcknowledged, writeSeen } from './state-files.ts'

const times = {
  /** Between two looks at what is installed, when nothing told of a change. */
  lookMs: 3_600_000,
  /** A look takes no more than this part of the time, however slow the host is. */
  lookShare: 200,
  /** Between two looks at what runs. */
  runningMs: 300_000,
  /** After failures in a row: 5 s, 10 s, 20 s ..., 5 min. */
  retryMs: { first: 5_000, most: 300_000 },
}
/** A fleet that was started at once does not speak at once. */
const jittered = (ms: number) => ms * (0.85 + 0.3 * Math.random())

/**
 * Looks at this host and tells the server what changed, until the signal. Without a server it goes on looking, keeps the newest state, and
 * tells it when the server is back. Throws AppError `denied` when the server wants nothing more of it, `missing` when it was never enrolled.
 */
export async function runAgent({ folder, root }: Pick<Observing, 'folder' | 'root'>, log: Logger, signal: AbortSignal): Promise<void> {
  const identity = await readIdentity(folder)
  if (identity?.enrolled === undefined)
    throw new AppError('missing', `This host is not enrolled: there is no agent in ${folder}.`, {
      details: { next: 'openinspector agent enrol --server https://HOST' },
    })
  const { server, ca, credential, enrolled } = identity
  const refused = new AbortController()
  const stop = AbortSignal.any([signal, refused.signal])
  const link = await linkTo({ server, ca, signal: stop })
  const report = (body: AgentReport) => link.post<AgentAnswer>('/agents/report', body, credential)
  const observing = { ...enrolled, folder, root, signal: stop }
  log.info({ server, agent: enrolled.agent, arn: enrolled.arn }, 'reporting')
  try {
    const seen = await keeping(folder)
    const watching = watch(observing, seen, log)
    try {
      await telling({ folder, seen, report, log, stop })
    } finally {
      refused.abort()
      await watching.end()
    }
  } finally {
    await link.close()
  }
}

type Keeping = {
  /** What was seen last; undefined: nothing yet. */
  now(): Named | undefined
  /** Writes it down, so that it outlives this process, before anybody is told. */
  put(change: Partial<Seen>): Promise<void>
  /** Resolves when something was put since it was asked. */
  news(): Promise<void>
}

async function keeping(folder: string): Promise<Keeping> {
  const held = await readSeen(folder)
  let seen = held && named(held)
  let latest: Partial<Seen> = held ?? {}
  let news = Promise.withResolvers<void>()
  return {
    now: () => seen,
    async put(change) {
      latest = { ...latest, ...change }
      const { at, installed, running } = latest
      // What runs is told with what is installed, never alone: it would be a host without packages.
      if (at === undefined || installed === undefined || running === undefined) return
      seen = named({ at, installed, running })
      await writeSeen(folder, seen)
      news.resolve()
      news = Promise.withResolvers()
    },
    news: () => news.promise,
  }
}

/** Looks on schedule and after changes, until its end. */
function watch(observing: Observing, seen: Keeping, log: Logger): { end(): Promise<void> } {
  const { signal } = observing
  const work = new Set<Promise<unknown>>()
  let watched = false
  let [looking, again] = [false, false]
  let round: NodeJS.Timeout | undefined

  const aside = (run: () => Promise<unknown>) => {
    if (signal.aborted) return
    const done = run()
      .catch((error: unknown) => {
        if (!signal.aborted) log.error({ err: error }, 'could not look')
      })
      .finally(() => work.delete(done))
    work.add(done)
  }
  const follow = (paths: readonly string[]) => {
    if (watched) return
    watched = true
    const watchers = watchPaths(paths, () => schedule.changed('host'), log)
    signal.addEventListener('abort', () => watchers.forEach((watcher) => watcher.close()))
  }
  const look = async () => {
    if (looking) {
      again = true
      return
    }
    looking = true
    again = false
    clearTimeout(round)
    const [begun, at] = [performance.now(), new Date().toISOString()]
    const failed = await lookOnce(at)
    looking = false
    if (signal.aborted) return
    const ms = performance.now() - begun
    schedule.ended('host', { failed, ms })
    round = setTimeout(() => aside(look), jittered(Math.max(times.lookMs, times.lookShare * ms)))
    if (again) schedule.changed('host')
  }
  const lookOnce = async (at: string): Promise<boolean> => {
    try {
      const installed = await installedRows(observing, ({ watch: paths }) => follow(paths))
      await seen.put({ at, installed, running: await runningRows(observing) })
      log.info({ rows: installed.length }, 'looked')
      return false
    } catch (error) {
      if (signal.aborted) return false
      log.warn({ err: error }, 'could not look at this host')
      const fault = lineOf({ is: 'fault', reason: reasonOf(error).slice(0, 2_000) })
      const before = (seen.now()?.installed ?? []).filter((line) => !line.startsWith('{"is":"fault"'))
      await seen.put({ at: seen.now()?.at ?? at, installed: [...before, fault], running: seen.now()?.running ?? [] })
      return true
    }
  }
  const lookAtRunning = async () => {
    while (!signal.aborted) {
      await sleep(jittered(times.runningMs), undefined, { signal }).catch(() => {})
      if (!signal.aborted && !looking) await seen.put({ running: await runningRows(observing) })
    }
  }
  const schedule = lookSchedule(() => aside(look))
  aside(look)
  aside(lookAtRunning)
  return {
    async end() {
      clearTimeout(round)
      schedule.stop()
      await Promise.all(work)
    },
  }
}

type Telling = {
  readonly folder: string
  readonly seen: Keeping
  readonly report: (body: AgentReport) => Promise<AgentAnswer>
  readonly log: Logger
  readonly stop: AbortSignal
}

/** Tells news at once and, without any, that nothing changed, as often as the server wants. Ends with the signal. */
async function telling({ folder, seen, report, log, stop }: Telling): Promise<void> {
  let held = await readAcknowledged(folder)
  let failures = 0
  let everyMs = 60_000
  while (!stop.aborted) {
    const news = seen.news()
    const now = seen.now()
    try {
      if (now === undefined) {
        await report(beginning)
        failures = 0
      } else {
        const { answer, acknowledged } = await tell(now, held, report)
        everyMs = Math.max(1, answer.everySeconds) * 1_000
        if (acknowledged?.state !== held?.state && acknowledged !== undefined) await writeAcknowledged(folder, acknowledged)
        // Everything was told, and yet that is what it wants: somebody else speaks with our credential, or it is out of order.
        if (answer.is === 'all' && held === undefined) throw new AppError('upstream', 'The server wants everything again.')
        held = acknowledged
        if (failures > 0) log.info('connected again')
        failures = 0
        // The base was not known there: everything is told now.
        if (answer.is === 'all') continue
      }
    } catch (error) {
      if (stop.aborted) return
      if (error instanceof AppError && error.code === 'denied') throw error
      // A change that is refused may be right as a whole.
      if (error instanceof AppError && error.code === 'invalid') held = undefined
      failures++
      log.warn({ err: error, failures }, 'could not tell the server; what was seen is kept')
    }
    const wait = failures === 0 ? everyMs : Math.min(times.retryMs.most, times.retryMs.first * 2 ** (failures - 1))
    await waitFor(jittered(wait), failures === 0 ? news : undefined, stop)
  }
}

/** Of an agent whose first look is under way: it is there, and has nothing to tell. The server answers that it wants everything. */
const nothing = stateOf([])
const beginning: AgentReport = {
  protocol: agentProtocol,
  version,
  at: new Date(0).toISOString(),
  base: nothing,
  state: nothing,
  add: [],
  drop: [],
}

async function waitFor(ms: number, news: Promise<void> | undefined, stop: AbortSignal): Promise<void> {
  const over = new AbortController()
  const signal = AbortSignal.any([stop, over.signal])
  await Promise.race([sleep(ms, undefined, { signal }).catch(() => {}), ...(news === undefined ? [] : [news])])
  over.abort()
}

/** One report, and what the server holds after it: undefined where that is not known. */
async function tell(
  { at, rows, state }: Named,
  held: Acknowledged | undefined,
  report: Telling['report'],
): Promise<{ readonly answer: AgentAnswer; readonly acknowledged: Acknowledged | undefined }> {
  const answer = await report({
    protocol: agentProtocol,
    version,
    at,
    state,
    ...(held !== undefined && { base: held.state }),
    add: [...rows].flatMap(([name, line]) => (held?.names.has(name) === true ? [] : [line])),
    drop: held === undefined ? [] : [...held.names].filter((name) => !rows.has(name)),
  })
  return { answer, acknowledged: answer.is === 'all' ? undefined : { state, names: new Set(rows.keys()) } }
}
