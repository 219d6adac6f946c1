import Header from '@cloudscape-design/components/header'
import Table from '@cloudscape-design/components/table'
import type { FeedState } from '../../api/types.ts'
import { Empty } from '../../parts/empty.tsx'
import { FeedStatus } from '../../parts/feed-status.tsx'
import { Age, ContentAge } from '../../parts/age.tsx'
import { To } from '../../parts/to.tsx'

/** How old the knowledge is. */
export function FeedsBox({ feeds }: { readonly feeds: readonly FeedState[] }) {
  return (
    <Table
      variant="container"
      trackBy="name"
      items={feeds}
      columnDefinitions={[
        { id: 'name', header: 'Feed', isRowHeader: true, cell: ({ name }) => name },
        { id: 'state', header: 'State', cell: (feed) => <FeedStatus feed={feed} /> },
        { id: 'content', header: 'Content', cell: (feed) => <ContentAge feed={feed} /> },
        { id: 'loaded', header: 'Loaded', cell: ({ loadedAt }) => <Age time={loadedAt} /> },
      ]}
      ariaLabels={{ tableLabel: 'Feed freshness' }}
      header={
        <Header variant="h2" actions={<To to="/feeds">All feeds</To>}>
          Feed freshness
        </Header>
      }
      empty={<Empty title="No feed is in use">Components are judged by the starter set at most.</Empty>}
    />
  )
}
