import Button from '@cloudscape-design/components/button'
import ContentLayout from '@cloudscape-design/components/content-layout'
import Header from '@cloudscape-design/components/header'
import SpaceBetween from '@cloudscape-design/components/space-between'
import Table from '@cloudscape-design/components/table'
import TokenGroup from '@cloudscape-design/components/token-group'
import { useSession, useSummary } from '../../api/queries.ts'
import type { CoverageItem, ResourceType } from '../../api/types.ts'
import { Command } from '../../parts/command.tsx'
import { reasonWords } from '../../parts/coverage-words.tsx'
import { Empty } from '../../parts/empty.tsx'
import { Failure, notShown } from '../../parts/failure.tsx'
import { PageHeader } from '../../parts/page-header.tsx'
import { usePrinting } from '../../parts/use-printing.ts'
import { Pages } from '../../parts/pages.tsx'
import { countWords, resourceTypeWords } from '../../parts/words.ts'
import { CollectButton } from './collect-button.tsx'
import { columns } from './table.tsx'
import { type CoverageCriteria, useCoverage } from './use-coverage.ts'

export function CoveragePage() {
  const { data: session } = useSession()
  const printing = usePrinting()
  const known = useSummary().data?.coverage.reduce((sum, { count }) => sum + count, 0)
  const { query, criteria, trail, narrow } = useCoverage()
  const { data, error, isPending, isPlaceholderData, refetch } = query
  const mayCollect = session !== undefined && session.principal.role !== 'viewer'
  const tokens = tokensOf(criteria)
  return (
    <ContentLayout
      header={
        <PageHeader
          title="Coverage"
          description="Every known resource: scanned, waiting, or not scanned and why. What cannot be seen is unknown, not safe."
        />
      }
    >
      <SpaceBetween size="l">
        {error !== null && <Failure error={error} affects="coverage" onRetry={() => void refetch()} />}
        <Table<CoverageItem>
          variant="container"
          wrapLines
          cellVerticalAlign="top"
          trackBy="arn"
          loading={isPending}
          loadingText="Reading coverage"
          items={error === null ? (data?.items ?? []) : []}
          columnDefinitions={
            mayCollect && !printing
              ? [...columns, { id: 'collect', header: 'Action', minWidth: 120, cell: (item) => <CollectButton item={item} /> }]
              : columns
          }
          ariaLabels={{ tableLabel: 'Resources and their coverage' }}
          header={<Header counter={data?.total === undefined ? '' : `(${countWords(data.total)})`}>Resources</Header>}
          filter={
            tokens.length > 0 && (
              <TokenGroup
                items={tokens.map(({ label }) => ({ label, dismissLabel: `Remove filter ${label}` }))}
                onDismiss={({ detail }) => narrow(tokens[detail.itemIndex]?.without ?? {})}
              />
            )
          }
          pagination={<Pages of="resources" trail={trail} next={data?.after} busy={isPlaceholderData} />}
          empty={
            notShown(error) ??
            (tokens.length > 0 && known !== 0 ? (
              <Empty title="Filtered out" action={<Button onClick={() => narrow({})}>Clear filters</Button>}>
                No resource fits all of these filters
                {known === undefined ? '' : `; without them there ${known === 1 ? 'is' : 'are'} ${countWords(known)}`}.
              </Empty>
            ) : (
              <Empty title="Nothing is watched yet" action={<Command text="npm start -- --watch host dir:." />}>
                No resource is known. Start the server with what it should watch:
              </Empty>
            ))
          }
        />
      </SpaceBetween>
    </ContentLayout>
  )
}

/** The filters of the address in words, each with what remains without it. */
function tokensOf(criteria: CoverageCriteria): readonly { readonly label: string; readonly without: CoverageCriteria }[] {
  const { status = [], reason = [], resourceType = [], resource = [] } = criteria
  const less = (name: keyof CoverageCriteria, values: readonly string[], value: string) => ({
    ...criteria,
    [name]: values.filter((one) => one !== value),
  })
  return [
    ...status.map((one) => ({ label: `Status = ${one === 'ACTIVE' ? 'Active' : 'Inactive'}`, without: less('status', status, one) })),
    ...reason.map((one) => ({ label: `Reason = ${reasonWords(one)}`, without: less('reason', reason, one) })),
    ...resourceType.map((one) => ({
      label: `Type = ${resourceTypeWords[one as ResourceType] ?? one}`,
      without: less('resourceType', resourceType, one),
    })),
    ...resource.map((one) => ({ label: `Resource = ${one}`, without: less('resource', resource, one) })),
  ]
}
