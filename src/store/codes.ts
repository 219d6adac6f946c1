import { resourceTypes, type ResourceType } from '../model/resource.ts'
import { severities, type SeverityBand } from '../model/finding.ts'

/** Number of a resource type as stored; its place in the list of the model, which only grows at its end. */
export const resourceTypeCode = (type: ResourceType): number => resourceTypes.indexOf(type) + 1
/** The type behind a stored number. */
export const resourceTypeOf = (code: number): ResourceType => {
  const type = resourceTypes[code - 1]
  if (type === undefined) throw new RangeError(`no resource type has the number ${code}`)
  return type
}

/** Number of a severity as stored: 0 UNTRIAGED to 5 CRITICAL, so that a sort by number is a sort by weight. */
export const severityCode = (band: SeverityBand): number => severities.indexOf(band)
/** A stored score in tenths, where there is one: 0 is stored where no vector could be scored, and is a score only of what is harmless. */
export const scoreInTenths = ({ severity, score }: { readonly severity: number; readonly score: number }): number | undefined =>
  score === 0 && severity !== severityCode('INFORMATIONAL') ? undefined : score

/** The severity behind a stored number. */
export const severityOfCode = (code: number): SeverityBand => {
  const band = severities[code]
  if (band === undefined) throw new RangeError(`no severity has the number ${code}`)
  return band
}

/** Numbers of `resource.status`. */
export const coverageStatus = { ACTIVE: 1, INACTIVE: 2 } as const

/** Numbers of `match.verdict`. */
export const verdictCode = { affected: 1, undecided: 2 } as const

/** Numbers of `finding_event.change`. */
export const changeCode = { OPENED: 1, REOPENED: 2, CLOSED: 3, SUPPRESSED: 4, RESTORED: 5, CHANGED: 6, MERGED: 7 } as const
