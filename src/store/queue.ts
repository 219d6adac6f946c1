import { fromKysely, PgBoss, type ConstructorOptions } from 'pg-boss'
import type pg from 'pg'
import type { Db } from './connection.ts'

/** One kind of background work. A job run twice gives the same result; what it must not lose is in tables, not in it. */
export type Job<Payload extends object> = {
  readonly name: string
  /** Jobs of one key that wait are one job. */
  key(payload: Payload): string
}

/** Background work, in the same database as the changes that cause it. */
export type Queue = {
  /** Makes the queues of these kinds. To be called before the first `enqueue`, outside any transaction. */
  declare(jobs: readonly { readonly name: string }[]): Promise<void>
  /** Commits with `db` when that is a transaction. A job of the same key that already waits is enough. */
  enqueue<P extends object>(job: Job<P>, payload: P, db: Db, options?: { readonly after?: Date }): Promise<void>
  /** Runs `run` for every job of the kind, one at a time in this process; `signal` aborts at stop. A throw is retried with growing pauses. */
  work<P extends object>(job: Job<P>, run: (payload: P, signal: AbortSignal) => Promise<void>): Promise<void>
  /** Enqueues the job on a cron expression (UTC). */
  schedule<P extends object>(job: Job<P>, cron: string, payload: P): Promise<void>
  /** Waits for running jobs, then ends; `stop` may be called twice. */
  stop(): Promise<void>
}

/** How long a job may run. Long work is cut into jobs that go on where the last one ended. */
export const expireInSeconds = 900
const retry = { retryLimit: 20, retryDelay: 1, retryBackoff: true, retryDelayMax: 300 }

/** Starts pg-boss over its own small pool with the settings of the store. */
export async function startQueue(settings: pg.PoolConfig, onError: (error: Error) => void): Promise<Queue> {
  const boss = new PgBoss({
    ...(settings as ConstructorOptions),
    max: 3,
    connectionTimeoutMillis: 120_000,
    useListenNotify: true,
    // A statement of the embedded engine waits for the delta before it.
    notifyHeartbeatIntervalMs: 60_000,
    notifyHeartbeatTimeoutMs: 60_000,
    reindex: false,
    monitorVacuum: false,
  })
  boss.on('error', onError)
  await boss.start()
  const declared = new Set<string>()
  const aborter = new AbortController()
  let stopping: Promise<void> | undefined

  const known = ({ name }: { readonly name: string }): string => {
    if (!declared.has(name)) throw new Error(`the job ${name} was not declared at start`)
    return name
  }

  return {
    async declare(jobs) {
      for (const { name } of jobs) {
        if (declared.has(name)) continue
        await boss.createQueue(name, { policy: 'short', notify: true, expireInSeconds, ...retry, deleteAfterSeconds: 3600 })
        // Has pg-boss learn the queue now: asked for inside a transaction of the embedded engine, it would wait for itself.
        await boss.findJobs(name, { key: '' })
        declared.add(name)
      }
    },
    async enqueue(job, payload, db, options = {}) {
      await boss.send(known(job), payload, {
        singletonKey: job.key(payload),
        db: fromKysely(db),
        ...(options.after === undefined ? {} : { startAfter: options.after }),
      })
    },
    async work(job, run) {
      type Payload = Parameters<typeof run>[0]
      const options = { batchSize: 1, pollingIntervalSeconds: 30 }
      const worker = await boss.work<Payload>(known(job), options, async (jobs) => {
        for (const next of jobs) await run(next.data, AbortSignal.any([next.signal, aborter.signal]))
        // Another may wait: look again at once, not at the next round.
        boss.notifyWorker(worker)
      })
    },
    async schedule(job, cron, payload) {
      await boss.schedule(known(job), cron, payload, { tz: 'UTC', singletonKey: job.key(payload) })
    },
    stop() {
      aborter.abort()
      stopping ??= boss.stop({ graceful: true, timeout: 10_000 })
      return stopping
    },
  }
}
