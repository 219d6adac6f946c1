import StatusIndicator, { type StatusIndicatorProps } from '@cloudscape-design/components/status-indicator'
import type { FeedState } from '../api/types.ts'

const states = {
  fresh: { type: 'success', text: 'Fresh' },
  stale: { type: 'warning', text: 'Stale' },
  failed: { type: 'error', text: 'Last load failed' },
  never: { type: 'stopped', text: 'Never loaded' },
  loading: { type: 'in-progress', text: 'Loading' },
} satisfies Record<FeedState['state'], { type: StatusIndicatorProps.Type; text: string }>

export function FeedStatus({ feed }: { readonly feed: FeedState }) {
  const { type, text } = states[feed.state]
  return <StatusIndicator type={type}>{text}</StatusIndicator>
}
