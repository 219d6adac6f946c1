import {
  type Criterion,
  type DateFilter,
  type FilterCriteria,
  type FilterKinds,
  type MapFilter,
  type NumberFilter,
  type PackageFilter,
  type PortRangeFilter,
  type StringFilter,
  criterionKinds,
} from './criteria-types.ts'
import { criteriaFromJson } from './criteria.ts'

/** Where the name of a member, taken apart, is not what people call it. */
const names: Readonly<Partial<Record<Criterion, string>>> = {
  findingArn: 'finding',
  awsAccountId: 'account',
  firstObservedAt: 'first observed',
  lastObservedAt: 'last observed',
  updatedAt: 'updated',
  findingStatus: 'status',
  inspectorScore: 'score',
  resourceId: 'resource',
  resourceTags: 'resource tag',
  vulnerabilityId: 'vulnerability',
  vulnerablePackages: 'package',
  relatedVulnerabilities: 'related vulnerability',
  text: 'title or package',
}
const acronyms = /\b(?:arn|aws|ec2|ecr|epss|vm|vpc)\b/g

/**
 * Criteria as one sentence: `severity is LOW or MEDIUM, and package begins with openssl`. The same words wherever a filter
 * is shown. Throws AppError `invalid` as `criteriaFromJson` does.
 */
export function criteriaSentence(criteria: FilterCriteria): string {
  const checked = criteriaFromJson(criteria)
  const parts = (Object.keys(checked) as Criterion[]).toSorted().flatMap((name) => partOf(name, checked[name]))
  return parts.length === 0 ? 'every finding' : parts.join(', and ')
}

function partOf<C extends Criterion>(name: C, filters: FilterCriteria[C]): readonly string[] {
  if (filters === undefined) return []
  const entries = filters as readonly FilterKinds[keyof FilterKinds][]
  const subject = nameOf(name)
  switch (criterionKinds[name]) {
    case 'string':
      return [`${subject} ${stringWords(entries as readonly StringFilter[])}`]
    case 'number':
      return [`${subject} ${either((entries as readonly NumberFilter[]).map(numberWords))}`]
    case 'date':
      return [`${subject} ${either((entries as readonly DateFilter[]).map(dateWords))}`]
    case 'map':
      return [`${subject} ${either((entries as readonly MapFilter[]).map(mapWords))}`]
    case 'port':
      return [`${subject} ${either((entries as readonly PortRangeFilter[]).map(portWords))}`]
    case 'package':
      return [`${subject} ${either((entries as readonly PackageFilter[]).map(packageWords))}`]
  }
}

const nameOf = (name: Criterion): string =>
  names[name] ??
  spaced(name)
    .replace(/ (?:at|id)$/, '')
    .replace(acronyms, (word) => word.toUpperCase())
const spaced = (name: string): string => name.replace(/(?<=[a-z0-9])[A-Z]/g, (letter) => ` ${letter}`).toLowerCase()
const either = (words: readonly string[]): string => words.join(' or ')
/** Plain names go as they are; all else in quotes, so that no value can pass for words of the sentence. */
const quoted = (value: string): string => (/^[\w@/][\w.:@/+~-]*$/.test(value) ? value : JSON.stringify(value))

/** EQUALS and PREFIX are alternatives; every NOT_EQUALS has to hold. */
function stringWords(filters: readonly StringFilter[]): string {
  const values = (comparison: StringFilter['comparison']) =>
    filters.filter((filter) => filter.comparison === comparison).map(({ value }) => quoted(value))
  const [equal, prefix, not] = [values('EQUALS'), values('PREFIX'), values('NOT_EQUALS')]
  const wanted = [...(equal.length > 0 ? [`is ${either(equal)}`] : []), ...(prefix.length > 0 ? [`begins with ${either(prefix)}`] : [])]
  return [...(wanted.length > 0 ? [either(wanted)] : []), ...not.map((value) => `is not ${value}`)].join(' and ')
}

function rangeWords(low: string | undefined, high: string | undefined): string {
  if (low === undefined) return high === undefined ? 'is known' : `is at most ${high}`
  if (high === undefined) return `is at least ${low}`
  return low === high ? `is ${low}` : `is from ${low} to ${high}`
}

const numberWords = ({ lowerInclusive, upperInclusive }: NumberFilter): string =>
  rangeWords(lowerInclusive?.toString(), upperInclusive?.toString())
const portWords = ({ beginInclusive, endInclusive }: PortRangeFilter): string =>
  rangeWords(beginInclusive?.toString(), endInclusive?.toString())
const mapWords = ({ key, value }: MapFilter): string =>
  value === undefined ? `${quoted(key)} is there` : `${quoted(key)} is ${quoted(value)}`

function dateWords({ startInclusive, endInclusive }: DateFilter): string {
  const [start, end] = [startInclusive?.toISOString(), endInclusive?.toISOString()]
  if (start === undefined) return end === undefined ? 'at any time' : `not after ${end}`
  return end === undefined ? `not before ${start}` : `from ${start} to ${end}`
}

/** All members hold for one and the same package. */
function packageWords({ name, epoch, ...others }: PackageFilter): string {
  const more = [
    ...(epoch === undefined ? [] : [`epoch ${numberWords(epoch)}`]),
    ...Object.entries(others).flatMap(([member, filter]) =>
      filter === undefined ? [] : [`${spaced(member).replace(acronyms, (word) => word.toUpperCase())} ${stringWords([filter])}`],
    ),
  ]
  return `${name === undefined ? 'is any' : stringWords([name])}${more.length === 0 ? '' : ` (${more.join(', ')})`}`
}
