import { type RawBuilder, sql } from 'kysely'
import type { Scope } from '../../model/scope.ts'
import type { Db } from '../../store/connection.ts'
import { type Subject, severityCodes, statusCodes } from './criteria-fields.ts'
import { type Condition, allOf, codeIs } from './criteria-terms.ts'
import type { Criterion, FilterCriteria } from './criteria-types.ts'
import { partsOf } from './criteria.ts'
import { parseFindingArn } from './finding-arn.ts'

/** A question about findings, taken apart by what its conditions look at. */
export type Look = {
  /** Stored numbers; MERGED is never among them. */
  readonly statuses: readonly number[]
  readonly severities: readonly number[]
  /** The only accounts in question, when they are few; undefined: any, told by the conditions. */
  readonly accounts: readonly string[] | undefined
  readonly conditions: Readonly<Record<Subject | 'mixed', readonly Condition[]>>
  /** Ways to reach all rows in question without walking the whole list. */
  readonly sources: readonly Source[]
  /** True when nothing can match. */
  readonly empty: boolean
}
/** Rows of `finding` that contain all rows in question; `columns` over the alias `f`: few enough, and an index alone answers. */
export type Source = (columns: RawBuilder<unknown>) => RawBuilder<unknown>

const bandCount = severityCodes(undefined).length
/** Accounts that are asked one by one; more are a filter on the resource. */
const fewAccounts = 50

export function lookAt(scope: Scope, criteria: FilterCriteria): Look {
  const parts = partsOf(criteria)
  const of = (wanted: Subject) => parts.filter((part) => part.of.length === 1 && part.of[0] === wanted).map(({ where }) => where)
  const resource = [...of('resource'), ...resourcesOf(scope)]
  const conditions = {
    finding: parts
      .filter(({ name, of: about }) => about.length === 1 && about[0] === 'finding' && name !== 'findingStatus' && name !== 'severity')
      .map(({ where }) => where),
    resource,
    issue: of('issue'),
    mixed: parts.filter((part) => part.of.length > 1).map(({ where }) => where),
  }
  const statuses = statusCodes(criteria.findingStatus)
  const severities = severityCodes(criteria.severity)
  const accounts = accountsOf(scope, criteria)
  const only = (...names: readonly Criterion[]) => allOf(parts.filter(({ name }) => names.includes(name)).map(({ where }) => where))
  const asks = (...names: readonly Criterion[]) => names.some((name) => criteria[name] !== undefined)
  const sources: Source[] = []
  const ids = criteria.findingArn?.map(({ comparison, value }) =>
    comparison === 'EQUALS' ? (parseFindingArn(value) ?? 'none') : undefined,
  )
  if (ids?.every((id) => id !== undefined)) {
    const known = ids.filter((id) => id !== 'none')
    sources.push(
      (columns) =>
        sql`select ${columns} from finding f where f.account_id = any(${known.map(({ account }) => account)}::bigint[]) and f.id = any(${known.map(({ id }) => id)}::uuid[])`,
    )
  }
  if (of('resource').length > (asks('awsAccountId') ? 1 : 0)) {
    sources.push(
      (columns) => sql`select f.* from (select r.id, r.account_id from resource r where ${allOf(resource)}) r
        cross join lateral (select ${columns} from finding f where f.account_id = r.account_id and f.resource_id = r.id and f.status = any(${statuses}::smallint[]) offset 0) f`,
    )
  }
  if (conditions.issue.length > 0) {
    sources.push(
      (
        columns,
      ) => sql`select f.* from (select i.id from issue i left join vulnerability v on v.id = i.vulnerability_id where ${allOf(conditions.issue)}) i
        cross join lateral (select ${columns} from finding f where f.issue_id = i.id and f.status = any(${statuses}::smallint[]) offset 0) f`,
    )
  }
  if (accounts !== undefined || asks('findingStatus', 'severity', 'inspectorScore')) {
    sources.push(
      (columns) => sql`select f.* from ${branches({ statuses, severities, accounts })} cross join lateral (
        select ${columns} from finding f where ${inBranch(accounts)} and ${only('inspectorScore')} offset 0) f`,
    )
  }
  if (asks('firstObservedAt')) {
    sources.push(
      (columns) => sql`select f.* from unnest(${statuses}::smallint[]) b(status) cross join lateral (
        select ${columns} from finding f where f.status = b.status and ${only('firstObservedAt')} offset 0) f`,
    )
  }
  const empty = statuses.length === 0 || severities.length === 0 || accounts?.length === 0 || parts.some((part) => part.of.length === 0)
  return { statuses, severities, accounts, conditions, sources, empty }
}

