import { hash } from 'node:crypto'
import type { Advisory } from '../../model/advisory.ts'
import type { CopyTarget } from '../../store/copy.ts'
import { copyLine } from '../../store/copy-text.ts'

/** What is held of a record: its advisory's id, and the hash of its content in hex. */
export type HeldAdvisory = { readonly id: number; readonly hash: string }

/** Ids that nobody else has. */
export type Ids = Int32Array<ArrayBuffer>

/** Some records as they are written, in one transaction a table. */
export type AdvisoryChunk = {
  readonly rows: Readonly<Record<keyof typeof chunkTargets, Uint8Array<ArrayBuffer>>>
  /** Ids of the advisories that these end. */
  readonly replaces: readonly number[]
}

/** In the order of writing. The advisory last: one that is cut off from its packages must not be seen by a later load as complete. */
export const chunkTargets = {
  affected: { table: 'affected', columns: ['advisory_id', 'ecosystem', 'name', 'ranges', 'vendor_severity'] },
  names: { table: 'advisory_name', columns: ['name', 'advisory_id', 'bundled'] },
  advisories: {
    table: 'advisory',
    columns: ['id', 'feed', 'name', 'hash', 'from_generation', 'source', 'names', 'bundles', 'withdrawn', 'doc'],
  },
} as const satisfies Record<string, CopyTarget>

/** A record that is not held as it is. */
export type AdvisoryRow = {
  readonly record: Advisory
  readonly packages: readonly Package[]
  readonly doc: string
  readonly hash: Buffer
  readonly replaces: number | undefined
}
/** What an advisory says of one package, as it is stored. */
type Package = { readonly ecosystem: string; readonly name: string; readonly ranges: string; readonly vendorSeverity: string | undefined }

/** undefined: the record is held as it is. */
export function advisoryRow(record: Advisory, held: HeldAdvisory | undefined, families: ReadonlySet<string>): AdvisoryRow | undefined {
  const packages = record.affected
    .filter(({ ecosystem }) => families.has(ecosystem.split(':', 1)[0] ?? ecosystem))
    .map(({ ecosystem, name, ranges, versions, vendorSeverity }): Package => {
      return { ecosystem, name, ranges: JSON.stringify({ ranges, versions }), vendorSeverity }
    })
  const doc = JSON.stringify({ ...record, affected: undefined })
  const about = packages
    .map(({ ecosystem, name, ranges, vendorSeverity }) => `\n${ecosystem}\t${name}\t${ranges}\t${vendorSeverity}`)
    .join('')
  const digest = hash('sha256', doc + about, 'buffer').subarray(0, 16)
  if (held?.hash === digest.toString('hex')) return undefined
  return { record, packages, doc, hash: digest, replaces: held?.id }
}

/** Writes rows down; the ids are theirs, in order, and may be more. */
export function advisoryChunk(feed: string, generation: number, rows: readonly AdvisoryRow[], ids: Ids): AdvisoryChunk {
  let advisories = ''
  let affected = ''
  let names = ''
  rows.forEach(({ record, packages, doc, hash: digest }, at) => {
    const id = ids[at]
    const { id: name, source, bundles } = record
    const own = [name, ...record.aliases]
    advisories += copyLine([id, feed, name, digest, generation, source, own, bundles, record.withdrawn !== undefined, doc])
    for (const each of new Set(own)) names += copyLine([each, id, false])
    for (const each of new Set(bundles)) names += copyLine([each, id, true])
    for (const { ecosystem, name: packageName, ranges, vendorSeverity } of packages)
      affected += copyLine([id, ecosystem, packageName, ranges, vendorSeverity])
  })
  // Each in memory of its own, which can be handed to another thread.
  const encoder = new TextEncoder()
  return {
    rows: { affected: encoder.encode(affected), names: encoder.encode(names), advisories: encoder.encode(advisories) },
    replaces: rows.flatMap(({ replaces }) => replaces ?? []),
  }
}
