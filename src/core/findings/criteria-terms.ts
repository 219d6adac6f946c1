import { type RawBuilder, sql } from 'kysely'
import type { DateFilter, MapFilter, NumberFilter, StringFilter } from './criteria-types.ts'

export type Condition = RawBuilder<boolean>

export const never: Condition = sql<boolean>`false`
/** All must hold; of none that is true. */
export const allOf = (conditions: readonly Condition[]): Condition =>
  conditions.length === 0 ? sql<boolean>`true` : sql<boolean>`(${sql.join(conditions, sql` and `)})`
/** One must hold; of none that is false. */
export const anyOf = (conditions: readonly Condition[]): Condition =>
  conditions.length === 0 ? never : sql<boolean>`(${sql.join(conditions, sql` or `)})`

const valuesOf = (filters: readonly StringFilter[], comparison: StringFilter['comparison']): readonly string[] =>
  filters.filter((filter) => filter.comparison === comparison).map(({ value }) => value)

/** Positive entries of the list on one text, or undefined where the list has none. */
function positive(text: RawBuilder<unknown>, filters: readonly StringFilter[]): Condition | undefined {
  const equal = valuesOf(filters, 'EQUALS')
  const prefixes = valuesOf(filters, 'PREFIX')
  if (equal.length + prefixes.length === 0) return undefined
  return anyOf([
    ...(equal.length > 0 ? [sql<boolean>`${text} = any(${equal}::text[])`] : []),
    // Unlike LIKE, starts_with has no pattern characters; PostgreSQL 15 serves it from text_pattern_ops indexes as well.
    ...prefixes.map((prefix) => sql<boolean>`starts_with(${text}, ${prefix}::text)`),
  ])
}

/** A text, absent included, against a list: what is absent equals nothing. */
export function textIs(text: RawBuilder<unknown>, filters: readonly StringFilter[]): Condition {
  const unequal = valuesOf(filters, 'NOT_EQUALS')
  const wanted = positive(text, filters)
  return allOf([
    ...(wanted === undefined ? [] : [wanted]),
    ...(unequal.length > 0 ? [sql<boolean>`(${text} is null or ${text} <> all(${unequal}::text[]))`] : []),
  ])
}

/** A set of texts (`rows` has one column): one of them is wanted, none of them is refused. */
export function oneTextIs(rows: RawBuilder<unknown>, filters: readonly StringFilter[]): Condition {
  const unequal = valuesOf(filters, 'NOT_EQUALS')
  const wanted = positive(sql`entry.value`, filters)
  return allOf([
    ...(wanted === undefined ? [] : [sql<boolean>`exists (select from ${rows} entry(value) where ${wanted})`]),
    ...(unequal.length > 0
      ? [sql<boolean>`not exists (select from ${rows} entry(value) where entry.value = any(${unequal}::text[]))`]
      : []),
  ])
}

/** The names a list admits, of a closed set of names. */
export function admitted<Name extends string>(names: readonly Name[], filters: readonly StringFilter[] | undefined): readonly Name[] {
  if (filters === undefined) return names
  const equal = valuesOf(filters, 'EQUALS')
  const prefixes = valuesOf(filters, 'PREFIX')
  const unequal = valuesOf(filters, 'NOT_EQUALS')
  const open = equal.length + prefixes.length === 0
  return names.filter(
    (name) => !unequal.includes(name) && (open || equal.includes(name) || prefixes.some((prefix) => name.startsWith(prefix))),
  )
}

/** A stored number against the codes of admitted names. */
export const codeIs = (column: RawBuilder<unknown>, codes: readonly number[]): Condition =>
  sql<boolean>`${column} = any(${codes}::smallint[])`

function within(value: RawBuilder<unknown>, low: RawBuilder<unknown> | undefined, high: RawBuilder<unknown> | undefined): Condition {
  if (low === undefined && high === undefined) return sql<boolean>`${value} is not null`
  return allOf([
    ...(low === undefined ? [] : [sql<boolean>`${value} >= ${low}`]),
    ...(high === undefined ? [] : [sql<boolean>`${value} <= ${high}`]),
  ])
}

/** A number as its column holds it: what is beyond the range of a real is infinite, and no error. */
const held = (value: number, type: 'real' | 'numeric') => (type === 'real' ? Math.fround(value) : value)

export const numberIs = (value: RawBuilder<unknown>, filters: readonly NumberFilter[], type: 'real' | 'numeric'): Condition =>
  anyOf(
    filters.map(({ lowerInclusive: low, upperInclusive: high }) =>
      within(
        value,
        low === undefined ? undefined : sql`${held(low, type)}::${sql.raw(type)}`,
        high === undefined ? undefined : sql`${held(high, type)}::${sql.raw(type)}`,
      ),
    ),
  )

const moment = (date: Date | undefined) => (date === undefined ? undefined : sql`${date.toISOString()}::timestamptz`)
export const dateIs = (value: RawBuilder<unknown>, filters: readonly DateFilter[]): Condition =>
  anyOf(filters.map(({ startInclusive, endInclusive }) => within(value, moment(startInclusive), moment(endInclusive))))

/** Entries of a jsonb object of texts. */
export const mapHas = (object: RawBuilder<unknown>, filters: readonly MapFilter[]): Condition =>
  anyOf(
    filters.map(({ key, value }) =>
      value === undefined
        ? sql<boolean>`${object} ? ${key}::text`
        : sql<boolean>`${object} @> jsonb_build_object(${key}::text, ${value}::text)`,
    ),
  )

/** Inclusive ranges of scores as ranges of tenths, as the finding holds them. */
export const tenths = (filters: readonly NumberFilter[]): readonly { readonly low: number; readonly high: number }[] =>
  filters.map(({ lowerInclusive: low = 0, upperInclusive: high = 10 }) => ({
    // 1.1 * 10 is 11.000000000000002 in binary: rounded before the ceiling is taken.
    low: Math.min(101, Math.max(0, Math.ceil(Number((low * 10).toFixed(6))))),
    high: Math.max(-1, Math.min(100, Math.floor(Number((high * 10).toFixed(6))))),
  }))
