/** One bound of a range, in OSV's words (OSV schema 1.6, section affected[].ranges[].events). */
export type RangeEvent =
  | { readonly introduced: string }
  | { readonly fixed: string }
  | { readonly last_affected: string }
  | { readonly limit: string }

/** Versions an advisory calls vulnerable. Events in the order the record gives them. */
export type Range = { readonly type: 'ECOSYSTEM' | 'SEMVER'; readonly events: readonly RangeEvent[] }

/** What an advisory says of one package. */
export type Affected = {
  /** OSV ecosystem with its release: `Debian:12`, `npm`. */
  readonly ecosystem: string
  readonly name: string
  readonly ranges: readonly Range[]
  /** Single versions, beside the ranges. */
  readonly versions: readonly string[]
  /** The vendor's own word for this package: Debian's urgency, Red Hat's impact ... */
  readonly vendorSeverity?: string
}

/** A CVSS vector as its source published it. Scores are computed from it, never believed. */
export type Severity = {
  readonly type: 'CVSS_V2' | 'CVSS_V3' | 'CVSS_V4'
  readonly vector: string
  /** Who scored: `NVD`, `GITHUB`, `DEBIAN` ... */
  readonly source: string
}

/** A publisher's record saying which versions are affected and fixed. OSV's schema in our words: every feed is translated into it. */
export type Advisory = {
  readonly is: 'advisory'
  /** The publisher's id: `CVE-2024-3094`, `GHSA-...`, `DSA-...`. Unique within its feed. */
  readonly id: string
  /** Who publishes: `DEBIAN`, `GITHUB`, `NVD`, `OPENSSF` ... */
  readonly source: string
  readonly url?: string
  /** Other ids of the same weakness. */
  readonly aliases: readonly string[]
  /** Ids of the weaknesses a bundle (DSA, RHSA ...) speaks for. Empty for a record of one weakness. */
  readonly bundles: readonly string[]
  readonly published?: string
  readonly modified?: string
  readonly withdrawn?: string
  readonly summary?: string
  readonly details?: string
  readonly severities: readonly Severity[]
  /** The publisher's word for the whole record: GitHub's `MODERATE` ... */
  readonly vendorSeverity?: string
  readonly references: readonly string[]
  readonly cwes: readonly string[]
  /** The package itself is hostile (OpenSSF MAL-*): not a weakness of honest code. */
  readonly malicious?: boolean
  readonly affected: readonly Affected[]
}

/** A catalogue says that attackers use this vulnerability (CISA KEV). Dates are ISO days. */
export type Exploit = {
  readonly is: 'exploit'
  readonly vulnerability: string
  readonly source: string
  readonly addedAt?: string
  readonly dueAt?: string
  readonly action?: string
  readonly title?: string
  readonly ransomware?: boolean
}

/** Probability of exploitation within 30 days (EPSS), 0 to 1, as of a day. */
export type Probability = {
  readonly is: 'probability'
  readonly vulnerability: string
  readonly score: number
  readonly percentile: number
}

/** A record of a feed that could not be understood: counted and shown, never fatal. */
export type BrokenRecord = { readonly is: 'broken'; readonly record: string; readonly reason: string }

/** All that feeds may teach us. */
export type Knowledge = Advisory | Exploit | Probability | BrokenRecord

/** Is a component inside what an advisory calls affected? Doubt is an answer of its own. */
export type Verdict =
  | { readonly is: 'affected'; readonly why: Proof; readonly fixedIn?: string }
  | { readonly is: 'unaffected' }
  | { readonly is: 'undecided'; readonly because: string }

/** The range (or the listed version) that holds the component's version. */
export type Proof = { readonly range: Range } | { readonly version: string }
