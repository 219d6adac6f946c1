import { createHash } from 'node:crypto'
import type { Severity } from '../../model/advisory.ts'
import { type FixState, fixState, issueKind } from '../../model/finding.ts'
import { severityCode } from '../../store/codes.ts'
import { severityOf } from '../scoring/index.ts'

/** A component that has a weakness, as an inventory holds it. */
export type AffectedComponent = {
  readonly component_id: number
  readonly purl: string
  readonly type: string
  readonly name: string
  readonly version: string
  readonly arch: string | null
  readonly source_name: string | null
  readonly source_version: string | null
  readonly fixed_in: string | null
  readonly vendor_severity: string | null
}

/** What an issue needs to know of its vulnerability. */
export type IssueVulnerability = {
  readonly id: number
  readonly name: string
  readonly exploit: boolean
  readonly vendor_severity: string | null
  readonly facts: { readonly severities?: readonly Severity[]; readonly malicious?: boolean }
}

/** A row of `issue` before it has an id. */
export type Issue = {
  readonly origin_key: string
  readonly vulnerability_id: number
  readonly kind: number
  readonly title: string
  readonly package_names: readonly string[]
  readonly packages: readonly Readonly<Record<string, unknown>>[]
  readonly fix: number
  readonly exploit: boolean
  readonly score: number
  readonly severity: number
}

/** Names of packages in a title; the rest is counted. */
const titledPackages = 4

/**
 * One vulnerability in one set of packages: everything about a finding that does not depend on the resource. Fix state and
 * exploit are part of its identity, for counts are kept by them; the rest may change in place.
 */
export function decideIssue(vulnerability: IssueVulnerability, components: readonly AffectedComponent[]): Issue {
  const sorted = [...components].sort(
    (a, b) => compareText(a.name, b.name) || compareText(a.version, b.version) || a.component_id - b.component_id,
  )
  const fix = fixOf(sorted)
  const { score, severity } = gradeOf(vulnerability, sorted)
  const ids = sorted.map(({ component_id }) => component_id).sort((a, b) => a - b)
  const identity = [vulnerability.id, fix, vulnerability.exploit, ids]
  const names = [...new Set(sorted.map(({ name }) => name))]
  const sources = sorted.flatMap(({ source_name }) => source_name ?? [])
  return {
    origin_key: createHash('sha256').update(JSON.stringify(identity)).digest('hex'),
    vulnerability_id: vulnerability.id,
    kind: issueKind.PACKAGE_VULNERABILITY,
    title: titleOf(vulnerability.name, names),
    package_names: [...new Set([...names, ...sources])].sort(compareText),
    packages: sorted.map(packageOf),
    fix: fixState[fix],
    exploit: vulnerability.exploit,
    score,
    severity,
  }
}

function fixOf(components: readonly AffectedComponent[]): FixState {
  const fixed = components.filter(({ fixed_in }) => fixed_in !== null).length
  if (fixed === components.length) return 'YES'
  return fixed === 0 ? 'NO' : 'PARTIAL'
}

type Grade = { readonly score: number; readonly severity: number }

/**
 * Score in tenths (0: no vector could be scored) and severity: of several packages the worst, a package's own vendor
 * speaking before the record's.
 */
function gradeOf({ facts, vendor_severity }: IssueVulnerability, components: readonly AffectedComponent[]): Grade {
  const words = [...new Set(components.map((one) => one.vendor_severity))]
  const grades = words.map((word): Grade => {
    const { severity, base } = severityOf({
      severities: facts.severities ?? [],
      vendorSeverities: [word ?? undefined, vendor_severity ?? undefined],
      ...(facts.malicious === true && { malicious: true }),
    })
    return { score: Math.round((base?.score.baseScore ?? 0) * 10), severity: severityCode(severity) }
  })
  return grades.reduce((worst, one) => (one.severity > worst.severity ? one : worst))
}

function titleOf(name: string, packages: readonly string[]): string {
  const shown = packages.slice(0, titledPackages).join(', ')
  const rest = packages.length - titledPackages
  return rest > 0 ? `${name} - ${shown} and ${rest} more` : `${name} - ${shown}`
}

function packageOf(one: AffectedComponent): Readonly<Record<string, unknown>> {
  return {
    componentId: one.component_id,
    ...{ purl: one.purl, type: one.type, name: one.name, version: one.version },
    ...(one.arch !== null && { arch: one.arch }),
    ...(one.source_name !== null && { source: { name: one.source_name, version: one.source_version } }),
    ...(one.fixed_in !== null && { fixedIn: one.fixed_in }),
  }
}

const compareText = (left: string, right: string): number => (left < right ? -1 : left > right ? 1 : 0)
