/**
 * The part of `/api/v1` the console uses. Kept by hand, apart from the server's code: the console knows only the public
 * API. Times are ISO 8601 in UTC. Checked end to end by test/browser.
 */
export const severities = ['CRITICAL', 'HIGH', 'MEDIUM', 'LOW', 'INFORMATIONAL', 'UNTRIAGED'] as const
export type Severity = (typeof severities)[number]
export const findingStatuses = ['ACTIVE', 'SUPPRESSED', 'CLOSED'] as const
export type FindingStatus = (typeof findingStatuses)[number]
export const fixStates = ['YES', 'PARTIAL', 'NO'] as const
export type FixState = (typeof fixStates)[number]
export const resourceTypes = [
  'OPENINSPECTOR_HOST',
  'OPENINSPECTOR_DIRECTORY',
  'OPENINSPECTOR_CONTAINER_IMAGE',
  'AWS_EC2_INSTANCE',
  'AWS_ECR_CONTAINER_IMAGE',
  'AWS_LAMBDA_FUNCTION',
  'CODE_REPOSITORY',
] as const
export type ResourceType = (typeof resourceTypes)[number]

/** full is the only state that may look good. */
export type KnowledgeState = 'full' | 'starter' | 'stale' | 'none'
export type FeedState = {
  readonly name: string
  readonly unit: string
  readonly ecosystem?: string
  readonly state: 'fresh' | 'stale' | 'failed' | 'never' | 'loading'
  readonly records: number
  readonly broken: number
  readonly checkedAt?: string
  readonly loadedAt?: string
  readonly publishedAt?: string
  readonly staleAfterHours: number
  readonly error?: string
  readonly errorAt?: string
}
export type Knowledge = { readonly state: KnowledgeState; readonly feeds: readonly FeedState[] }
export type KnowledgeBrief = { readonly state: KnowledgeState; readonly oldest?: string; readonly newest?: string }
/** `pending` counts changes and looks; `looks` those of them that are looks. */
export type Evaluating = { readonly pending: number; readonly looks: number }

export type Session = {
  readonly principal: { readonly name: string; readonly role: 'viewer' | 'operator' | 'admin'; readonly account: string }
  readonly homeRegion: string
  readonly product: { readonly name: string; readonly version: string }
  readonly store: 'embedded' | 'server'
  readonly knowledge: Knowledge
  readonly evaluating: Evaluating
}

export type SeverityCounts = {
  readonly all: number
  readonly critical: number
  readonly high: number
  readonly medium: number
  readonly low: number
  readonly informational: number
  readonly untriaged: number
}
export type Summary = {
  readonly severities: SeverityCounts
  readonly resourceTypes: readonly { readonly resourceType: ResourceType; readonly counts: SeverityCounts }[]
  readonly fixAvailable: number
  readonly exploitAvailable: number
  readonly coverage: readonly {
    readonly status: 'ACTIVE' | 'INACTIVE'
    readonly reason: string
    readonly count: number
    /** Of these, on systems past their end of life, or of which that is unknown. */
    readonly unsupported?: number
  }[]
  readonly topResources: readonly {
    readonly arn: string
    readonly resourceId: string
    readonly resourceType: ResourceType
    readonly counts: SeverityCounts
  }[]
  readonly knowledge: Knowledge
  readonly evaluating: Evaluating
}

