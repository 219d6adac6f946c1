import { randomBytes } from 'node:crypto'
import { sql } from 'kysely'
import { AppError } from '../../model/errors.ts'
import type { Scope } from '../../model/scope.ts'
import type { Db } from '../../store/connection.ts'
import { lockExclusively } from '../../store/locks.ts'
import { record } from '../audit/index.ts'
import { criteriaFromJson, criteriaText, type FilterCriteria, type Join, keyOfToken, pageToken, partitionOf } from '../findings/index.ts'
import { checkTags, type Tags } from '../tags/index.ts'
import { stagePolicy } from './apply.ts'

/** NONE: a saved search; SUPPRESS: a suppression rule. */
export type FilterAction = 'NONE' | 'SUPPRESS'
/** Inspector's Filter. */
export type Filter = {
  readonly arn: string
  /** Account that owns it, twelve digits. */
  readonly ownerId: string
  readonly region: string
  readonly name: string
  readonly criteria: FilterCriteria
  readonly action: FilterAction
  readonly createdAt: Date
  readonly updatedAt: Date
  readonly description?: string
  readonly reason?: string
  readonly tags: Tags
}
export type NewFilter = {
  /** The Region it holds for. */
  readonly region: string
  readonly name: string
  readonly action: FilterAction
  readonly criteria: FilterCriteria
  readonly description?: string | undefined
  readonly reason?: string | undefined
  readonly tags?: Tags | undefined
}
/** Only what is given changes; criteria are replaced as a whole. */
export type FilterChange = Partial<Omit<NewFilter, 'region' | 'tags'>>

/** Suppression rules of one account in one Region (Amazon Inspector quotas). */
const mostRules = 500

/**
 * Stores a filter of the caller's account, in a transaction. A suppression rule holds for every finding written from now
 * on; those that are there already are told by `applyPolicies`. Throws AppError `invalid` (name, criteria, tags, a name
 * that is taken) or `quota`.
 */
export async function createFilter(trx: Db, join: Join, scope: Scope, input: NewFilter): Promise<Filter> {
  const { region, name, action, description, reason, tags = {} } = input
  const account = scope.caller.account
  const criteria = checkFilter(input)
  checkTags(tags)
  await lockExclusively(trx, 'policy')
  await checkRoom(trx, account, region, name, action)
  const arn = `arn:${partitionOf(region)}:inspector2:${region}:${account}:owner/${account}/filter/${randomBytes(8).toString('hex')}`
  const at = join.now()
  await sql`
    insert into filter (arn, account_id, region, name, action, description, reason, criteria, created_at, updated_at)
    values (${arn}, ${account}::bigint, ${region}, ${name}, ${action}, ${description ?? null}, ${reason ?? null}, ${criteriaText(criteria)}::jsonb, ${at}, ${at})`.execute(
    trx,
  )
  await sql`insert into tag (arn, key, value) select ${arn}, key, value from jsonb_each_text(${JSON.stringify(tags)}::jsonb)`.execute(trx)
  const made = await filterOf(trx, scope, arn)
  if (action === 'SUPPRESS') await stagePolicy(trx, join, { account, region, filter: name })
  await record(trx, { at, principal: scope.caller.name, action: 'CreateFilter', object: arn, after: made })
  return made
}

/** Changes a filter, in a transaction. Throws as `createFilter`, and AppError `missing`. */
export async function updateFilter(trx: Db, join: Join, scope: Scope, arn: string, change: FilterChange): Promise<Filter> {
  await lockExclusively(trx, 'policy')
  const before = await filterOf(trx, scope, arn)
  const wanted = { ...before, ...Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined)) }
  const criteria = checkFilter(wanted)
  const at = join.now()
  await checkRoom(trx, before.ownerId, before.region, wanted.name, wanted.action, before)
  await sql`
    update filter set name = ${wanted.name}, action = ${wanted.action}, description = ${wanted.description ?? null},
      reason = ${wanted.reason ?? null}, criteria = ${criteriaText(criteria)}::jsonb, updated_at = ${at} where arn = ${arn}`.execute(trx)
  const after = await filterOf(trx, scope, arn)
  const judges = before.action === 'SUPPRESS' || after.action === 'SUPPRESS'
  const differs = before.action !== after.action || criteriaText(before.criteria) !== criteriaText(after.criteria)
  if (judges && differs) await stagePolicy(trx, join, { account: before.ownerId, region: before.region, filter: after.name })
  await record(trx, { at, principal: scope.caller.name, action: 'UpdateFilter', object: arn, before, after })
  return after
}

/** Removes a filter and its tags, in a transaction. Throws AppError `missing`. */
export async function deleteFilter(trx: Db, join: Join, scope: Scope, arn: string): Promise<void> {
  await lockExclusively(trx, 'policy')
  const before = await filterOf(trx, scope, arn)
  await sql`delete from filter where arn = ${arn}`.execute(trx)
  await sql`delete from tag where arn = ${arn}`.execute(trx)
  if (before.action === 'SUPPRESS') await stagePolicy(trx, join, { account: before.ownerId, region: before.region, filter: before.name })
  await record(trx, { at: join.now(), principal: scope.caller.name, action: 'DeleteFilter', object: arn, before })
}

