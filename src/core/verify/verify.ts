import type { Db } from '../../store/connection.ts'
import { type Join, pendingWork } from '../findings/index.ts'
import { compareFindings } from './findings.ts'
import { compareInventories } from './inventories.ts'
import { compareMatches } from './matches.ts'
import { compareTallies } from './tallies.ts'

/** One thing that is stored otherwise than the stored inputs say. */
export type Difference = {
  readonly about: 'match' | 'vulnerability' | 'inventory' | 'issue' | 'finding' | 'tally'
  /** What it is, in words for a person: a component on a weakness, a finding's ARN id ... */
  readonly subject: string
  readonly expected: unknown
  readonly stored: unknown
}

export type Verification = {
  readonly checked: { readonly components: number; readonly inventories: number; readonly resources: number; readonly findings: number }
  /** Work that was still to be done: a difference may be only that. */
  readonly pending: number
  readonly differences: readonly Difference[]
}

/** Differences reported one by one; more would be the same cause. */
export const reportedDifferences = 1_000

export type Verifying = Join & { readonly keepGoing?: () => boolean }

/**
 * Recomputes matches, descriptions, issues, findings and counts from stored inputs (observations, visible advisories,
 * context, rules) and compares them with what the deltas left (law 1 of the architecture). Reads only, in short statements,
 * so that a running server goes on; what it changes meanwhile is counted as pending work.
 */
export async function verify(deps: Verifying): Promise<Verification> {
  const { db } = deps.store
  const before = await pendingWork(db)
  const differences: Difference[] = []
  const report = (difference: Difference): void => {
    if (differences.length < reportedDifferences) differences.push(difference)
  }
  const components = await compareMatches(deps, report)
  const inventories = await compareInventories(deps, report)
  const { resources, findings } = await compareFindings(deps, report)
  await compareTallies(db, report)
  return { checked: { components, inventories, resources, findings }, pending: before + (await pendingWork(db)), differences }
}

export type Report = (difference: Difference) => void
export type { Db }
