import { isDeepStrictEqual } from 'node:util'
import { sql } from 'kysely'
import { expectedIssues } from '../findings/index.ts'
import { inventoryHash, readOccurrences } from '../inventory/index.ts'
import type { Report, Verifying } from './verify.ts'

/** Compares each inventory in use: that it is the union of its resource's observations, and that its issues follow from its matches. */
export async function compareInventories(deps: Verifying, report: Report): Promise<number> {
  await compareUnions(deps, report)
  const { db } = deps.store
  const { rows: inventories } = await sql<{ id: number }>`
    select distinct inventory_id as id from resource where inventory_id is not null order by 1`.execute(db)
  for (const { id } of inventories) {
    const { issues, doubtful } = await expectedIssues(db, id)
    const { rows } = await sql<StoredIssue>`
      select ii.vulnerability_id, ii.doubt, ii.issue_rev = i.rev as told, i.origin_key, i.title, i.fix, i.score, i.severity, i.packages
      from inventory_issue ii left join issue i on i.id = ii.issue_id where ii.inventory_id = ${id}`.execute(db)
    const stored = new Map(rows.map((row) => [row.vulnerability_id, row]))
    const expected = new Map<number, StoredIssue>([
      ...issues.map(({ vulnerability_id, origin_key, title, fix, score, severity, packages }): [number, StoredIssue] => [
        vulnerability_id,
        { vulnerability_id, doubt: false, told: true, origin_key, title, fix, score, severity, packages },
      ]),
      ...doubtful.map((vulnerability_id): [number, StoredIssue] => [
        vulnerability_id,
        {
          vulnerability_id,
          doubt: true,
          told: null,
          origin_key: null,
          title: null,
          fix: null,
          score: null,
          severity: null,
          packages: null,
        },
      ]),
    ])
    for (const vulnerability of new Set([...stored.keys(), ...expected.keys()])) {
      const want = expected.get(vulnerability)
      const have = stored.get(vulnerability)
      if (!isDeepStrictEqual(want, have)) {
        report({ about: 'issue', subject: `inventory ${id}, vulnerability ${vulnerability}`, expected: want ?? null, stored: have ?? null })
      }
    }
  }
  return inventories.length
}

type StoredIssue = {
  readonly vulnerability_id: number
  readonly doubt: boolean
  readonly told: boolean | null
  readonly origin_key: string | null
  readonly title: string | null
  readonly fix: number | null
  readonly score: number | null
  readonly severity: number | null
  readonly packages: unknown
}

async function compareUnions({ store }: Verifying, report: Report): Promise<void> {
  const { rows } = await sql<{ arn: string; inventory_id: number | null; hash: string | null; observed: number[] }>`
    select r.arn, r.inventory_id, encode(i.hash, 'hex') as hash, array_agg(distinct o.inventory_id order by o.inventory_id) as observed
    from resource r join observation o on o.resource_id = r.id left join inventory i on i.id = r.inventory_id group by r.id, i.id`.execute(
    store.db,
  )
  for (const { arn, inventory_id, hash, observed } of rows) {
    if (observed.length === 1 && observed[0] === inventory_id) continue
    const union = (await inventoryHash(await readOccurrences(store.db, observed))).toString('hex')
    if (union !== hash) report({ about: 'inventory', subject: arn, expected: union, stored: hash })
  }
}
