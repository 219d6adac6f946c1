import { sql } from 'kysely'
import { verdictCode } from '../../store/codes.ts'
import type { Db } from '../../store/connection.ts'
import { lockExclusively, lockShared } from '../../store/locks.ts'
import { type AffectedComponent, decideIssue, type Issue, type IssueVulnerability } from './issues.ts'
import { fanoutJob, type Join } from './join.ts'
import type { StoredComponent } from './judge-components.ts'
import { rematch } from './rematch.ts'

/** Components judged in one transaction. */
const chunkComponents = 500

/** Refreshes every inventory that knowledge has left behind, until nothing is left or `signal` aborts. Returns how many. */
export async function refreshStale(join: Join, signal?: AbortSignal): Promise<number> {
  let refreshed = 0
  while (!signal?.aborted) {
    const { rows } = await sql<{ id: number }>`select id from inventory where stale order by id limit 1`.execute(join.store.db)
    const next = rows[0]
    if (next === undefined) break
    await refreshInventory(join, next.id)
    refreshed++
  }
  return refreshed
}

/**
 * Brings one inventory up to the current knowledge: matches of its components that are stale, then its issues; what changed
 * is queued for the resources that hold it. Does nothing where nothing is stale.
 */
export async function refreshInventory(join: Join, inventory: number): Promise<void> {
  for (;;) {
    const more = await join.store.db.transaction().execute(async (trx) => {
      await lockShared(trx, 'knowledge')
      await lockExclusively(trx, 'refresh')
      const components = await staleComponents(trx, inventory)
      if (components.length > 0) {
        await rematch(trx, join, components)
        return true
      }
      await refreshIssues(trx, join, inventory)
      return false
    })
    if (!more) return
  }
}

async function staleComponents(trx: Db, inventory: number): Promise<StoredComponent[]> {
  const { rows } = await sql<StoredComponent>`
    select id, ecosystem, lookup_name, lookup_version from component
    where stale and id in (select component_id from occurrence where inventory_id = ${inventory}) order by id limit ${chunkComponents}`.execute(
    trx,
  )
  return rows
}

async function refreshIssues(trx: Db, join: Join, inventory: number): Promise<void> {
  const { rows } = await sql<{ stale: boolean }>`select stale from inventory where id = ${inventory} for update`.execute(trx)
  if (rows[0]?.stale !== true) return
  const expected = await expectedIssues(trx, inventory)
  await storeIssues(trx, expected.issues)
  const changed = await storeInventoryIssues(trx, inventory, expected)
  await sql`update inventory set stale = false where id = ${inventory}`.execute(trx)
  const { rows: holders } = await sql`select 1 from resource where inventory_id = ${inventory} limit 1`.execute(trx)
  if (changed.length === 0 || holders.length === 0) return
  await sql`insert into inventory_change (inventory_id, vulnerabilities) values (${inventory}, ${changed}::int[])`.execute(trx)
  await join.store.queue.enqueue(fanoutJob, {}, trx)
}

/** Issues of an inventory by its matches, and weaknesses of which nobody can say whether it has them. */
export type ExpectedIssues = { readonly issues: readonly Issue[]; readonly doubtful: readonly number[] }

type MatchRow = AffectedComponent & {
  readonly verdict: number
  readonly vulnerability_id: number
  readonly vulnerability_name: string
  readonly vulnerability_word: string | null
  readonly exploit: boolean
  readonly facts: IssueVulnerability['facts']
}

/**
 * What follows from the stored matches. Distro first: a component all of whose places an operating system package owns is
 * judged through that package alone (`applies` of core/matching, asked of all occurrences at once). Reads only.
 */
