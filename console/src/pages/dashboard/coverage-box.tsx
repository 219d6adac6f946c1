import Header from '@cloudscape-design/components/header'
import Table, { type TableProps } from '@cloudscape-design/components/table'
import type { KnowledgeState, Summary } from '../../api/types.ts'
import { CoverageStatus, coverageWords } from '../../parts/coverage-words.tsx'
import { Empty } from '../../parts/empty.tsx'
import { To } from '../../parts/to.tsx'
import { counted, countWords } from '../../parts/words.ts'

type Row = Summary['coverage'][number]

/** How much is seen at all, and why the rest is not. */
export function CoverageBox({ coverage, knowledge }: { readonly coverage: readonly Row[]; readonly knowledge: KnowledgeState }) {
  const columns: readonly TableProps.ColumnDefinition<Row>[] = [
    {
      id: 'status',
      header: 'Status',
      isRowHeader: true,
      cell: ({ status, reason, unsupported }) => <CoverageStatus words={coverageWords({ status, reason, knowledge, unsupported })} />,
    },
    {
      id: 'count',
      header: 'Resources',
      cell: ({ status, reason, count, unsupported }) => (
        <To
          to={`/coverage?status=${status}&reason=${encodeURIComponent(reason)}`}
          label={`${coverageWords({ status, reason, knowledge, unsupported }).text}: ${counted(count, 'resource')}`}
        >
          {countWords(count)}
        </To>
      ),
    },
  ]
  return (
    <Table
      variant="container"
      items={coverage}
      columnDefinitions={columns}
      ariaLabels={{ tableLabel: 'Coverage' }}
      header={
        <Header variant="h2" actions={<To to="/coverage">All resources</To>}>
          Coverage
        </Header>
      }
      empty={<Empty title="No resource is known">Nothing is watched, so nothing can be found.</Empty>}
    />
  )
}
