import { type RawBuilder, sql } from 'kysely'
import { lastObservedAt } from './criteria-fields.ts'
import { resourceFact } from './stored.ts'

/** Inspector's 17 sort fields, and `RESOURCE_ID`, which is ours. */
export const sortFields = [
  'AWS_ACCOUNT_ID',
  'COMPONENT_TYPE',
  'ECR_IMAGE_PUSHED_AT',
  'ECR_IMAGE_REGISTRY',
  'ECR_IMAGE_REPOSITORY_NAME',
  'EPSS_SCORE',
  'FINDING_STATUS',
  'FINDING_TYPE',
  'FIRST_OBSERVED_AT',
  'INSPECTOR_SCORE',
  'LAST_OBSERVED_AT',
  'NETWORK_PROTOCOL',
  'RESOURCE_ID',
  'RESOURCE_TYPE',
  'SEVERITY',
  'VENDOR_SEVERITY',
  'VULNERABILITY_ID',
  'VULNERABILITY_SOURCE',
] as const
export type SortField = (typeof sortFields)[number]
export type SortCriteria = { readonly field: SortField; readonly sortOrder: 'ASC' | 'DESC' }

type KeyType = 'text' | 'timestamptz' | 'smallint' | 'int' | 'bigint' | 'real'
/** One column of a sort key: an expression over f, r, i, v. It is never null. */
export type KeyColumn = { readonly value: RawBuilder<unknown>; readonly type: KeyType }
/**
 * What a list is driven by. rank: (status, severity) branches of the rank index; first, last: dates; resource and issue:
 * these in the order of a value of theirs, and their findings after one another.
 */
export type Order = { readonly by: 'rank' | 'first' | 'last' | 'resource' | 'issue'; readonly key: readonly KeyColumn[] }

const n: KeyColumn = { value: sql`f.n`, type: 'bigint' }
const severity: KeyColumn = { value: sql`f.severity`, type: 'smallint' }
const score: KeyColumn = { value: sql`f.score`, type: 'smallint' }
const resourceId: KeyColumn = { value: sql`r.id`, type: 'int' }
const ofResource = (value: RawBuilder<unknown>, type: KeyType): Order => ({ by: 'resource', key: [{ value, type }, resourceId, n] })
const ofIssue = (value: RawBuilder<unknown>, type: KeyType): Order => ({
  by: 'issue',
  key: [{ value, type }, { value: sql`i.id`, type: 'int' }, n],
})
// Text sorts by code point whatever the database's locale is, so that both databases give one order.
const known = (value: RawBuilder<unknown>) => sql`(coalesce(${value}, '') collate "C")`

/** The columns of each order; every one ends in what tells any two findings apart. What is unknown sorts as the least. */
export const orders: Readonly<Record<SortField, Order>> = {
  AWS_ACCOUNT_ID: ofResource(sql`r.account_id`, 'bigint'),
  COMPONENT_TYPE: ofIssue(known(sql`i.packages->0->>'type'`), 'text'),
  ECR_IMAGE_PUSHED_AT: ofResource(known(resourceFact('ecr', 'pushedAt')), 'text'),
  ECR_IMAGE_REGISTRY: ofResource(known(resourceFact('ecr', 'registry')), 'text'),
  ECR_IMAGE_REPOSITORY_NAME: ofResource(known(resourceFact('ecr', 'repositoryName')), 'text'),
  EPSS_SCORE: ofIssue(sql`coalesce(v.epss, -1)`, 'real'),
  FINDING_STATUS: { by: 'rank', key: [{ value: sql`f.status`, type: 'smallint' }, severity, score, n] },
  FINDING_TYPE: ofIssue(sql`i.kind`, 'smallint'),
  FIRST_OBSERVED_AT: { by: 'first', key: [{ value: sql`f.first_observed_at`, type: 'timestamptz' }, n] },
  INSPECTOR_SCORE: { by: 'rank', key: [score, severity, n] },
  LAST_OBSERVED_AT: { by: 'last', key: [{ value: lastObservedAt, type: 'timestamptz' }, resourceId, n] },
  NETWORK_PROTOCOL: { by: 'rank', key: [severity, score, n] },
  RESOURCE_ID: ofResource(known(sql`r.resource_id`), 'text'),
  RESOURCE_TYPE: ofResource(sql`r.type`, 'smallint'),
  SEVERITY: { by: 'rank', key: [severity, score, n] },
  VENDOR_SEVERITY: ofIssue(known(sql`v.vendor_severity`), 'text'),
  VULNERABILITY_ID: ofIssue(known(sql`v.name`), 'text'),
  VULNERABILITY_SOURCE: ofIssue(known(sql`v.source`), 'text'),
}

const bound = (text: string, type: KeyType) => (type === 'text' ? sql`(${text}::text collate "C")` : sql`${text}::${sql.raw(type)}`)

/** `order by` of a key, all columns in one direction. */
export const orderBy = (values: readonly RawBuilder<unknown>[], descending: boolean): RawBuilder<unknown> =>
  sql.join(values.map((value) => sql`${value} ${sql.raw(descending ? 'desc' : 'asc')}`))

/** Rows that come after a key; with `orSame`, those that share all its columns as well. */
export function after(key: readonly KeyColumn[], last: readonly string[], descending: boolean, orSame = false): RawBuilder<boolean> {
  const columns = sql.join(key.map(({ value }) => value))
  const values = sql.join(key.map(({ type }, at) => bound(last[at] ?? '', type)))
  return sql<boolean>`(${columns}) ${sql.raw(`${descending ? '<' : '>'}${orSame ? '=' : ''}`)} (${values})`
}
