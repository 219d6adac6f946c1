import StatusIndicator, { type StatusIndicatorProps } from '@cloudscape-design/components/status-indicator'
import type { KnowledgeState } from '../api/types.ts'

type Words = { readonly type: StatusIndicatorProps.Type; readonly text: string; readonly clears?: string }

/** Inspector's reasons in words, each with what clears it. Only a scan that succeeded is ever green. */
const reasons: Readonly<Record<string, Words>> = {
  SUCCESSFUL: { type: 'success', text: 'Scanned' },
  PENDING_INITIAL_SCAN: { type: 'pending', text: 'Waiting for its first scan', clears: 'The scan clears it; nothing to do.' },
  SCAN_IN_PROGRESS: { type: 'in-progress', text: 'Scan in progress', clears: 'The end of the scan clears it; nothing to do.' },
  PENDING_REVIVAL_SCAN: { type: 'pending', text: 'Came back, waiting for a scan', clears: 'The scan clears it; nothing to do.' },
  PENDING_DISABLE: { type: 'stopped', text: 'Scanning is being switched off', clears: 'Switch the scan type on again.' },
  ACCESS_DENIED: { type: 'error', text: 'Access denied', clears: 'Let the server read this resource, then scan it again.' },
  INTERNAL_ERROR: { type: 'error', text: 'Scan failed', clears: 'It is tried again by itself; the detail names the cause.' },
  NO_INVENTORY: {
    type: 'warning',
    text: 'No inventory',
    clears: 'No collector has sent anything yet: check that one reaches this resource.',
  },
  STALE_INVENTORY: { type: 'warning', text: 'Inventory is stale', clears: 'Collect it again; what was found stays until then.' },
  UNSUPPORTED_OS: { type: 'warning', text: 'Operating system not supported', clears: 'Nothing yet: its packages stay unknown, not safe.' },
  UNSUPPORTED_RUNTIME: { type: 'warning', text: 'Runtime not supported', clears: 'Nothing yet: its packages stay unknown, not safe.' },
  UNSUPPORTED_LANGUAGE: { type: 'warning', text: 'Language not supported', clears: 'Nothing yet: its packages stay unknown, not safe.' },
  UNSUPPORTED_MEDIA_TYPE: {
    type: 'warning',
    text: 'Image format not supported',
    clears: 'Save the image as a docker archive or an OCI layout.',
  },
  IMAGE_SIZE_EXCEEDED: { type: 'warning', text: 'Image too large', clears: 'Use a smaller image, or raise the limit.' },
  SCAN_ELIGIBILITY_EXPIRED: {
    type: 'stopped',
    text: 'Outside the scan window',
    clears: 'Use the resource again, or make the window longer.',
  },
  EXCLUDED_BY_TAG: { type: 'stopped', text: 'Excluded by tag', clears: 'Remove the exclusion tag.' },
  RESOURCE_STOPPED: { type: 'stopped', text: 'Resource is stopped', clears: 'Start it. Findings stay until then.' },
  EC2_INSTANCE_STOPPED: { type: 'stopped', text: 'Instance is stopped', clears: 'Start it. Findings stay until then.' },
  RESOURCE_TERMINATED: { type: 'stopped', text: 'Resource is gone', clears: 'Its row is removed by itself.' },
  RESOURCE_UNMANAGED: { type: 'warning', text: 'No agent on it', clears: 'Install the agent, or collect another way.' },
  UNMANAGED_EC2_INSTANCE: { type: 'warning', text: 'Not managed by SSM', clears: 'Let SSM manage the instance.' },
}

/** How a resource is covered. A reason this console does not know yet is shown as it came, never as green. */
export function coverageWords(status: 'ACTIVE' | 'INACTIVE', reason: string, knowledge: KnowledgeState | undefined, gaps = 0): Words {
  const words = reasons[reason] ?? { type: 'warning' as const, text: sentence(reason) }
  if (reason !== 'SUCCESSFUL') return words
  if (status === 'INACTIVE') return { type: 'stopped', text: 'Scanned before, no longer', clears: 'Watch it again.' }
  if (knowledge !== 'full')
    return { type: 'warning', text: 'Scanned, knowledge incomplete', clears: 'Load the feeds: what they would say is unknown.' }
  if (gaps > 0) return { type: 'warning', text: 'Scanned with gaps', clears: 'Open the gaps: what lies in these files is unknown.' }
  return words
}

export function CoverageStatus({ words }: { readonly words: Words }) {
  return <StatusIndicator type={words.type}>{words.text}</StatusIndicator>
}

const sentence = (code: string): string => code.charAt(0) + code.slice(1).toLowerCase().replaceAll('_', ' ')
