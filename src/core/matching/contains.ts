import type { Range, RangeEvent } from '../../model/advisory.ts'
import type { VersionScheme } from '../../model/seams.ts'

type Order = Pick<VersionScheme, 'compare'>

/**
 * Does the range hold the version? As the OSV schema evaluates it (section "Evaluation"): events sorted by version, each
 * in turn opening (`introduced`) or closing (`fixed`, `last_affected`), the last one at or before the version deciding;
 * events of one version in the order the record gives them; `introduced: "0"` is before every version, even one the scheme
 * cannot read; any `limit` above the version lets it in, `*` always. undefined: a bound that cannot be ordered would change
 * the answer.
 */
export function contains(range: Range, version: string, scheme: Order): boolean | undefined {
  let inside = false
  let latest: string | undefined
  let doubtfulOpening = false
  let doubtfulClosing = false
  let limited = false
  let withinLimit: boolean | undefined = false
  for (const event of range.events) {
    if ('limit' in event) {
      limited = true
      const order = event.limit === '*' ? -1 : scheme.compare(version, event.limit)
      if (order === -1) withinLimit = true
      else if (order === undefined && withinLimit === false) withinLimit = undefined
      continue
    }
    const opens = 'introduced' in event
    const bound = boundOf(event)
    const reached = hasReached(event, version, scheme)
    const after = reached === true ? isAtOrAfter(bound, latest, scheme) : reached
    if (after === true) {
      inside = opens
      latest = bound
    } else if (after === undefined) {
      if (opens) doubtfulOpening = true
      else doubtfulClosing = true
    }
  }
  const held = inside ? (doubtfulClosing ? undefined : true) : doubtfulOpening ? undefined : false
  if (!limited || withinLimit === true || held === false) return held
  return withinLimit === false ? false : undefined
}

/**
 * The version that ends the interval which holds `version`: the lowest fixing version above it, unless a `last_affected`
 * comes first. undefined: nobody says where it ends. Meaningful only where `contains` says true.
 */
export function fixAfter(range: Range, version: string, scheme: Order): string | undefined {
  let end: { readonly bound: string; readonly fixes: boolean } | undefined
  for (const event of range.events) {
    if ('introduced' in event || 'limit' in event) continue
    const bound = boundOf(event)
    const order = scheme.compare(version, bound)
    const ahead = order === -1 || (order === 0 && 'last_affected' in event)
    if (ahead && (end === undefined || scheme.compare(bound, end.bound) === -1)) end = { bound, fixes: 'fixed' in event }
  }
  return end?.fixes === true ? end.bound : undefined
}

/** OSV's `introduced: "0"` comes before every version, `fixed: "0"` at version 0: the empty text, no version, marks the first. */
const BEGINNING = ''

function boundOf(event: Exclude<RangeEvent, { limit: string }>): string {
  if ('introduced' in event) return event.introduced === '0' ? BEGINNING : event.introduced
  return 'fixed' in event ? event.fixed : event.last_affected
}

/** Has the version come to where this event takes effect? */
function hasReached(event: Exclude<RangeEvent, { limit: string }>, version: string, scheme: Order): boolean | undefined {
  const bound = boundOf(event)
  if (bound === BEGINNING && 'introduced' in event) return true
  const order = scheme.compare(version, bound)
  if (order === undefined) return undefined
  return 'last_affected' in event ? order === 1 : order !== -1
}

/** Does this bound come at or after the latest that took effect? Nothing comes before the beginning. */
function isAtOrAfter(bound: string, latest: string | undefined, scheme: Order): boolean | undefined {
  if (latest === undefined || latest === BEGINNING || latest === bound) return true
  if (bound === BEGINNING) return false
  const order = scheme.compare(bound, latest)
  return order === undefined ? undefined : order !== -1
}
