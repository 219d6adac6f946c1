import Button from '@cloudscape-design/components/button'
import Container from '@cloudscape-design/components/container'
import Header from '@cloudscape-design/components/header'
import Table from '@cloudscape-design/components/table'
import type { FindingEvent } from '../../api/types.ts'
import { Age } from '../../parts/age.tsx'
import { Failure } from '../../parts/failure.tsx'
import { SeverityBadge } from '../../parts/severity-badge.tsx'
import { fixWords, scoreWords } from '../../parts/words.ts'
import { useHistory } from './use-finding.ts'

const changes = {
  OPENED: 'Opened',
  REOPENED: 'Reopened: the vulnerability came back',
  CLOSED: 'Closed',
  SUPPRESSED: 'Suppressed by a rule',
  RESTORED: 'No rule suppresses it any more',
  CHANGED: 'Score or fix changed',
  MERGED: 'Merged: its vulnerability became another one',
} satisfies Record<FindingEvent['change'], string>

export function History({ id }: { readonly id: string }) {
  const { data, error, hasNextPage, fetchNextPage, isFetchingNextPage, isPending, refetch } = useHistory(id)
  return (
    <Container header={<Header variant="h2">History</Header>}>
      {error !== null && <Failure error={error} affects="the history" onRetry={() => void refetch()} />}
      <Table
        variant="embedded"
        loading={isPending}
        loadingText="Reading the history"
        items={data?.pages.flatMap(({ items }) => items) ?? []}
        ariaLabels={{ tableLabel: 'History' }}
        empty="No event is kept for it."
        columnDefinitions={[
          { id: 'at', header: 'When', cell: ({ at }) => <Age time={at} /> },
          { id: 'change', header: 'What happened', isRowHeader: true, cell: ({ change }) => changes[change] ?? change },
          { id: 'severity', header: 'Severity then', cell: ({ severity }) => <SeverityBadge severity={severity} /> },
          { id: 'score', header: 'Score then', cell: ({ score }) => scoreWords(score) },
          { id: 'fix', header: 'Fix then', cell: ({ fixAvailable }) => (fixAvailable === undefined ? 'Unknown' : fixWords[fixAvailable]) },
        ]}
        footer={
          hasNextPage && (
            <Button loading={isFetchingNextPage} onClick={() => void fetchNextPage()}>
              Older events
            </Button>
          )
        }
      />
    </Container>
  )
}
