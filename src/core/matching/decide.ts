import type { Affected, Range, Verdict } from '../../model/advisory.ts'
import type { AdvisoryKey, VersionScheme } from '../../model/seams.ts'
import { contains, fixAfter } from './contains.ts'

/** Characters of a range shown in a reason: records may hold thousands of events. */
const LONGEST_REASON = 500

/**
 * Is the version inside what the advisory calls affected? In a range, or one of the listed versions: the same text, or,
 * where no range could decide, equal in the scheme's order (hundreds may be listed, and ranges decide all but a few). The
 * first range that holds it is the proof. `fixedIn` is the lowest version above it that
 * no range of this entry holds; it is absent when any range holding the version, or holding such a fix, names no fix.
 */
export function decide(key: Pick<AdvisoryKey, 'version'>, affected: Affected, scheme: Pick<VersionScheme, 'compare'>): Verdict {
  let doubtful: Range | undefined
  for (const range of affected.ranges) {
    const inside = contains(range, key.version, scheme)
    if (inside === true) {
      const fixedIn = fixOf(affected.ranges, key.version, scheme)
      return { is: 'affected', why: { range }, ...(fixedIn !== undefined && { fixedIn }) }
    }
    if (inside === undefined) doubtful ??= range
  }
  const listed = listedAs(key.version, affected, doubtful !== undefined, scheme)
  if (listed !== undefined) return { is: 'affected', why: { version: listed } }
  if (doubtful === undefined) return { is: 'unaffected' }
  return { is: 'undecided', because: `cannot order ${key.version} against ${JSON.stringify(doubtful.events).slice(0, LONGEST_REASON)}` }
}

function listedAs(
  version: string,
  { versions, ranges }: Affected,
  doubt: boolean,
  scheme: Pick<VersionScheme, 'compare'>,
): string | undefined {
  if (versions.includes(version)) return version
  if (ranges.length > 0 && !doubt) return undefined
  return versions.find((listed) => scheme.compare(listed, version) === 0)
}

/** Follows fixes that lie inside another range until one lies in none. Each step goes up, so each range is left once. */
function fixOf(ranges: readonly Range[], version: string, scheme: Pick<VersionScheme, 'compare'>): string | undefined {
  let at = version
  for (let step = 0; step <= ranges.length; step++) {
    const holding = ranges.filter((range) => contains(range, at, scheme) === true)
    if (holding.length === 0) return at
    const fixes = holding.map((range) => fixAfter(range, at, scheme))
    const next = fixes.reduce((newest, fix) => (newest === undefined || fix === undefined ? undefined : newer(newest, fix, scheme)))
    if (next === undefined) return undefined
    at = next
  }
  return undefined
}

export function newer(left: string, right: string, scheme: Pick<VersionScheme, 'compare'>): string {
  return scheme.compare(left, right) === -1 ? right : left
}
