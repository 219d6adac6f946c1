import KeyValuePairs from '@cloudscape-design/components/key-value-pairs'
import Popover from '@cloudscape-design/components/popover'
import SpaceBetween from '@cloudscape-design/components/space-between'
import StatusIndicator, { type StatusIndicatorProps } from '@cloudscape-design/components/status-indicator'
import { useSession } from '../api/queries.ts'
import type { FeedState, Knowledge, KnowledgeState } from '../api/types.ts'
import { Age } from './age.tsx'
import { leftWords } from './words.ts'
import { To } from './to.tsx'

const states = {
  full: { type: 'success', text: 'Feeds fresh' },
  starter: { type: 'warning', text: 'Feeds missing' },
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
              { label: 'Not yet evaluated', value: leftWords(data.evaluating) || 'nothing' },
            ]}
          />
          <To to="/feeds">All feeds</To>
        </SpaceBetween>
      }
    >
      <StatusIndicator type={type}>
        {text}
        {never > 0 && `, ${never} never loaded`}
        {never === 0 && oldest !== undefined && (
          <>
            {', oldest '}
            <Age time={asOf(oldest)} />
          </>
        )}
      </StatusIndicator>
    </Popover>
  )
}

/** What a feed is as old as: its content where the publisher dates it, else its last good load. */
const asOf = ({ publishedAt, loadedAt }: FeedState): string | undefined => (loadedAt === undefined ? undefined : (publishedAt ?? loadedAt))

/** Feeds that brought something, by the age of what they brought. */
function ends({ feeds }: Knowledge): { readonly newest?: FeedState; readonly oldest?: FeedState } {
  const loaded = feeds.filter((feed) => asOf(feed) !== undefined).sort((a, b) => Date.parse(asOf(a) ?? '') - Date.parse(asOf(b) ?? ''))
  const [oldest] = loaded
  const newest = loaded.at(-1)
  return { ...(newest && { newest }), ...(oldest && { oldest }) }
}

function FeedAge({ feed }: { readonly feed: FeedState | undefined }) {
  if (feed === undefined) return <>none loaded</>
  return (
    <>
      {feed.name}, <Age time={asOf(feed)} />
    </>
  )
}

/** How far the oldest feed trails the newest. */
function lagWords(newest: FeedState | undefined, oldest: FeedState | undefined): string {
  const [late, early] = [newest && asOf(newest), oldest && asOf(oldest)]
  if (late === undefined || early === undefined) return 'unknown'
  const minutes = Math.round((Date.parse(late) - Date.parse(early)) / 60_000)
  if (minutes < 60) return `${minutes} min`
  return minutes < 2_880 ? `${Math.round(minutes / 60)} h` : `${Math.round(minutes / 1_440)} days`
}
