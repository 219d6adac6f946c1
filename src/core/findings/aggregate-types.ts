import type { ResourceType } from '../../model/resource.ts'
import type { DateFilter, MapFilter, NumberFilter, StringFilter } from './criteria-types.ts'

/** Inspector's 15 aggregation types and the member of its unions that goes with each. */
export const aggregationMembers = {
  ACCOUNT: 'accountAggregation',
  AMI: 'amiAggregation',
  AWS_EC2_INSTANCE: 'ec2InstanceAggregation',
  AWS_ECR_CONTAINER: 'awsEcrContainerAggregation',
  AWS_LAMBDA_FUNCTION: 'lambdaFunctionAggregation',
  CODE_REPOSITORY: 'codeRepositoryAggregation',
  CONTAINER_IMAGE: 'containerImageAggregation',
  FINDING_TYPE: 'findingTypeAggregation',
  IMAGE_LAYER: 'imageLayerAggregation',
  LAMBDA_LAYER: 'lambdaLayerAggregation',
  PACKAGE: 'packageAggregation',
  REPOSITORY: 'repositoryAggregation',
  SERVERLESS_FUNCTION: 'serverlessFunctionAggregation',
  TITLE: 'titleAggregation',
  VM_INSTANCE: 'vmInstanceAggregation',
} as const
export type AggregationType = keyof typeof aggregationMembers
type AggregationMember = (typeof aggregationMembers)[AggregationType]

export type AggregationFilter = StringFilter | MapFilter | NumberFilter | DateFilter
/** One member's content: lists of filters under Inspector's names, an order, and single types. */
export type Aggregation = {
  readonly sortBy?: 'ALL' | 'CRITICAL' | 'HIGH' | 'NETWORK_FINDINGS' | 'AFFECTED_INSTANCES' | 'AFFECTED_IMAGES' | undefined
  readonly sortOrder?: 'ASC' | 'DESC' | undefined
  readonly resourceType?: string | undefined
  readonly findingType?: string | undefined
  readonly [filters: string]: readonly AggregationFilter[] | string | undefined
}
export type AggregationRequest = { readonly [Member in AggregationMember]?: Aggregation | undefined }

export type SeverityCounts = {
  readonly all: number
  readonly critical: number
  readonly high: number
  readonly medium: number
  readonly low: number
  readonly informational: number
  readonly untriaged: number
}
/** The row of one group, under Inspector's names for its type. */
export type AggregationRow = { readonly severityCounts: SeverityCounts; readonly [attribute: string]: unknown }
export type AggregationResponse = { readonly [Member in AggregationMember]?: AggregationRow }

/** Resource types a resource-shaped aggregation is about. */
export const aggregatedTypes: { readonly [Type in AggregationType]?: readonly ResourceType[] } = {
  AMI: ['AWS_EC2_INSTANCE'],
  AWS_EC2_INSTANCE: ['AWS_EC2_INSTANCE'],
  AWS_ECR_CONTAINER: ['AWS_ECR_CONTAINER_IMAGE'],
  AWS_LAMBDA_FUNCTION: ['AWS_LAMBDA_FUNCTION'],
  CONTAINER_IMAGE: ['AWS_ECR_CONTAINER_IMAGE', 'OPENINSPECTOR_CONTAINER_IMAGE'],
  IMAGE_LAYER: ['AWS_ECR_CONTAINER_IMAGE', 'OPENINSPECTOR_CONTAINER_IMAGE'],
  REPOSITORY: ['AWS_ECR_CONTAINER_IMAGE', 'OPENINSPECTOR_CONTAINER_IMAGE'],
  SERVERLESS_FUNCTION: ['AWS_LAMBDA_FUNCTION'],
  VM_INSTANCE: ['AWS_EC2_INSTANCE', 'OPENINSPECTOR_HOST'],
}
