import Box from '@cloudscape-design/components/box'
import type { TableProps } from '@cloudscape-design/components/table'
import type { CoverageItem } from '../../api/types.ts'
import { Age } from '../../parts/age.tsx'
import { CoverageStatus, coverageWords } from '../../parts/coverage-words.tsx'
import { To } from '../../parts/to.tsx'
import { countWords, resourceTypeWords } from '../../parts/words.ts'
import { Gaps } from './gaps.tsx'

export const columns: readonly TableProps.ColumnDefinition<CoverageItem>[] = [
  {
    id: 'resource',
    header: 'Resource',
    isRowHeader: true,
    minWidth: 160,
    cell: (item) => (
      <>
        {item.resourceId}
        {item.target !== undefined && (
          <Box variant="small" display="block">
            {item.target}
          </Box>
        )}
        {item.os !== undefined && (
          <Box variant="small" display="block">
            {item.os}
            {item.support?.until !== undefined && `, security updates until ${item.support.until}`}
          </Box>
        )}
      </>
    ),
  },
  { id: 'type', header: 'Type', minWidth: 120, cell: ({ resourceType }) => resourceTypeWords[resourceType] ?? resourceType },
  { id: 'status', header: 'Status, and what clears it', minWidth: 265, cell: (item) => <StatusAndWhy item={item} /> },
  { id: 'gaps', header: 'Gaps', minWidth: 150, cell: (item) => (item.gaps === 0 ? gapless(item) : <Gaps item={item} />) },
  {
    id: 'findings',
    header: 'Active findings',
    minWidth: 90,
    cell: ({ counts, resourceId }) =>
      counts === undefined ? (
        'Unknown'
      ) : (
        <To
          to={`/findings?status=ACTIVE&resource=${encodeURIComponent(resourceId)}`}
          label={`${resourceId}: ${countWords(counts.all)} active findings`}
        >
          {countWords(counts.all)}
        </To>
      ),
  },
  { id: 'scanned', header: 'Last scanned', minWidth: 130, cell: ({ lastScannedAt }) => <Age time={lastScannedAt} /> },
]

function StatusAndWhy({ item }: { readonly item: CoverageItem }) {
  const words = coverageWords(item)
  return (
    <>
      <CoverageStatus words={words} />
      <Box color="text-body-secondary">{item.why}</Box>
      {words.doubt !== undefined && <Box color="text-body-secondary">{words.doubt}</Box>}
    </>
  )
}

/** No gap is only known of what was read at least once. */
const gapless = ({ lastScannedAt }: CoverageItem): string => (lastScannedAt === undefined ? 'Unknown' : 'None')
