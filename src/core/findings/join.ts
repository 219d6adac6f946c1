import type { VersionScheme } from '../../model/seams.ts'
import type { Store } from '../../store/connection.ts'

/** What the maintained join works with. */
export type Join = {
  readonly store: Pick<Store, 'db' | 'queue'>
  readonly now: () => Date
  /** The order of versions in advisories of an OSV ecosystem (`Debian:12`, `npm`); undefined: nobody knows it. */
  readonly schemeOf: (ecosystem: string) => VersionScheme | undefined
}

type Nothing = Record<string, never>
const single = { key: (): string => 'all' }

/** Decides matches and issues of inventories that knowledge has left behind. */
export const refreshJob = { name: 'inventory.refresh', ...single } satisfies { name: string; key(payload: Nothing): string }
/** Tells resources what a refresh changed. */
export const fanoutJob = { name: 'finding.fanout', ...single } satisfies { name: string; key(payload: Nothing): string }
/** Settles resources whose delta was switched but not finished. */
export const settleJob = { name: 'resource.settle', ...single } satisfies { name: string; key(payload: Nothing): string }
/** Removes what has been closed long enough, and makes room for the events to come. */
export const retentionJob = { name: 'finding.retention', ...single } satisfies { name: string; key(payload: Nothing): string }
