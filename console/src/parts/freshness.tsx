import KeyValuePairs from '@cloudscape-design/components/key-value-pairs'
import Popover from '@cloudscape-design/components/popover'
import SpaceBetween from '@cloudscape-design/components/space-between'
import StatusIndicator, { type StatusIndicatorProps } from '@cloudscape-design/components/status-indicator'
import { useSession } from '../api/queries.ts'
import type { FeedState, Knowledge, KnowledgeState } from '../api/types.ts'
import { Age } from './age.tsx'
import { To } from './to.tsx'

const states = {
  full: { type: 'success', text: 'Feeds fresh' },
  starter: { type: 'warning', text: 'Starter set only' },
  stale: { type: 'warning', text: 'Feeds stale' },
  none: { type: 'stopped', text: 'No feed loaded' },
} satisfies Record<KnowledgeState, { type: StatusIndicatorProps.Type; text: string }>

/** On every page: how old the knowledge is that its numbers rest on. */
export function Freshness() {
  const { data } = useSession()
  if (data === undefined) return null
  const { type, text } = states[data.knowledge.state]
  const { newest, oldest } = ends(data.knowledge)
  const never = data.knowledge.feeds.filter(({ loadedAt }) => loadedAt === undefined).length
  return (
    <Popover
      header="Freshness"
      position="bottom"
      size="medium"
      triggerType="text"
      renderWithPortal
      content={
        <SpaceBetween size="s">
          <KeyValuePairs
            items={[
              { label: 'Newest feed', value: <FeedAge feed={newest} /> },
              { label: 'Oldest feed', value: <FeedAge feed={oldest} /> },
              { label: 'Lag', value: lagWords(newest, oldest) },
              { label: 'Changes not yet evaluated', value: data.evaluating.pending },
            ]}
          />
          <To to="/feeds">All feeds</To>
        </SpaceBetween>
      }
    >
      <StatusIndicator type={type}>
        {text}
        {never > 0 && `, ${never} never loaded`}
        {never === 0 && oldest?.loadedAt !== undefined && (
          <>
            {', oldest '}
            <Age time={oldest.loadedAt} />
          </>
        )}
      </StatusIndicator>
    </Popover>
  )
}

/** Feeds that brought something, by the time of their last good load. */
function ends({ feeds }: Knowledge): { readonly newest?: FeedState; readonly oldest?: FeedState } {
  const loaded = feeds
    .filter((feed) => feed.loadedAt !== undefined)
    .sort((a, b) => Date.parse(a.loadedAt ?? '') - Date.parse(b.loadedAt ?? ''))
  const [oldest] = loaded
  const newest = loaded.at(-1)
  return { ...(newest && { newest }), ...(oldest && { oldest }) }
}

function FeedAge({ feed }: { readonly feed: FeedState | undefined }) {
  if (feed === undefined) return <>none loaded</>
  return (
    <>
      {feed.name}, <Age time={feed.loadedAt} />
    </>
  )
}

/** How far the oldest feed trails the newest. */
function lagWords(newest: FeedState | undefined, oldest: FeedState | undefined): string {
  if (newest?.loadedAt === undefined || oldest?.loadedAt === undefined) return 'unknown'
  const minutes = Math.round((Date.parse(newest.loadedAt) - Date.parse(oldest.loadedAt)) / 60_000)
  return minutes < 60 ? `${minutes} min` : `${Math.round(minutes / 60)} h`
}
