/** Severity of a finding: band of a score; UNTRIAGED is no band but the absence of a score. */
export const severities = ['UNTRIAGED', 'INFORMATIONAL', 'LOW', 'MEDIUM', 'HIGH', 'CRITICAL'] as const
export type SeverityBand = (typeof severities)[number]

/** Numbers as stored in `finding.status`. MERGED is never shown: its vulnerability became another one. */
export const findingStatus = { ACTIVE: 1, SUPPRESSED: 2, CLOSED: 3, MERGED: 4 } as const
export type FindingStatus = keyof typeof findingStatus

/** Numbers as stored in `issue.fix`. */
export const fixState = { NO: 0, PARTIAL: 1, YES: 2 } as const
export type FixState = keyof typeof fixState

/** Numbers as stored in `issue.kind`. */
export const issueKind = { PACKAGE_VULNERABILITY: 1, NETWORK_REACHABILITY: 2, CODE_VULNERABILITY: 3 } as const
export type IssueKind = keyof typeof issueKind

/**
 * Band of a score from 0 to 10 (Amazon Inspector user guide, severity levels): 0 informational, below 4 low,
 * below 7 medium, below 9 high, else critical.
 */
export function bandOf(score: number): SeverityBand {
  if (score <= 0) return 'INFORMATIONAL'
  if (score < 4) return 'LOW'
  if (score < 7) return 'MEDIUM'
  return score < 9 ? 'HIGH' : 'CRITICAL'
}
