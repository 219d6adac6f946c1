import { type FilterCriteria, criteriaFromJson, type SortCriteria, type SortField } from '../../core/findings/index.ts'
import { AppError, reasonOf } from '../../model/errors.ts'
import type { FindingsQuery } from './contract.ts'

type SortWord = NonNullable<FindingsQuery['sort']>

const sortFields: Readonly<Record<SortWord, SortField>> = {
  severity: 'SEVERITY',
  score: 'INSPECTOR_SCORE',
  status: 'FINDING_STATUS',
  firstObservedAt: 'FIRST_OBSERVED_AT',
  lastObservedAt: 'LAST_OBSERVED_AT',
  vulnerability: 'VULNERABILITY_ID',
  epss: 'EPSS_SCORE',
  resource: 'RESOURCE_ID',
  type: 'FINDING_TYPE',
}

export const sortOf = ({ sort = 'severity', order = 'desc' }: FindingsQuery): SortCriteria => ({
  field: sortFields[sort],
  sortOrder: order === 'asc' ? 'ASC' : 'DESC',
})

/** The parameters of a list as Inspector's criteria. Throws AppError `invalid` where `criteria` says again what a parameter said. */
export function criteriaOf(query: Omit<FindingsQuery, 'sort' | 'order' | 'limit' | 'after'>): FilterCriteria {
  const said = Object.fromEntries(
    Object.entries({
      findingStatus: equal(query.status),
      severity: equal(query.severity),
      resourceType: equal(query.resourceType),
      resourceId: matching(query.resource),
      vulnerabilityId: matching(query.vulnerability),
      vulnerablePackages: matching(query.package)?.map((name) => ({ name })),
      fixAvailable: equal(query.fix),
      exploitAvailable: equal(query.exploit),
      text: query.text === undefined ? undefined : [{ comparison: 'PREFIX', value: query.text }],
    }).filter(([, filters]) => filters !== undefined && filters.length > 0),
  )
  const given = query.criteria === undefined ? {} : parsed(query.criteria)
  const twice = Object.keys(said).find((name) => Object.hasOwn(given, name))
  if (twice !== undefined)
    throw new AppError('invalid', `criteria: ${twice} is given as a parameter too; say it once.`, { details: { field: twice } })
  return criteriaFromJson({ ...given, ...said })
}

const equal = (values: readonly string[] | undefined) => values?.map((value) => ({ comparison: 'EQUALS', value }))

/** A trailing asterisk means prefix. */
const matching = (values: readonly string[] | undefined) =>
  values?.map((value) => (value.endsWith('*') ? { comparison: 'PREFIX', value: value.slice(0, -1) } : { comparison: 'EQUALS', value }))

function parsed(text: string): object {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value
  } catch (cause) {
    throw new AppError('invalid', `criteria: expected JSON: ${reasonOf(cause)}`, { cause })
  }
  throw new AppError('invalid', 'criteria: expected a JSON object of filter criteria.')
}
