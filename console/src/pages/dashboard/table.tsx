import Header from '@cloudscape-design/components/header'
import Table, { type TableProps } from '@cloudscape-design/components/table'
import type { Severity, Summary } from '../../api/types.ts'
import { Empty } from '../../parts/empty.tsx'
import { To } from '../../parts/to.tsx'
import { counted, countWords, resourceTypeWords, severityWords } from '../../parts/words.ts'

type Row = Summary['topResources'][number]

const columns: readonly TableProps.ColumnDefinition<Row>[] = [
  {
    id: 'resource',
    header: 'Resource',
    isRowHeader: true,
    cell: ({ resourceId }) => <To to={list(resourceId)}>{resourceId}</To>,
  },
  { id: 'type', header: 'Type', cell: ({ resourceType }) => resourceTypeWords[resourceType] ?? resourceType },
  { id: 'critical', header: 'Critical', cell: (row) => <Count row={row} severity="CRITICAL" count={row.counts.critical} /> },
  { id: 'high', header: 'High', cell: (row) => <Count row={row} severity="HIGH" count={row.counts.high} /> },
  {
    id: 'all',
    header: 'All',
    cell: (row) => (
      <To to={list(row.resourceId)} label={`${row.resourceId}: ${counted(row.counts.all, 'finding')}`}>
        {countWords(row.counts.all)}
      </To>
    ),
  },
]

/** Where it is worst. */
export function TopResources({ resources }: { readonly resources: readonly Row[] }) {
  return (
    <Table
      variant="container"
      trackBy="arn"
      items={resources}
      columnDefinitions={columns}
      ariaLabels={{ tableLabel: 'Resources with most findings' }}
      header={<Header variant="h2">Resources with most findings</Header>}
      empty={<Empty title="No resource has an active finding">Coverage below says how much of that is known.</Empty>}
    />
  )
}

function Count({ row, severity, count }: { readonly row: Row; readonly severity: Severity; readonly count: number }) {
  if (count === 0) return <>0</>
  return (
    <To
      to={`${list(row.resourceId)}&severity=${severity}`}
      label={`${row.resourceId}, ${severityWords[severity]}: ${counted(count, 'finding')}`}
    >
      {countWords(count)}
    </To>
  )
}

const list = (resourceId: string): string => `/findings?status=ACTIVE&resource=${encodeURIComponent(resourceId)}`