/** What a scope lets one see, over the alias `r`. */
export const resourcesOf = ({ accounts, regions }: Scope): readonly Condition[] => [
  ...(accounts === 'all' ? [] : [sql<boolean>`r.account_id = any(${accounts}::bigint[])`]),
  ...(regions === 'all' ? [] : [sql<boolean>`r.region = any(${regions}::text[])`]),
]

/** Equal-only parts of the rank indexes, as rows `b(status, severity[, account])`. */
export const branches = ({ statuses, severities, accounts }: Pick<Look, 'statuses' | 'severities' | 'accounts'>): RawBuilder<unknown> =>
  sql`(select s.status, w.severity ${accounts === undefined ? sql`` : sql`, a.account`} from unnest(${statuses}::smallint[]) s(status) cross join unnest(${severities}::smallint[]) w(severity)
    ${accounts === undefined ? sql`` : sql`cross join unnest(${accounts}::bigint[]) a(account)`}) b`
export const inBranch = (accounts: Look['accounts']): Condition =>
  sql<boolean>`f.status = b.status and f.severity = b.severity ${accounts === undefined ? sql`` : sql`and f.account_id = b.account`}`

/** Status and severity, said once: the planner takes a condition said twice for two, and the rows for fewer. */
const band = ({ statuses, severities, accounts }: Look, fixed: 'status' | 'both' | 'none'): readonly Condition[] => [
  ...(fixed === 'none' ? [codeIs(sql`f.status`, statuses)] : []),
  // A walk along a date has not met the account yet: asked here, it leaves partitions out.
  ...(fixed === 'status' && accounts !== undefined ? [sql<boolean>`f.account_id = any(${accounts}::bigint[])`] : []),
  ...(fixed === 'both' || severities.length === bandCount ? [] : [codeIs(sql`f.severity`, severities)]),
]

/** Every condition, over f, r, i, v joined. */
export function allConditions(look: Look): Condition {
  const { finding, resource, issue, mixed } = look.conditions
  return allOf([...band(look, 'none'), ...finding, ...resource, ...issue, ...mixed])
}

/** Every condition, asked row by row of a finding alone, but for those that the query around it has met: `known`, `fixed`. */
export function rowConditions(
  look: Look,
  { known, fixed = 'none' }: { readonly known?: 'resource' | 'issue'; readonly fixed?: 'status' | 'both' | 'none' },
): Condition {
  const { finding, resource, issue, mixed } = look.conditions
  const ofIssue = sql`issue i left join vulnerability v on v.id = i.vulnerability_id`
  return allOf([
    ...band(look, fixed),
    ...finding,
    ...(known === 'resource' || resource.length === 0
      ? []
      : [sql<boolean>`(select ${allOf(resource)} from resource r where r.id = f.resource_id)`]),
    ...(known === 'issue' || issue.length === 0 ? [] : [sql<boolean>`(select ${allOf(issue)} from ${ofIssue} where i.id = f.issue_id)`]),
    ...(mixed.length === 0
      ? []
      : [sql<boolean>`(select ${allOf(mixed)} from resource r cross join ${ofIssue} where r.id = f.resource_id and i.id = f.issue_id)`]),
  ])
}

/**
 * The source with the fewest rows, when one has at most `most`, and how many they are. Counted, not guessed: the planner
 * does not know how uneven a fleet is.
 */
export async function narrowest(
  db: Db,
  look: Look,
  most: number,
): Promise<{ readonly source: Source; readonly count: number } | undefined> {
  if (look.sources.length === 0) return undefined
  const counts = look.sources.map((source) => sql`(select count(*)::int from (${source(sql`1 as one`)} limit ${most + 1}) counted)`)
  const { rows } = await sql<{ counts: number[] }>`select array[${sql.join(counts)}] as counts`.execute(db)
  const found = look.sources.map((source, at) => ({ source, count: rows[0]?.counts[at] ?? most + 1 }))
  const least = found.reduce((left, right) => (right.count < left.count ? right : left))
  return least.count <= most ? least : undefined
}

function accountsOf({ accounts: seen }: Scope, { awsAccountId }: FilterCriteria): readonly string[] | undefined {
  const asked = awsAccountId?.every(({ comparison }) => comparison === 'EQUALS')
    ? [...new Set(awsAccountId.map(({ value }) => value))].filter((value) => /^\d{12}$/.test(value))
    : undefined
  const both =
    asked === undefined ? (seen === 'all' ? undefined : seen) : seen === 'all' ? asked : asked.filter((account) => seen.includes(account))
  return both !== undefined && both.length > fewAccounts ? undefined : both
}
