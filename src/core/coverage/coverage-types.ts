import type { DateFilter, MapFilter, NumberFilter, SeverityCounts } from '../findings/index.ts'
import type { OperatingSystem } from '../../model/component.ts'
import type { ResourceType } from '../../model/resource.ts'

export type CoverageStringFilter = { readonly comparison: 'EQUALS' | 'NOT_EQUALS'; readonly value: string }
export type CoverageKinds = { string: CoverageStringFilter; map: MapFilter; date: DateFilter; number: NumberFilter }

/** Inspector's 32 coverage criteria by the kind of their entries. */
export const coverageCriterionKinds = {
  scanStatusCode: 'string',
  scanStatusReason: 'string',
  accountId: 'string',
  resourceId: 'string',
  resourceType: 'string',
  scanType: 'string',
  ecrRepositoryName: 'string',
  ecrImageTags: 'string',
  ec2InstanceTags: 'map',
  lambdaFunctionName: 'string',
  lambdaFunctionTags: 'map',
  lambdaFunctionRuntime: 'string',
  lastScannedAt: 'date',
  scanMode: 'string',
  imagePulledAt: 'date',
  ecrImageLastInUseAt: 'date',
  ecrImageInUseCount: 'number',
  codeRepositoryProjectName: 'string',
  codeRepositoryProviderType: 'string',
  codeRepositoryProviderTypeVisibility: 'string',
  lastScannedCommitId: 'string',
  cloudProvider: 'string',
  cloudProviderAccountId: 'string',
  cloudProviderRegion: 'string',
  cloudVmInstanceTags: 'map',
  cloudContainerImageTags: 'string',
  cloudContainerRepositoryName: 'string',
  cloudContainerRegistryName: 'string',
  cloudServerlessFunctionName: 'string',
  cloudServerlessFunctionRuntime: 'string',
  cloudServerlessFunctionTags: 'map',
  cloudProviderOrgId: 'string',
} as const satisfies Record<string, keyof CoverageKinds>
export type CoverageCriterion = keyof typeof coverageCriterionKinds
/** Criteria are and-ed; inside one list EQUALS and ranges are or-ed, NOT_EQUALS are and-ed. */
export type CoverageFilterCriteria = {
  readonly [C in CoverageCriterion]?: readonly CoverageKinds[(typeof coverageCriterionKinds)[C]][] | undefined
}

/** How much the advisories say that a resource was judged by; only `full` may ever look good. */
export type KnowledgeState = 'full' | 'starter' | 'stale' | 'none'

/** One resource and what stands between it and a trustworthy answer. Inspector's CoveredResource, and more. */
export type CoveredResource = {
  readonly arn: string
  readonly resourceId: string
  readonly resourceType: ResourceType
  /** Twelve digits. */
  readonly accountId: string
  readonly region: string
  readonly scanType: 'PACKAGE'
  readonly scanStatus: { readonly statusCode: 'ACTIVE' | 'INACTIVE'; readonly reason: string }
  readonly reasonDetail?: string
  /** The status in words, with what clears it. */
  readonly why: string
  readonly lastScannedAt?: Date
  readonly lastObservedAt?: Date
  readonly target?: string
  /** The operating system that was found on it. */
  readonly os?: OperatingSystem
  readonly tags: Readonly<Record<string, string>>
  /** Inspector's ResourceScanMetadata. */
  readonly resourceMetadata: Readonly<Record<string, Readonly<Record<string, unknown>>>>
  readonly provider?: 'AWS'
  readonly providerAccountId?: string
  readonly providerRegion?: string
  readonly providerPartition?: string
  /** What collectors saw but could not read: while there are any, nothing found there is not nothing there. */
  readonly gaps: number
  readonly collectors: readonly string[]
  readonly knowledge: KnowledgeState
  readonly severityCounts: SeverityCounts
}
