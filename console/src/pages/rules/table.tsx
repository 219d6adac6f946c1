import Box from '@cloudscape-design/components/box'
import type { TableProps } from '@cloudscape-design/components/table'
import type { FilterItem } from '../../api/types.ts'
import { Age } from '../../parts/age.tsx'
import { To } from '../../parts/to.tsx'
import { counted, countWords } from '../../parts/words.ts'
import { fromInspector, withCriteria } from '../findings/criteria.ts'

export const columns: readonly TableProps.ColumnDefinition<FilterItem>[] = [
  { id: 'name', header: 'Name', isRowHeader: true, minWidth: 140, cell: ({ name }) => name },
  {
    id: 'criteria',
    header: 'Findings where',
    minWidth: 240,
    cell: ({ sentence, reason, description }) => (
      <>
        {sentence}
        {reason !== undefined && (
          <Box variant="small" display="block">
            Reason: {reason}
          </Box>
        )}
        {description !== undefined && (
          <Box variant="small" display="block">
            {description}
          </Box>
        )}
      </>
    ),
  },
  { id: 'action', header: 'Action', minWidth: 110, cell: ({ action }) => (action === 'SUPPRESS' ? 'Suppress' : 'Saved search') },
  { id: 'hides', header: 'Hides now', minWidth: 120, cell: Hides },
  { id: 'region', header: 'Region', minWidth: 125, cell: ({ region }) => region },
  { id: 'created', header: 'Created', minWidth: 110, cell: ({ createdAt }) => <Age time={createdAt} /> },
  { id: 'changed', header: 'Changed', minWidth: 110, cell: ({ updatedAt }) => <Age time={updatedAt} /> },
]

function Hides({ name, action, hides, criteria }: FilterItem) {
  const { findingStatus: _, ...others } = criteria
  const list = (status: string) => `/findings?${withCriteria(new URLSearchParams(), { ...fromInspector(others), status: [status] })}`
  if (action === 'NONE') return <To to={list('ACTIVE')}>Open</To>
  if (hides === 0) return <>0</>
  return (
    <To to={list('SUPPRESSED')} label={`${name} hides ${hides === undefined ? 'too many findings to count' : counted(hides, 'finding')}`}>
      {hides === undefined ? 'More than are counted' : countWords(hides)}
    </To>
  )
}
