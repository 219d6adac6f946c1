import { type RawBuilder, sql } from 'kysely'
import { AppError } from '../../model/errors.ts'
import { findingStatus } from '../../model/finding.ts'
import type { Scope } from '../../model/scope.ts'
import type { Db } from '../../store/connection.ts'
import { allOf } from './criteria-terms.ts'
import type { FilterCriteria } from './criteria-types.ts'
import { criteriaText } from './criteria.ts'
import { type Look, type Source, allConditions, branches, inBranch, lookAt, narrowest, rowConditions } from './page-look.ts'
import { type KeyColumn, type Order, type SortCriteria, after, orderBy, orders } from './page-sort.ts'
import { type PageKey, keyOfToken, pageToken } from './page-token.ts'
import { presentFindings } from './present.ts'
import type { Finding } from './present-types.ts'

export type FindingsRequest = {
  readonly criteria?: FilterCriteria | undefined
  /** Last observed first, when absent. */
  readonly sort?: SortCriteria | undefined
  /** 1 to 100; 100 when absent. */
  readonly limit?: number | undefined
  /** `after` of the page before. */
  readonly after?: string | undefined
}

/** A list this short is gathered and sorted; a longer one is walked along an index. */
const fewFindings = 12_000

/**
 * One page of findings. Walking page by page shows each finding that existed throughout exactly once, whatever is added
 * meanwhile; one whose sort key changes on the way may move past the reader. Throws AppError `invalid` for criteria,
 * sort fields or tokens that are not understood. `few`: up to how many rows a list is sorted instead of walked.
 */
export async function pageOfFindings(
  db: Db,
  scope: Scope,
  request: FindingsRequest,
  few = fewFindings,
): Promise<{ readonly items: readonly Finding[]; readonly after?: string }> {
  const { criteria = {}, sort = { field: 'LAST_OBSERVED_AT', sortOrder: 'DESC' }, limit = 100 } = request
  const order = orders[sort.field]
  if (order === undefined)
    throw new AppError('invalid', `sortCriteria.field: expected one of ${Object.keys(orders).join(', ')}; got ${sort.field}`)
  const look = lookAt(scope, criteria)
  const question = { list: 'findings', scope, criteria: criteriaText(criteria), sort: [sort.field, sort.sortOrder] }
  const last = request.after === undefined ? undefined : await keyOfToken(db, question, request.after)
  if (look.empty) return { items: [] }
  const narrow = await narrowest(db, look, few)
  if (narrow?.count === 0) return { items: [] }
  const walk: Walk = { look, order, descending: sort.sortOrder === 'DESC', last, limit: limit + 1 }
  const found = await presentFindings(
    db,
    narrow === undefined ? walked(walk) : fetched(walk, narrow.source),
    order.key.length,
    walk.descending,
  )
  const items = found.slice(0, limit)
  const key = found.length > limit ? items.at(-1)?.key : undefined
  return { items: items.map(({ finding }) => finding), ...(key !== undefined && { after: await pageToken(db, question, key) }) }
}

/** How many findings the criteria match, or undefined when there are more than `most` to count. */
export async function countFindings(db: Db, scope: Scope, criteria: FilterCriteria, most = fewFindings): Promise<number | undefined> {
  const look = lookAt(scope, criteria)
  if (look.empty) return 0
  const narrow = await narrowest(db, look, most)
  if (narrow === undefined && look.sources.length > 0) return undefined
  const from = narrow === undefined ? sql`select f.* from finding f limit ${most + 1}` : narrow.source(sql`f.*`)
  const { rows } = await sql<{ read: number; matching: number }>`
    select count(*)::int as read, (count(*) filter (where ${allConditions(look)}))::int as matching
    from (${from}) f join resource r on r.id = f.resource_id join issue i on i.id = f.issue_id left join vulnerability v on v.id = i.vulnerability_id`.execute(
    db,
  )
  const { read = 0, matching = 0 } = rows[0] ?? {}
  return read > most ? undefined : matching
}

type Walk = {
  readonly look: Look
  readonly order: Order
  readonly descending: boolean
  readonly last: PageKey | undefined
  readonly limit: number
}

/** Sort keys of one page as rows (resource_id, issue_id, n, k1 ... km). */
type Keys = RawBuilder<unknown>
const columns = (key: readonly KeyColumn[]) => sql.join(key.map(({ value }, at) => sql`${value} as ${sql.id(`k${at + 1}`)}`))
const names = (key: readonly KeyColumn[]) => key.map((_, at) => sql.id(`k${at + 1}`))
const of = (key: readonly KeyColumn[]) => key.map(({ value }) => value)

/** Gathers a narrow source and sorts it. */
function fetched({ look, order: { key }, descending, last, limit }: Walk, source: Source): Keys {
  return sql`with m as materialized (${source(sql`f.*`)})
    select f.resource_id, f.issue_id, f.n, ${columns(key)}
    from m f join resource r on r.id = f.resource_id join issue i on i.id = f.issue_id left join vulnerability v on v.id = i.vulnerability_id
    where ${allConditions(look)} and ${last === undefined ? sql`true` : after(key, last, descending)}
    order by ${orderBy(of(key), descending)} limit ${limit}`
}

function walked(walk: Walk): Keys {
  switch (walk.order.by) {
    case 'rank':
      return alongRank(walk)
    case 'first':
      return alongFirst(walk)
    case 'last':
      return alongLast(walk)
    case 'resource':
      return alongResources(walk)
    case 'issue':
      return alongIssues(walk)
  }
}

