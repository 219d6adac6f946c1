import type { Logger } from 'pino'
import { type Join, joinJobs, workJoin } from '../core/findings/index.ts'
import { applyPolicies, policyJob } from '../core/policy/index.ts'
import { makeEventMonths } from '../store/months.ts'

const dayMs = 86_400_000

/** To be called by every role: whoever writes enqueues. */
export const declareJobs = ({ store }: Join) => store.queue.declare([...joinJobs, policyJob])

/** Works off what deltas left, also what a killed process left. Returns what stops its timers. */
export async function startJobs(join: Join, log: Logger): Promise<() => void> {
  await workJoin(join)
  await join.store.queue.work(policyJob, async (_, signal) => void (await applyPolicies(join, signal)))
  await join.store.queue.enqueue(policyJob, {}, join.store.db)
  const months = setInterval(
    () => void makeEventMonths(join.store.db, join.now()).catch((error: unknown) => log.error({ err: error }, 'no room for events')),
    dayMs,
  )
  return () => clearInterval(months)
}
