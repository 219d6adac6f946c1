import type { Advisory, Severity } from '../../model/advisory.ts'
import { byPreference } from '../matching/index.ts'
import { type BaseScore, chooseBase } from '../scoring/index.ts'
import type { Description, Weakness } from './vulnerabilities.ts'

type Record = Omit<Advisory, 'affected'>

/** References shown with a vulnerability. */
const keptReferences = 50

/** What is told of a weakness, from all that speak for it; a pure function of the records, whatever their order. */
export function describe({ name, names }: Weakness, records: readonly Record[]): Description {
  const own = records.filter(({ bundles }) => bundles.length === 0)
  const sorted = [...(own.length > 0 ? own : records)].sort((a, b) => byPreference(a.id, b.id) || compareText(a.source, b.source))
  const primary = sorted.find(({ id }) => id === name) ?? sorted[0]
  const severities = distinctSeverities(sorted)
  const chosen = chooseBase(severities)
  const related = [...new Set(records.flatMap(({ id, aliases }) => [id, ...aliases]))].filter((other) => other !== name).sort(byPreference)
  return {
    name: names.toSorted(byPreference)[0] ?? name,
    source: primary?.source,
    vendorSeverity: first(sorted, ({ vendorSeverity }) => vendorSeverity),
    facts: {
      ...optional(
        'title',
        first(sorted, ({ summary }) => summary),
      ),
      ...optional(
        'description',
        first(sorted, ({ details }) => details),
      ),
      ...optional('source', primary?.source),
      ...optional('sourceUrl', primary?.url),
      ...optional('vendorCreatedAt', primary?.published),
      ...optional('vendorUpdatedAt', primary?.modified),
      severities,
      cvss: severities.flatMap((severity) => scored(chooseBase([severity])) ?? []),
      ...optional('chosen', scored(chosen)),
      cwes: [...new Set(sorted.flatMap(({ cwes }) => cwes))].sort(compareText),
      referenceUrls: [...new Set(sorted.flatMap(({ references }) => references))].slice(0, keptReferences),
      related,
      ...(sorted.some(({ malicious }) => malicious === true) && { malicious: true }),
    },
  }
}

function distinctSeverities(records: readonly Record[]): Severity[] {
  const all = records.flatMap(({ severities }) => severities)
  return [...new Map(all.map((one) => [`${one.type} ${one.source} ${one.vector}`, one])).values()]
}

/** A scored vector as Inspector's API tells it. */
function scored(base: BaseScore | undefined): Scored | undefined {
  if (base === undefined) return undefined
  const { severity, score } = base
  return { baseScore: score.baseScore, scoringVector: severity.vector, version: score.version, source: severity.source }
}
type Scored = { readonly baseScore: number; readonly scoringVector: string; readonly version: string; readonly source: string }

function first<T>(records: readonly Record[], read: (record: Record) => T | undefined): T | undefined {
  for (const record of records) {
    const value = read(record)
    if (value !== undefined) return value
  }
  return undefined
}

const optional = <T>(key: string, value: T | undefined): { readonly [key: string]: T } => (value === undefined ? {} : { [key]: value })
const compareText = (left: string, right: string): number => (left < right ? -1 : left > right ? 1 : 0)
