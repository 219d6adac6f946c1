/** Inspector's FilterCriteria (API version 2020-06-08) in our own words: the same member names, times as Date. */
export type StringFilter = { readonly comparison: 'EQUALS' | 'PREFIX' | 'NOT_EQUALS'; readonly value: string }
/** Both ends inclusive; an absent end is open. */
export type NumberFilter = { readonly lowerInclusive?: number | undefined; readonly upperInclusive?: number | undefined }
/** Both ends inclusive; an absent end is open. */
export type DateFilter = { readonly startInclusive?: Date | undefined; readonly endInclusive?: Date | undefined }
export type PortRangeFilter = { readonly beginInclusive?: number | undefined; readonly endInclusive?: number | undefined }
/** Without a value the key alone matches. */
export type MapFilter = { readonly comparison: 'EQUALS'; readonly key: string; readonly value?: string | undefined }
/** All members given must hold for one and the same package. */
export type PackageFilter = {
  readonly name?: StringFilter | undefined
  readonly version?: StringFilter | undefined
  readonly epoch?: NumberFilter | undefined
  readonly release?: StringFilter | undefined
  readonly architecture?: StringFilter | undefined
  readonly filePath?: StringFilter | undefined
  readonly sourceLayerHash?: StringFilter | undefined
  readonly sourceLambdaLayerArn?: StringFilter | undefined
}

/** What the entries of a criterion's list are. */
export type FilterKinds = {
  string: StringFilter
  number: NumberFilter
  date: DateFilter
  map: MapFilter
  port: PortRangeFilter
  package: PackageFilter
}
export type FilterKind = keyof FilterKinds

/** Every criterion by the kind of its entries: Inspector's 65, and `text`, which is ours: a prefix of a title or of a package's name. */
export const criterionKinds = {
  findingArn: 'string',
  awsAccountId: 'string',
  findingType: 'string',
  severity: 'string',
  firstObservedAt: 'date',
  lastObservedAt: 'date',
  updatedAt: 'date',
  findingStatus: 'string',
  title: 'string',
  inspectorScore: 'number',
  resourceType: 'string',
  resourceId: 'string',
  resourceTags: 'map',
  ec2InstanceImageId: 'string',
  ec2InstanceVpcId: 'string',
  ec2InstanceSubnetId: 'string',
  ecrImagePushedAt: 'date',
  ecrImageArchitecture: 'string',
  ecrImageRegistry: 'string',
  ecrImageRepositoryName: 'string',
  ecrImageTags: 'string',
  ecrImageHash: 'string',
  ecrImageLastInUseAt: 'date',
  ecrImageInUseCount: 'number',
  portRange: 'port',
  networkProtocol: 'string',
  componentId: 'string',
  componentType: 'string',
  vulnerabilityId: 'string',
  vulnerabilitySource: 'string',
  vendorSeverity: 'string',
  vulnerablePackages: 'package',
  relatedVulnerabilities: 'string',
  fixAvailable: 'string',
  lambdaFunctionName: 'string',
  lambdaFunctionLayers: 'string',
  lambdaFunctionRuntime: 'string',
  lambdaFunctionLastModifiedAt: 'date',
  lambdaFunctionExecutionRoleArn: 'string',
  exploitAvailable: 'string',
  codeVulnerabilityDetectorName: 'string',
  codeVulnerabilityDetectorTags: 'string',
  codeVulnerabilityFilePath: 'string',
  epssScore: 'number',
  codeRepositoryProjectName: 'string',
  codeRepositoryProviderType: 'string',
  cloudProvider: 'string',
  cloudProviderRegion: 'string',
  cloudProviderAccountId: 'string',
  cloudProviderOrgId: 'string',
  cloudVmImageReference: 'string',
  cloudVmNetworkId: 'string',
  cloudVmSubnetIds: 'string',
  cloudImageRepositoryName: 'string',
  cloudImageRegistry: 'string',
  cloudImageDigest: 'string',
  cloudImageTags: 'string',
  cloudImagePushedAt: 'date',
  cloudImageArchitecture: 'string',
  cloudImageLastInUseAt: 'date',
  cloudImageInUseCount: 'number',
  cloudServerlessFunctionName: 'string',
  cloudServerlessFunctionRuntime: 'string',
  cloudServerlessFunctionLastModifiedAt: 'date',
  cloudServerlessFunctionExecutionRole: 'string',
  text: 'string',
} as const satisfies Record<string, FilterKind>

export type Criterion = keyof typeof criterionKinds
/** Criteria are and-ed. Inside one list EQUALS, PREFIX and ranges are or-ed, NOT_EQUALS are and-ed. */
export type FilterCriteria = { readonly [C in Criterion]?: readonly FilterKinds[(typeof criterionKinds)[C]][] | undefined }
