import type { Logger } from 'pino'
import { fanOut, fanoutJob, type Join, refreshJob, refreshStale, settleJob, settleSwitched } from '../core/findings/index.ts'
import { makeEventMonths } from '../store/months.ts'
import type { Job } from '../store/queue.ts'

/** The steps of the maintained join, each until nothing is left. */
const steps: readonly { readonly job: Job<Record<string, never>>; readonly run: (join: Join, signal: AbortSignal) => Promise<number> }[] = [
  { job: refreshJob, run: refreshStale },
  { job: fanoutJob, run: fanOut },
  { job: settleJob, run: settleSwitched },
]

const dayMs = 86_400_000

/** To be called by every role: whoever writes enqueues. */
export const declareJobs = ({ store }: Join) => store.queue.declare(steps.map(({ job }) => job))

/** Works off what deltas left, also what a killed process left. Returns what stops its timers. */
export async function startJobs(join: Join, log: Logger): Promise<() => void> {
  const { db, queue } = join.store
  for (const { job, run } of steps) {
    await queue.work(job, async (_, signal) => {
      const begun = performance.now()
      const changed = await run(join, signal)
      if (changed > 0) log.info({ changed, ms: Math.round(performance.now() - begun) }, job.name)
    })
    await queue.enqueue(job, {}, db)
  }
  const months = setInterval(
    () => void makeEventMonths(db, join.now()).catch((error: unknown) => log.error({ err: error }, 'no room for events')),
    dayMs,
  )
  return () => clearInterval(months)
}
