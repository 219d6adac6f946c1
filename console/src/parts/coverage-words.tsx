import StatusIndicator, { type StatusIndicatorProps } from '@cloudscape-design/components/status-indicator'
import type { KnowledgeState, Support } from '../api/types.ts'
import { countWords } from './words.ts'

type Words = {
  readonly type: StatusIndicatorProps.Type
  readonly text: string
  /** What the API's reason does not say: why a scan that succeeded is still not the whole truth. */
  readonly doubt?: string
}

/** Inspector's reasons in a few words; the API says more in `why`. Only a scan that succeeded is ever green. */
const reasons = {
  SUCCESSFUL: { type: 'success', text: 'Scanned' },
  PENDING_INITIAL_SCAN: { type: 'pending', text: 'Waiting for its first scan' },
  SCAN_IN_PROGRESS: { type: 'in-progress', text: 'Scan in progress' },
  PENDING_REVIVAL_SCAN: { type: 'pending', text: 'Came back, waiting for a scan' },
  PENDING_DISABLE: { type: 'stopped', text: 'Switched off' },
  ACCESS_DENIED: { type: 'error', text: 'Access denied' },
  INTERNAL_ERROR: { type: 'error', text: 'Scan failed' },
  NO_INVENTORY: { type: 'warning', text: 'No inventory' },
  STALE_INVENTORY: { type: 'warning', text: 'Inventory is stale' },
  INTEGRATION_CONNECTION_LOST: { type: 'warning', text: 'Disconnected' },
  UNSUPPORTED_OS: { type: 'warning', text: 'Unsupported operating system' },
  UNSUPPORTED_RUNTIME: { type: 'warning', text: 'Unsupported runtime' },
  UNSUPPORTED_LANGUAGE: { type: 'warning', text: 'Unsupported language' },
  UNSUPPORTED_MEDIA_TYPE: { type: 'warning', text: 'Unsupported kind of image' },
  SCAN_ELIGIBILITY_EXPIRED: { type: 'stopped', text: 'Outside the scan window' },
  EXCLUDED_BY_TAG: { type: 'stopped', text: 'Excluded by tag' },
  RESOURCE_STOPPED: { type: 'stopped', text: 'Resource is stopped' },
  EC2_INSTANCE_STOPPED: { type: 'stopped', text: 'Instance is stopped' },
  RESOURCE_TERMINATED: { type: 'stopped', text: 'Resource is gone' },
  RESOURCE_UNMANAGED: { type: 'warning', text: 'No agent' },
  UNMANAGED_EC2_INSTANCE: { type: 'warning', text: 'No agent' },
} satisfies Record<string, Words>
const wordsOf = (reason: string): Words | undefined =>
  Object.hasOwn(reasons, reason) ? reasons[reason as keyof typeof reasons] : undefined

/** How resources are covered. A reason this console does not know yet is shown as it came, never as green. */
export function coverageWords(about: {
  readonly status: 'ACTIVE' | 'INACTIVE'
  readonly reason: string
  readonly knowledge: KnowledgeState
  readonly gaps?: number
  readonly support?: Support | undefined
  /** Of several: how many are on systems past their end of life, or of which that is unknown. */
  readonly unsupported?: number | undefined
}): Words {
  const { status, reason, knowledge, gaps = 0, support, unsupported = 0 } = about
  if (reason !== 'SUCCESSFUL') return wordsOf(reason) ?? { type: 'warning', text: reasonWords(reason) }
  if (status === 'INACTIVE') return { type: 'stopped', text: 'Scanned before, no longer' }
  if (knowledge !== 'full') {
    return {
      type: 'warning',
      text: 'Scanned, knowledge incomplete',
      doubt: 'What the missing feeds would say is unknown. Loading them clears this.',
    }
  }
  if (gaps > 0) return { type: 'warning', text: 'Scanned with gaps', doubt: 'What lies in the files behind the gaps is unknown.' }
  // The API says in `why` which system it is.
  if (support?.state === 'ended') return { type: 'warning', text: 'Scanned, system past its end of life' }
  if (support?.state === 'unknown') return { type: 'warning', text: 'Scanned, end of life unknown' }
  if (unsupported > 0) return { type: 'warning', text: `Scanned, ${countWords(unsupported)} without known security updates` }
  return reasons.SUCCESSFUL
}

export function CoverageStatus({ words }: { readonly words: Words }) {
  return <StatusIndicator type={words.type}>{words.text}</StatusIndicator>
}

export const reasonWords = (reason: string): string =>
  wordsOf(reason)?.text ?? reason.charAt(0) + reason.slice(1).toLowerCase().replaceAll('_', ' ')