export async function expectedIssues(db: Db, inventory: number): Promise<ExpectedIssues> {
  const { rows } = await sql<MatchRow>`
    select c.id as component_id, c.purl, c.type, c.name, c.version, c.arch, c.source_name, c.source_version, m.fixed_in, m.vendor_severity, m.verdict,
      v.id as vulnerability_id, v.name as vulnerability_name, v.exploit, v.vendor_severity as vulnerability_word, v.facts
    from (select component_id from occurrence where inventory_id = ${inventory} group by component_id
      having bool_or(owned_by is null) or exists (select 1 from component x where x.id = component_id and x.distro is not null)) o
    join component c on c.id = o.component_id join match m on m.component_id = c.id join vulnerability v on v.id = m.vulnerability_id`.execute(
    db,
  )
  const byVulnerability = Map.groupBy(rows, ({ vulnerability_id }) => vulnerability_id)
  const issues: Issue[] = []
  const doubtful: number[] = []
  for (const [id, matches] of [...byVulnerability].sort(([a], [b]) => a - b)) {
    const affected = matches.filter(({ verdict }) => verdict === verdictCode.affected)
    const first = affected[0]
    if (first === undefined) doubtful.push(id)
    else issues.push(decideIssue(vulnerabilityOf(first), affected))
  }
  return { issues, doubtful }
}

function vulnerabilityOf({ vulnerability_id, vulnerability_name, vulnerability_word, exploit, facts }: MatchRow): IssueVulnerability {
  return { id: vulnerability_id, name: vulnerability_name, exploit, facts, vendor_severity: vulnerability_word }
}

/** Adds new issues and updates those whose content changed; `rev` tells everybody who holds one. */
async function storeIssues(trx: Db, issues: readonly Issue[]): Promise<void> {
  await sql`
    insert into issue (vulnerability_id, origin_id, origin_key, kind, title, package_names, packages, fix, exploit, score, severity)
    select vulnerability_id, vulnerability_id, origin_key, kind, title, array(select jsonb_array_elements_text(package_names)), packages, fix, exploit, score, severity
    from jsonb_to_recordset(${JSON.stringify(issues)}::jsonb) as g(origin_key text, vulnerability_id int, kind smallint, title text, package_names jsonb,
      packages jsonb, fix smallint, exploit boolean, score smallint, severity smallint)
    order by origin_key
    on conflict (origin_key) do update set vulnerability_id = excluded.vulnerability_id, title = excluded.title, packages = excluded.packages,
      score = excluded.score, severity = excluded.severity, rev = issue.rev + 1
    where (issue.vulnerability_id, issue.title, issue.packages, issue.score, issue.severity)
      is distinct from (excluded.vulnerability_id, excluded.title, excluded.packages, excluded.score, excluded.severity)`.execute(trx)
}

/** Returns the vulnerabilities of which this inventory now says something else. */
async function storeInventoryIssues(trx: Db, inventory: number, { issues, doubtful }: ExpectedIssues): Promise<number[]> {
  const given = [
    ...issues.map(({ vulnerability_id, origin_key }) => ({ vulnerability_id, origin_key, doubt: false })),
    ...doubtful.map((vulnerability_id) => ({ vulnerability_id, origin_key: null, doubt: true })),
  ]
  const { rows } = await sql<{ vulnerability_id: number }>`
    with given as materialized (
      select g.vulnerability_id, g.doubt, i.id as issue_id, i.rev as issue_rev
      from jsonb_to_recordset(${JSON.stringify(given)}::jsonb) as g(vulnerability_id int, origin_key text, doubt boolean)
      left join issue i on i.origin_key = g.origin_key),
    gone as (
      delete from inventory_issue ii where ii.inventory_id = ${inventory}
        and not exists (select 1 from given g where g.vulnerability_id = ii.vulnerability_id) returning vulnerability_id),
    put as (
      insert into inventory_issue (inventory_id, vulnerability_id, issue_id, issue_rev, doubt)
      select ${inventory}::int, vulnerability_id, issue_id, issue_rev, doubt from given
      on conflict (inventory_id, vulnerability_id) do update set issue_id = excluded.issue_id, issue_rev = excluded.issue_rev, doubt = excluded.doubt
      where (inventory_issue.issue_id, inventory_issue.issue_rev, inventory_issue.doubt) is distinct from (excluded.issue_id, excluded.issue_rev, excluded.doubt)
      returning vulnerability_id)
    select vulnerability_id from gone union select vulnerability_id from put`.execute(trx)
  return rows.map(({ vulnerability_id }) => vulnerability_id)
}
