import { type Join, joinJobs, workJoin } from '../core/findings/index.ts'
import { rekeyComponents } from '../core/inventory/index.ts'
import { applyPolicies, policyJob } from '../core/policy/index.ts'
import { ecosystemVersions, keyOf } from './units.ts'

/** To be called by every role: whoever writes enqueues. */
export const declareJobs = ({ store }: Join) => store.queue.declare([...joinJobs, policyJob])

/** Works off what deltas left, also what a killed process or an older release left. */
export async function startJobs(join: Join): Promise<void> {
  await rekeyComponents(join, keyOf, ecosystemVersions)
  await workJoin(join)
  await join.store.queue.work(policyJob, async (_, signal) => void (await applyPolicies(join, signal)))
  await join.store.queue.enqueue(policyJob, {}, join.store.db)
}
