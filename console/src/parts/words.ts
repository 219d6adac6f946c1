import type { Evaluating, FindingStatus, FixState, ResourceType, Severity } from '../api/types.ts'

/** The words of the product for the API's names, in one place. */
export const severityWords = {
  CRITICAL: 'Critical',
  HIGH: 'High',
  MEDIUM: 'Medium',
  LOW: 'Low',
  INFORMATIONAL: 'Informational',
  UNTRIAGED: 'Untriaged',
} satisfies Record<Severity, string>

export const findingStatusWords = { ACTIVE: 'Active', SUPPRESSED: 'Suppressed', CLOSED: 'Closed' } satisfies Record<FindingStatus, string>

export const fixWords = { YES: 'Available', PARTIAL: 'Partial', NO: 'None yet' } satisfies Record<FixState, string>

export const resourceTypeWords = {
  OPENINSPECTOR_HOST: 'Host',
  OPENINSPECTOR_DIRECTORY: 'Directory',
  OPENINSPECTOR_CONTAINER_IMAGE: 'Container image',
  AWS_EC2_INSTANCE: 'EC2 instance',
  AWS_ECR_CONTAINER_IMAGE: 'ECR container image',
  AWS_LAMBDA_FUNCTION: 'Lambda function',
  CODE_REPOSITORY: 'Code repository',
} satisfies Record<ResourceType, string>

const number = new Intl.NumberFormat()
export const countWords = (count: number): string => number.format(count)
/** `1 resource`, `2 resources`. */
export const counted = (count: number, one: string, many = `${one}s`): string => `${countWords(count)} ${count === 1 ? one : many}`

/** EPSS as people quote it: `94.3 %`. */
export const percent = (share: number): string => `${(share * 100).toFixed(share < 0.001 ? 2 : 1)} %`
export const scoreWords = (score: number | undefined): string => (score === undefined ? 'Unscored' : score.toFixed(1))

/** What has yet to reach the answer: `3 changes, 1 look`. */
export const leftWords = ({ pending, looks }: Evaluating): string =>
  [...(pending > looks ? [counted(pending - looks, 'change')] : []), ...(looks > 0 ? [counted(looks, 'look')] : [])].join(', ')
