import type { Advisory, Severity } from '../../model/advisory.ts'
import { AppError } from '../../model/errors.ts'
import { bandOf, type SeverityBand } from '../../model/finding.ts'
import { scoreVector, type CvssScore } from './cvss.ts'

/** The vector a weakness is scored by, and its scores. */
export type BaseScore = { readonly severity: Severity; readonly score: CvssScore }

/**
 * Whose vector counts, first first: vendors with scores of their own for their own packages, then NVD, then those who score
 * what NVD has not (Amazon Inspector user guide, "Base score"). Sources not named come last, by name.
 */
export const sourcePreference: readonly string[] = ['AMAZON', 'DEBIAN', 'REDHAT', 'UBUNTU', 'NVD', 'GITHUB']

/** CVSS 3 is what people compare by; 2 stands in for old vulnerabilities; 4 is kept, and scores only what has no other. */
const typePreference: readonly Severity['type'][] = ['CVSS_V3', 'CVSS_V2', 'CVSS_V4']

/**
 * The vector to score by: the preferred CVSS version, then the preferred source, then 3.1 before 3.0, then the higher score.
 * Vectors that cannot be scored are passed over. undefined: there is none. Does not depend on the order given.
 */
export function chooseBase(severities: readonly Severity[], preference: readonly string[] = sourcePreference): BaseScore | undefined {
  const sourceRank = ({ source }: Severity) => (preference.includes(source) ? preference.indexOf(source) : preference.length)
  return severities
    .flatMap((severity) => {
      const score = scoreOrNone(severity.vector)
      return score === undefined ? [] : [{ severity, score }]
    })
    .sort(
      (a, b) =>
        typePreference.indexOf(a.severity.type) - typePreference.indexOf(b.severity.type) ||
        sourceRank(a.severity) - sourceRank(b.severity) ||
        inText(a.severity.source, b.severity.source) ||
        inText(b.score.version, a.score.version) ||
        b.score.baseScore - a.score.baseScore ||
        inText(a.severity.vector, b.severity.vector),
    )[0]
}

/** How severe a weakness is before anything is known of the resource, and why. */
export type SeverityVerdict = {
  readonly severity: SeverityBand
  readonly from: 'vector' | 'vendor' | 'malicious' | 'nothing'
  /** Absent when no vector could be scored. */
  readonly base?: BaseScore
  /** The vendor's word that decided. */
  readonly word?: string
}

/**
 * Severity of a weakness from all that its advisories say: CRITICAL for a malicious package; else the band of the chosen
 * vector; else the first word of a vendor we know, in the order given (the package's own before the record's); else
 * UNTRIAGED, which says that nobody has scored it.
 */
export function severityOf(
  about: {
    readonly severities: readonly Severity[]
    readonly vendorSeverities?: readonly (string | undefined)[]
  } & Pick<Advisory, 'malicious'>,
  preference: readonly string[] = sourcePreference,
): SeverityVerdict {
  const base = chooseBase(about.severities, preference)
  if (about.malicious === true) return { severity: 'CRITICAL', from: 'malicious', ...(base && { base }) }
  if (base) return { severity: bandOf(base.score.baseScore), from: 'vector', base }
  for (const word of about.vendorSeverities ?? []) {
    const severity = word === undefined ? undefined : bandOfWord(word)
    if (severity) return { severity, from: 'vendor', ...(word !== undefined && { word }) }
  }
  return { severity: 'UNTRIAGED', from: 'nothing' }
}

/**
 * Words of Debian's urgency, Red Hat's and SUSE's impact, Ubuntu's priority, GitHub's severity. Debian's "not yet assigned",
 * "undetermined" and "end-of-life" say nothing of severity, and so are not here.
 */
const words: Readonly<Record<string, SeverityBand>> = {
  unimportant: 'INFORMATIONAL',
  negligible: 'INFORMATIONAL',
  informational: 'INFORMATIONAL',
  info: 'INFORMATIONAL',
  none: 'INFORMATIONAL',
  minor: 'LOW',
  low: 'LOW',
  medium: 'MEDIUM',
  moderate: 'MEDIUM',
  important: 'HIGH',
  high: 'HIGH',
  critical: 'CRITICAL',
}

/** Severity band a vendor's word stands for; undefined when it stands for none. */
export function bandOfWord(word: string): SeverityBand | undefined {
  // Debian marks an urgency taken over from NVD with two asterisks
  const bare = word.trim().toLowerCase().replace(/\*+$/, '')
  return Object.hasOwn(words, bare) ? words[bare] : undefined
}

function scoreOrNone(vector: string): CvssScore | undefined {
  try {
    return scoreVector(vector)
  } catch (thrown) {
    if (thrown instanceof AppError && thrown.code === 'invalid') return undefined
    throw thrown
  }
}

const inText = (left: string, right: string) => (left < right ? -1 : left > right ? 1 : 0)
