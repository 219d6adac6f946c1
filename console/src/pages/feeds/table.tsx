import Box from '@cloudscape-design/components/box'
import type { TableProps } from '@cloudscape-design/components/table'
import type { FeedState } from '../../api/types.ts'
import { Age, ContentAge } from '../../parts/age.tsx'
import { FeedStatus } from '../../parts/feed-status.tsx'
import { countWords } from '../../parts/words.ts'

export const columns: readonly TableProps.ColumnDefinition<FeedState>[] = [
  { id: 'name', header: 'Feed', isRowHeader: true, cell: ({ name }) => name },
  { id: 'state', header: 'State', minWidth: 165, cell: (feed) => <FeedStatus feed={feed} /> },
  { id: 'loaded', header: 'Last good load', minWidth: 125, cell: ({ loadedAt }) => <Age time={loadedAt} /> },
  { id: 'checked', header: 'Last checked', minWidth: 125, cell: ({ checkedAt }) => <Age time={checkedAt} /> },
  {
    id: 'published',
    header: 'Newest content',
    minWidth: 125,
    cell: (feed) => <ContentAge feed={feed} />,
  },
  { id: 'limit', header: 'Stale after', cell: ({ staleAfterHours }) => `${countWords(staleAfterHours)} h` },
  {
    id: 'records',
    header: 'Records',
    cell: ({ records, broken }) => (
      <>
        {countWords(records)}
        {broken > 0 && (
          <Box variant="small" display="block">
            {countWords(broken)} not understood
          </Box>
        )}
      </>
    ),
  },
  {
    id: 'error',
    header: 'Last error',
    minWidth: 150,
    cell: ({ error, errorAt }) =>
      error === undefined ? (
        'None'
      ) : (
        <>
          <span className="fault">{error}</span>
          {errorAt !== undefined && (
            <Box variant="small" display="block">
              <Age time={errorAt} />
            </Box>
          )}
        </>
      ),
  },
]
