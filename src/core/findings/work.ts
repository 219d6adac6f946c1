import { fanOut } from './fanout.ts'
import { fanoutJob, type Join, refreshJob, retentionJob, settleJob } from './join.ts'
import { pendingWork } from './pending.ts'
import { refreshStale } from './refresh.ts'
import { applyRetention } from './retention.ts'
import { settleSwitched } from './settle-resources.ts'

/** The kinds of work of the join, to be declared before anything is recorded. */
export const joinJobs = [refreshJob, fanoutJob, settleJob, retentionJob] as const

/**
 * Does the work of the join as it comes. What an earlier process left undone is in tables, so it is taken up first; each
 * kind leaves nothing behind, hence one waiting job of a kind is enough.
 */
export async function workJoin(join: Join): Promise<void> {
  const { queue, db } = join.store
  await queue.work(refreshJob, async (_, signal) => void (await refreshStale(join, signal)))
  await queue.work(fanoutJob, async (_, signal) => void (await fanOut(join, signal)))
  await queue.work(settleJob, async (_, signal) => void (await settleSwitched(join, signal)))
  await queue.work(retentionJob, (_, signal) => applyRetention(join, signal))
  await queue.schedule(retentionJob, '17 3 * * *', {})
  if ((await pendingWork(db)) === 0) return
  for (const job of [refreshJob, fanoutJob, settleJob]) await queue.enqueue(job, {}, db)
}