/** Each (status, severity) is a branch of the rank index, in the order of score and n; the branches are merged. */
function alongRank({ look, order: { key }, descending, last, limit }: Walk): Keys {
  return sql`select f.resource_id, f.issue_id, f.n, ${columns(key)} from ${branches(look)} cross join lateral (
      select f.resource_id, f.issue_id, f.n, f.status, f.severity, f.score from finding f
      where ${inBranch(look.accounts)} and ${rowConditions(look, { fixed: 'both' })} and ${last === undefined ? sql`true` : after(key, last, descending)}
      order by ${orderBy([sql`f.score`, sql`f.n`], descending)} limit ${limit}) f
    order by ${orderBy(of(key), descending)} limit ${limit}`
}

function alongFirst({ look, order: { key }, descending, last, limit }: Walk): Keys {
  return sql`select f.resource_id, f.issue_id, f.n, ${columns(key)} from unnest(${look.statuses}::smallint[]) b(status) cross join lateral (
      select f.resource_id, f.issue_id, f.n, f.first_observed_at from finding f
      where f.status = b.status and ${rowConditions(look, { fixed: 'status' })} and ${last === undefined ? sql`true` : after(key, last, descending)}
      order by ${orderBy(of(key), descending)} limit ${limit}) f
    order by ${orderBy(of(key), descending)} limit ${limit}`
}

/** Open findings by their resource's observation, closed ones by their closing; the two are merged. */
function alongLast(walk: Walk): Keys {
  const { look, order, descending, last, limit } = walk
  const [, resource, n] = order.key as readonly [KeyColumn, KeyColumn, KeyColumn]
  const statuses = (wanted: (status: number) => boolean) => look.statuses.filter(wanted)
  const open = statuses((status) => status !== findingStatus.CLOSED)
  const closed = statuses((status) => status === findingStatus.CLOSED)
  const observed = [...look.conditions.resource, sql<boolean>`r.observed_at is not null`]
  const seen: KeyColumn = { value: sql`r.observed_at`, type: 'timestamptz' }
  const ended: readonly KeyColumn[] = [{ value: sql`f.closed_at`, type: 'timestamptz' }, { value: sql`f.resource_id`, type: 'int' }, n]
  const parts = [
    ...(open.length === 0
      ? []
      : [
          alongResources({
            ...walk,
            look: { ...look, statuses: open, conditions: { ...look.conditions, resource: observed } },
            order: { by: 'resource', key: [seen, resource, n] },
          }),
        ]),
    ...(closed.length === 0
      ? []
      : [
          sql`select f.resource_id, f.issue_id, f.n, ${columns(ended)} from finding f
            where f.status = ${sql.lit(findingStatus.CLOSED)} and ${rowConditions(look, { fixed: 'status' })} and ${last === undefined ? sql`true` : after(ended, last, descending)}
            order by ${orderBy(of(ended), descending)} limit ${limit}`,
        ]),
  ]
  return sql`select * from (${sql.join(
    parts.map((part) => sql`(${part})`),
    sql` union all `,
  )}) f order by ${orderBy(names(order.key), descending)} limit ${limit}`
}

/** Resources in the order of their value, each with its findings by n: sorted already, but for the few of one resource. */
function alongResources({ look, order: { key }, descending, last, limit }: Walk): Keys {
  const [value, id, n] = key as readonly [KeyColumn, KeyColumn, KeyColumn]
  const outer = [{ value: sql`r.sort_value`, type: value.type }, id, n]
  return sql`select f.resource_id, f.issue_id, f.n, ${columns(outer)}
    from (select r.id, r.account_id, ${value.value} as sort_value from resource r
      where ${allOf(look.conditions.resource)} and ${last === undefined ? sql`true` : after([value, id], last, descending, true)}
      order by ${orderBy([value.value, id.value], descending)}) r
    cross join lateral (select f.resource_id, f.issue_id, f.n from finding f
      where f.account_id = r.account_id and f.resource_id = r.id and ${rowConditions(look, { known: 'resource' })} and ${last === undefined ? sql`true` : after(outer, last, descending)}
      order by ${orderBy([n.value], descending)} limit ${limit}) f
    order by ${orderBy(of(outer), descending)} limit ${limit}`
}

/** Issues in the order of their value, each with its findings by n. */
function alongIssues({ look, order: { key }, descending, last, limit }: Walk): Keys {
  const [value, id, n] = key as readonly [KeyColumn, KeyColumn, KeyColumn]
  const outer = [{ value: sql`i.sort_value`, type: value.type }, id, n]
  return sql`select f.resource_id, f.issue_id, f.n, ${columns(outer)}
    from (select i.id, ${value.value} as sort_value from issue i left join vulnerability v on v.id = i.vulnerability_id
      where ${allOf(look.conditions.issue)} and ${last === undefined ? sql`true` : after([value, id], last, descending, true)}
      order by ${orderBy([value.value, id.value], descending)}) i
    cross join lateral (select f.resource_id, f.issue_id, f.n from finding f
      where f.issue_id = i.id and ${rowConditions(look, { known: 'issue' })} and ${last === undefined ? sql`true` : after(outer, last, descending)}
      order by ${orderBy([n.value], descending)} limit ${limit}) f
    order by ${orderBy(of(outer), descending)} limit ${limit}`
}
