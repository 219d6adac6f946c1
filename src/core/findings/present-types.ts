import type { FindingStatus, FixState, IssueKind, SeverityBand } from '../../model/finding.ts'
import type { ResourceType } from '../../model/resource.ts'

/** Inspector's Finding (API version 2020-06-08) with times as Date; `id` and a resource's `arn` are ours. Absent means unknown. */
export type Finding = {
  /** 32 hex digits: the last part of the ARN. */
  readonly id: string
  readonly findingArn: string
  /** Twelve digits. */
  readonly awsAccountId: string
  readonly type: IssueKind
  readonly title: string
  /** At most 1,024 characters. */
  readonly description: string
  readonly severity: SeverityBand
  readonly status: Exclude<FindingStatus, 'MERGED'>
  readonly firstObservedAt: Date
  readonly lastObservedAt: Date
  readonly updatedAt: Date
  readonly remediation: { readonly recommendation: { readonly text: string; readonly Url?: string } }
  readonly resources: readonly FindingResource[]
  /** 0 to 10 with one decimal; absent while untriaged. */
  readonly inspectorScore?: number
  readonly inspectorScoreDetails?: { readonly adjustedCvss: AdjustedCvss }
  readonly fixAvailable?: FixState
  readonly exploitAvailable?: 'YES' | 'NO'
  readonly exploitabilityDetails?: { readonly lastKnownExploitAt: Date }
  /** Probability from 0 to 1. */
  readonly epss?: { readonly score: number }
  readonly packageVulnerabilityDetails?: PackageVulnerabilityDetails
}

export type Cvss = { readonly baseScore: number; readonly scoringVector: string; readonly version: string; readonly source: string }
export type AdjustedCvss = {
  readonly score: number
  readonly scoringVector: string
  readonly version: string
  readonly scoreSource: string
  readonly cvssSource: string
  readonly adjustments: readonly { readonly metric: string; readonly reason: string }[]
}

export type PackageVulnerabilityDetails = {
  readonly vulnerabilityId: string
  readonly source: string
  readonly sourceUrl?: string
  readonly vendorSeverity?: string
  readonly vendorCreatedAt?: Date
  readonly vendorUpdatedAt?: Date
  readonly cvss: readonly Cvss[]
  readonly relatedVulnerabilities: readonly string[]
  readonly referenceUrls: readonly string[]
  /** One entry for each place of each package; a package whose place is no longer known has one without. */
  readonly vulnerablePackages: readonly VulnerablePackage[]
}

export type VulnerablePackage = {
  readonly name: string
  readonly version: string
  readonly epoch?: number
  readonly release?: string
  readonly arch?: string
  readonly packageManager?: string
  readonly filePath?: string
  /** As the advisory writes it, so that a package manager understands it. */
  readonly fixedInVersion?: string
  /** A command for people to read and copy. */
  readonly remediation?: string
  readonly sourceLayerHash?: string
}

export type FindingResource = {
  readonly type: ResourceType
  /** What people call it: `resource.resource_id`. */
  readonly id: string
  /** ARN, or URN outside AWS. */
  readonly arn: string
  readonly partition: string
  readonly region: string
  readonly tags: Readonly<Record<string, string>>
  readonly provider?: 'AWS'
  readonly providerAccountId?: string
  readonly details: ResourceDetails
}

/** Blocks by the kind of resource; the provider-neutral one stands beside Amazon's. */
export type ResourceDetails = {
  readonly awsEc2Instance?: Readonly<Record<string, unknown>>
  readonly awsEcrContainerImage?: Readonly<Record<string, unknown>>
  readonly awsLambdaFunction?: Readonly<Record<string, unknown>>
  readonly vm?: Readonly<Record<string, unknown>>
  readonly image?: Readonly<Record<string, unknown>>
  readonly serverlessFunction?: Readonly<Record<string, unknown>>
}
