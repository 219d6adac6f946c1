import type { PropertyFilterProps } from '@cloudscape-design/components/property-filter'
import type { Query } from '../../api/client.ts'
import { findingStatuses, fixStates, resourceTypes, severities } from '../../api/types.ts'
import { findingStatusWords, fixWords, resourceTypeWords, severityWords } from '../../parts/words.ts'

/** What a list of findings is narrowed to: parameter of the API and of the address, and the values any of which will do. */
export type Criteria = Readonly<Partial<Record<Parameter, readonly string[]>>>

const exploitWords = { YES: 'Known', NO: 'None known' }
type Property = {
  readonly label: string
  readonly group: string
  readonly words?: Readonly<Record<string, string>>
  readonly prefix?: boolean
}

/** Every parameter, in the order in which a filter is read out. `prefix`: a trailing * stands for whatever follows. */
const properties = {
  status: { label: 'Status', group: 'Status values', words: pick(findingStatuses, findingStatusWords) },
  severity: { label: 'Severity', group: 'Severity values', words: pick(severities, severityWords) },
  exploit: { label: 'Exploit', group: 'Exploit values', words: exploitWords },
  fix: { label: 'Fix', group: 'Fix values', words: pick(fixStates, fixWords) },
  resourceType: { label: 'Resource type', group: 'Resource types', words: pick(resourceTypes, resourceTypeWords) },
  resource: { label: 'Resource', group: 'Resources' },
  vulnerability: { label: 'Vulnerability', group: 'Vulnerabilities', prefix: true },
  package: { label: 'Package', group: 'Packages', prefix: true },
  firstObserved: { label: 'First observed on', group: 'Days' },
  text: { label: 'Text', group: 'Text' },
  criteria: { label: 'Criteria', group: "Inspector's FilterCriteria as JSON" },
} satisfies Record<string, Property>
type Parameter = keyof typeof properties
const parameters = Object.entries(properties) as readonly (readonly [Parameter, Property])[]

export const filteringProperties: readonly PropertyFilterProps.FilteringProperty[] = parameters
  .filter(([key]) => key !== 'text')
  .map(([key, { label, group, words, prefix }]) => ({
    key,
    propertyLabel: label,
    groupValuesLabel: group,
    operators:
      words === undefined
        ? prefix === true
          ? ['=', '^']
          : ['=']
        : [
            {
              operator: '=',
              tokenType: 'enum',
              format: (values: readonly string[]) => values.map((one) => words[one] ?? one).join(' or '),
            },
          ],
  }))

export const filteringOptions: readonly PropertyFilterProps.FilteringOption[] = parameters.flatMap(([propertyKey, { words = {} }]) =>
  Object.entries(words).map(([value, label]) => ({ propertyKey, value, label })),
)

/** What the address asks for. Empty values are left out. */
export function criteriaOf(address: URLSearchParams): Criteria {
  const found = parameters.map(([key]) => [key, [...new Set(address.getAll(key).filter((value) => value !== ''))]] as const)
  return Object.fromEntries(found.filter(([, values]) => values.length > 0))
}

/** The address of the list so narrowed, beside what else it held (`sort`, `order`). */
export function withCriteria(address: URLSearchParams, criteria: Criteria): URLSearchParams {
  const next = new URLSearchParams(address)
  for (const [key] of parameters) {
    next.delete(key)
    for (const value of criteria[key] ?? []) next.append(key, value)
  }
  return next
}

/** The same as the filter bar shows it: one token for a property with known values, else one a value. */
export function toTokens(criteria: Criteria): PropertyFilterProps.Query {
  const tokens = parameters.flatMap(([key, { words, prefix }]): PropertyFilterProps.Token[] => {
    const values = criteria[key] ?? []
    if (values.length === 0) return []
    if (words !== undefined) return [{ propertyKey: key, operator: '=', value: values }]
    if (key === 'text') return values.slice(-1).map((value) => ({ operator: '^', value }))
    return values.map((value) =>
      prefix === true && value.endsWith('*')
        ? { propertyKey: key, operator: '^', value: value.slice(0, -1) }
        : { propertyKey: key, operator: '=', value },
    )
  })
  return { operation: 'and', tokens }
}

export function fromTokens(query: PropertyFilterProps.Query): Criteria {
  const found: Partial<Record<Parameter, string[]>> = {}
  for (const { propertyKey = 'text', operator, value } of query.tokens) {
    const key = propertyKey as Parameter
    const values = (Array.isArray(value) ? value : [value]).map((one: unknown) => String(one).trim()).filter((one) => one !== '')
    const written = key !== 'text' && operator === '^' ? values.map((one) => `${one}*`) : values
    if (written.length > 0) found[key] = key === 'text' ? written : [...new Set([...(found[key] ?? []), ...written])]
  }
  return found
}

