import * as z from 'zod'
import { AppError } from '../../model/errors.ts'
import { type Subject, fields } from './criteria-fields.ts'
import { type Condition, allOf } from './criteria-terms.ts'
import { type Criterion, type FilterCriteria, type FilterKind, type FilterKinds, criterionKinds } from './criteria-types.ts'

type Part = { readonly name: Criterion; readonly of: readonly Subject[]; readonly where: Condition }

/**
 * Criteria as a condition over the aliases `f` (a finding, or a row with the same columns), `r` (its resource), `i` (its
 * issue) and `v` (the issue's vulnerability, left joined). It names no table but those it looks into itself. Throws
 * AppError `invalid` for a criterion or comparison that does not exist.
 */
export const conditionOf = (criteria: FilterCriteria): Condition => allOf(partsOf(criteria).map(({ where }) => where))

/** The criteria one by one, with what each looks at. */
export function partsOf(criteria: FilterCriteria): readonly Part[] {
  const checked = criteriaFromJson(criteria)
  return (Object.keys(checked) as Criterion[]).flatMap((name) => partOf(name, checked[name]))
}

function partOf<C extends Criterion>(name: C, filters: FilterCriteria[C]): readonly Part[] {
  if (filters === undefined) return []
  type Entries = readonly FilterKinds[(typeof criterionKinds)[C]][]
  const { of, where } = fields[name]
  const entries = filters as Entries
  return [{ name, of: typeof of === 'function' ? of(entries) : of, where: where(entries) }]
}

/** PostgreSQL's text has no NUL, and UTF-8 no lone surrogates: such a criterion could neither be asked nor stored. */
const text = () => z.string().refine((value) => value.isWellFormed() && !value.includes('\0'), 'expected a text without U+0000')
const Text = z.object({ comparison: z.enum(['EQUALS', 'PREFIX', 'NOT_EQUALS']), value: text().max(1024) })
// Stored and sent as ISO text, in hand as Date; of the years that PostgreSQL and ISO texts write alike.
const Moment = z
  .union([z.date(), z.iso.datetime({ offset: true }).transform((iso) => new Date(iso))])
  .refine((at) => at.getUTCFullYear() >= 1 && at.getUTCFullYear() <= 9999, 'expected a time of the years 1 to 9999')
const entries = {
  string: Text,
  number: z.object({ lowerInclusive: z.number().optional(), upperInclusive: z.number().optional() }),
  date: z.object({ startInclusive: Moment.optional(), endInclusive: Moment.optional() }),
  map: z.object({ comparison: z.literal('EQUALS'), key: text().min(1).max(128), value: text().max(256).optional() }),
  port: z.object({ beginInclusive: z.int().optional(), endInclusive: z.int().optional() }),
  package: z.strictObject({
    name: Text.optional(),
    version: Text.optional(),
    epoch: z.object({ lowerInclusive: z.number().optional(), upperInclusive: z.number().optional() }).optional(),
    release: Text.optional(),
    architecture: Text.optional(),
    filePath: Text.optional(),
    sourceLayerHash: Text.optional(),
    sourceLambdaLayerArn: Text.optional(),
  }),
} as const satisfies Record<FilterKind, z.ZodType>

const Criteria = z.strictObject(
  Object.fromEntries(
    Object.entries(criterionKinds).map(([name, kind]) => [name, z.array<z.ZodType>(entries[kind]).min(1).max(10).optional()]),
  ),
)

/** Criteria from JSON: stored ones, or those of a request. Times are Dates or ISO text. Throws AppError `invalid` naming the member. */
export function criteriaFromJson(json: unknown): FilterCriteria {
  const read = Criteria.safeParse(json)
  if (!read.success) {
    const [issue] = read.error.issues
    const where = ['filterCriteria', ...(issue?.path ?? [])].join('.')
    throw new AppError('invalid', `${where}: ${issue?.message ?? 'not understood'}`, { details: { field: where } })
  }
  return read.data as FilterCriteria
}

/** The same bytes for the same criteria, whatever the order of their members: for storing, hashing and comparing. */
export function criteriaText(criteria: FilterCriteria): string {
  const present = Object.entries(criteria).filter(([, filters]) => filters !== undefined)
  return JSON.stringify(Object.fromEntries(present.sort(([left], [right]) => (left < right ? -1 : 1))))
}