/** Filters in the order of their making. Throws AppError `invalid` for a token of another question. */
export async function listFilters(
  db: Db,
  scope: Scope,
  {
    arns,
    action,
    limit = 100,
    after,
  }: {
    readonly arns?: readonly string[] | undefined
    readonly action?: FilterAction | undefined
    readonly limit?: number | undefined
    readonly after?: string | undefined
  } = {},
): Promise<{ readonly items: readonly Filter[]; readonly after?: string }> {
  const question = { list: 'filters', scope, arns, action }
  const last = after === undefined ? undefined : await keyOfToken(db, question, after)
  const rows = await filtersWhere(
    db,
    scope,
    sql`${arns === undefined ? sql`true` : sql`f.arn = any(${arns}::text[])`} and ${action === undefined ? sql`true` : sql`f.action = ${action}`}
      and f.id > ${last?.[0] ?? 0}::int order by f.id limit ${limit + 1}`,
  )
  const shown = rows.slice(0, limit)
  const key = rows.length > limit ? shown.at(-1)?.id : undefined
  return { items: shown.map(toFilter), ...(key !== undefined && { after: await pageToken(db, question, [String(key)]) }) }
}

/** One filter by its ARN. Throws AppError `missing`. */
export async function filterOf(db: Db, scope: Scope, arn: string): Promise<Filter> {
  const [row] = await filtersWhere(db, scope, sql`f.arn = ${arn}`)
  if (row === undefined) throw new AppError('missing', `There is no filter ${arn}.`, { details: { resourceId: arn } })
  return toFilter(row)
}

type Row = {
  readonly id: number
  readonly arn: string
  readonly account: string
  readonly region: string
  readonly name: string
  readonly action: FilterAction
  readonly description: string | null
  readonly reason: string | null
  readonly criteria: unknown
  readonly created_at: Date
  readonly updated_at: Date
  readonly tags: Tags
}

async function filtersWhere(db: Db, { accounts, regions }: Scope, where: ReturnType<typeof sql>): Promise<readonly Row[]> {
  const { rows } = await sql<Row>`
    select f.id, f.arn, lpad(f.account_id::text, 12, '0') as account, f.region, f.name, f.action, f.description, f.reason, f.criteria,
      f.created_at, f.updated_at, coalesce((select jsonb_object_agg(t.key, t.value) from tag t where t.arn = f.arn), '{}') as tags
    from filter f where ${accounts === 'all' ? sql`true` : sql`f.account_id = any(${accounts}::bigint[])`}
      and ${regions === 'all' ? sql`true` : sql`f.region = any(${regions}::text[])`} and ${where}`.execute(db)
  return rows
}

const toFilter = (row: Row): Filter => ({
  arn: row.arn,
  ownerId: row.account,
  region: row.region,
  name: row.name,
  criteria: criteriaFromJson(row.criteria),
  action: row.action,
  createdAt: row.created_at,
  updatedAt: row.updated_at,
  ...(row.description !== null && { description: row.description }),
  ...(row.reason !== null && { reason: row.reason }),
  tags: row.tags,
})

/** Criteria a rule may not have: it is judged when a finding or the rule changes, not as time goes by. */
const moving = ['lastObservedAt', 'updatedAt'] as const

/** Throws AppError `invalid` for a name or criteria that a filter of this action may not have. */
export function checkFilter({ name, action, criteria: given }: Pick<NewFilter, 'name' | 'action' | 'criteria'>): FilterCriteria {
  if (!/^[A-Za-z0-9._-]{3,64}$/.test(name))
    throw invalid('name', `expected 3 to 64 letters, digits, dots, underscores or dashes; got ${JSON.stringify(name)}`)
  if (action !== 'NONE' && action !== 'SUPPRESS') throw invalid('action', `expected NONE or SUPPRESS; got ${String(action)}`)
  const criteria = criteriaFromJson(given)
  if (action === 'NONE') return criteria
  if (criteriaText(criteria) === '{}') throw invalid('filterCriteria', 'a suppression rule without criteria would hide everything')
  for (const criterion of moving) {
    if (criteria[criterion] !== undefined)
      throw invalid(
        `filterCriteria.${criterion}`,
        'a suppression rule cannot depend on a time that moves with every look; firstObservedAt can',
      )
  }
  return criteria
}

async function checkRoom(trx: Db, account: string, region: string, name: string, action: FilterAction, before?: Filter): Promise<void> {
  const { rows } = await sql<{ taken: boolean; rules: number }>`
    select coalesce(bool_or(name = ${name}), false) as taken, (count(*) filter (where action = 'SUPPRESS'))::int as rules
    from filter where account_id = ${account}::bigint and region = ${region} and arn <> ${before?.arn ?? ''}`.execute(trx)
  const { taken = false, rules = 0 } = rows[0] ?? {}
  if (taken) throw invalid('name', `the account has a filter ${name} in ${region} already`)
  if (action === 'SUPPRESS' && rules >= mostRules)
    throw new AppError('quota', `An account has at most ${mostRules} suppression rules in a Region.`, { details: { resourceId: name } })
}

const invalid = (field: string, message: string) => new AppError('invalid', `${field}: ${message}`, { details: { field } })