/** As the API takes it. Days are those of the reader's zone, sent as Inspector's own criteria. */
export function toApi({ firstObserved, text, criteria, ...rest }: Criteria): Query {
  const days = (firstObserved ?? []).map(dayRange).filter((range) => range !== undefined)
  const [words, given] = [text?.at(-1), criteria?.at(-1)]
  const said = { ...rest, ...(words !== undefined && { text: words }) }
  if (days.length === 0) return given === undefined ? said : { ...said, criteria: given }
  const others = given === undefined ? {} : objectOf(given)
  // What is no JSON goes as it is: the server says what is wrong with it.
  return { ...said, criteria: others === undefined ? (given ?? '') : JSON.stringify({ ...others, firstObservedAt: days }) }
}

type TextFilter = { readonly comparison: string; readonly value: string }
const spelled: Readonly<Record<string, Parameter>> = {
  findingStatus: 'status',
  severity: 'severity',
  exploitAvailable: 'exploit',
  fixAvailable: 'fix',
  resourceType: 'resourceType',
  resourceId: 'resource',
  vulnerabilityId: 'vulnerability',
}

/** Inspector's criteria in the words of the filter bar as far as it has them; the rest stays JSON. What it asks for is the same. */
export function fromInspector(criteria: Readonly<Record<string, unknown>>): Criteria {
  const found: Partial<Record<Parameter, readonly string[]>> = {}
  const rest: Record<string, unknown> = {}
  for (const [name, filters] of Object.entries(criteria)) {
    const [key, values] = inOwnWords(name, filters as readonly unknown[]) ?? []
    if (key === undefined || values === undefined) rest[name] = filters
    else found[key] = values
  }
  return { ...found, ...(Object.keys(rest).length > 0 && { criteria: [JSON.stringify(rest)] }) }
}

function inOwnWords(name: string, filters: readonly unknown[]): readonly [Parameter, readonly string[]] | undefined {
  if (name === 'text') {
    const [one, ...more] = filters as readonly TextFilter[]
    return one !== undefined && more.length === 0 && one.comparison === 'PREFIX' ? ['text', [one.value]] : undefined
  }
  if (name === 'vulnerablePackages') {
    const named = (filters as readonly Readonly<Record<string, TextFilter>>[]).map(({ name: wanted, ...others }) =>
      wanted === undefined || Object.keys(others).length > 0 ? undefined : written('package', wanted),
    )
    return whole('package', named)
  }
  const key = Object.hasOwn(spelled, name) ? spelled[name] : undefined
  return key === undefined
    ? undefined
    : whole(
        key,
        (filters as readonly TextFilter[]).map((filter) => written(key, filter)),
      )
}

const whole = (key: Parameter, values: readonly (string | undefined)[]): readonly [Parameter, readonly string[]] | undefined =>
  values.every((value) => value !== undefined) ? [key, values] : undefined

/** The value of a parameter, where one says the same: an asterisk at its end would mean more than it did. */
function written(key: Parameter, { comparison, value }: TextFilter): string | undefined {
  const { words, prefix }: Property = properties[key]
  if (words !== undefined) return comparison === 'EQUALS' && Object.hasOwn(words, value) ? value : undefined
  if (comparison === 'PREFIX' && prefix === true) return `${value}*`
  return comparison === 'EQUALS' && value !== '' && value === value.trim() && !value.endsWith('*') ? value : undefined
}

function objectOf(json: string): object | undefined {
  try {
    const value: unknown = JSON.parse(json)
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined
  } catch {
    return undefined
  }
}

/** First and last moment of a day written `2026-11-22`, in the reader's zone; undefined when it is no day. */
export function dayRange(day: string): { readonly startInclusive: string; readonly endInclusive: string } | undefined {
  const start = new Date(`${day}T00:00:00`)
  if (!/^\d{4}-\d\d-\d\d$/.test(day) || Number.isNaN(start.getTime())) return undefined
  const end = new Date(start)
  end.setDate(end.getDate() + 1)
  return { startInclusive: start.toISOString(), endInclusive: new Date(end.getTime() - 1).toISOString() }
}

/** What of it names resources: these can be asked for without asking for a kind of finding. */
export const resourcesAsked = ({ resource, resourceType }: Criteria): Criteria => ({
  ...(resource !== undefined && { resource }),
  ...(resourceType !== undefined && { resourceType }),
})

/** Does it ask for more than a status, so that an empty list may only mean "filtered out"? */
export const isNarrowed = (criteria: Criteria): boolean => Object.keys(criteria).some((key) => key !== 'status')

function pick<T extends string>(names: readonly T[], words: Record<T, string>): Record<string, string> {
  return Object.fromEntries(names.map((name) => [name, words[name]]))
}