export type VulnerablePackage = {
  readonly name: string
  readonly version: string
  /** Versions of operating system packages come in parts: `epoch:version-release`. */
  readonly epoch?: number
  readonly release?: string
  readonly arch?: string
  readonly packageManager?: string
  readonly filePath?: string
  readonly sourceLayerHash?: string
  readonly fixedInVersion?: string
  readonly remediation?: string
}
export type Cvss = { readonly baseScore: number; readonly scoringVector: string; readonly version: string; readonly source: string }
export type ScoreAdjustment = { readonly metric: string; readonly reason: string }
/** Amazon Inspector's Finding with times as text, and `id`: the last part of its ARN. */
export type Finding = {
  readonly id: string
  readonly findingArn: string
  readonly awsAccountId: string
  readonly type: 'PACKAGE_VULNERABILITY' | 'NETWORK_REACHABILITY' | 'CODE_VULNERABILITY'
  readonly title?: string
  readonly description: string
  readonly severity: Severity
  readonly status: FindingStatus
  readonly inspectorScore?: number
  readonly inspectorScoreDetails?: {
    readonly adjustedCvss?: {
      readonly score: number
      readonly scoreSource?: string
      readonly cvssSource?: string
      readonly version?: string
      readonly scoringVector?: string
      readonly adjustments?: readonly ScoreAdjustment[]
    }
  }
  readonly fixAvailable?: FixState
  readonly exploitAvailable?: 'YES' | 'NO'
  readonly exploitabilityDetails?: { readonly lastKnownExploitAt?: string }
  readonly epss?: { readonly score: number }
  readonly remediation: { readonly recommendation?: { readonly text?: string; readonly Url?: string } }
  readonly firstObservedAt: string
  readonly lastObservedAt: string
  readonly updatedAt?: string
  readonly resources: readonly {
    readonly id: string
    readonly type: ResourceType
    readonly region?: string
    readonly tags?: Readonly<Record<string, string>>
  }[]
  readonly packageVulnerabilityDetails?: {
    readonly vulnerabilityId: string
    readonly source: string
    readonly sourceUrl?: string
    readonly vendorSeverity?: string
    readonly vendorCreatedAt?: string
    readonly vendorUpdatedAt?: string
    readonly relatedVulnerabilities?: readonly string[]
    readonly referenceUrls?: readonly string[]
    readonly cvss?: readonly Cvss[]
    readonly vulnerablePackages?: readonly VulnerablePackage[]
  }
}
export type EvidenceMatch = {
  readonly component: string
  readonly version?: string
  readonly verdict: 'affected' | 'undecided'
  readonly advisory?: string
  readonly feed?: string
  readonly source?: string
  readonly range?: unknown
  readonly fixedIn?: string
  readonly because?: string
}
export type EvidenceLocation = { readonly component: string; readonly path: string; readonly layer?: string; readonly extractor: string }
export type FindingDetail = Finding & {
  readonly evidence: { readonly matches: readonly EvidenceMatch[]; readonly locations: readonly EvidenceLocation[] }
}
export type FindingEvent = {
  readonly at: string
  readonly change: 'OPENED' | 'REOPENED' | 'CLOSED' | 'SUPPRESSED' | 'RESTORED' | 'CHANGED' | 'MERGED'
  readonly status: string
  readonly severity: Severity
  readonly score?: number
  readonly fixAvailable?: FixState
}

/** One page of a list read by key. `total` is exact, and absent where counting would cost too much. */
export type Page<T> = { readonly items: readonly T[]; readonly after?: string; readonly total?: number }
export type JudgedPage<T> = Page<T> & { readonly knowledge: KnowledgeBrief; readonly evaluating: Evaluating }

/** Whether an operating system still gets security updates; only supported may look good. */
export type Support = { readonly state: 'supported' | 'ended' | 'unknown'; readonly until?: string }
export type CoverageItem = {
  readonly arn: string
  readonly resourceId: string
  readonly resourceType: ResourceType
  readonly accountId: string
  readonly region: string
  readonly status: 'ACTIVE' | 'INACTIVE'
  readonly reason: string
  /** The reason in words, and what clears it. */
  readonly why: string
  /** What it was judged by. */
  readonly knowledge: KnowledgeState
  readonly gaps: number
  readonly lastScannedAt?: string
  readonly target?: string
  readonly os?: string
  readonly support?: Support
  readonly counts?: SeverityCounts
}
export type CoverageStatistics = {
  readonly total: number
  readonly groups: readonly { readonly group: string; readonly count: number }[]
}
/** Suppression rule (SUPPRESS) or saved search (NONE). `hides` is absent where counting would cost too much. */
export type FilterItem = {
  readonly arn: string
  readonly name: string
  readonly action: 'NONE' | 'SUPPRESS'
  readonly criteria: Readonly<Record<string, unknown>>
  readonly sentence: string
  readonly region: string
  readonly hides?: number
  readonly description?: string
  readonly reason?: string
  readonly createdAt: string
  readonly updatedAt: string
}
export type FilterPreview = {
  readonly criteria: Readonly<Record<string, unknown>>
  readonly sentence: string
  readonly active?: number
  readonly suppressed?: number
}
export type Gap = { readonly path: string; readonly extractor: string; readonly reason: string }
export type ResourceDetail = CoverageItem & {
  readonly components: number
  readonly observations: readonly {
    readonly collector: string
    readonly collectedAt: string
    readonly components: number
    readonly gaps: readonly Gap[]
  }[]
}

export type Change =
  | { readonly is: 'hello'; readonly knowledge: KnowledgeBrief; readonly evaluating: Evaluating }
  | { readonly is: 'findings'; readonly count: number; readonly arns: readonly string[] }
  | { readonly is: 'coverage'; readonly arns: readonly string[] }
  | ({ readonly is: 'evaluating' } & Evaluating)
  | { readonly is: 'feeds'; readonly knowledge: KnowledgeBrief }
  | { readonly is: 'lost' }
