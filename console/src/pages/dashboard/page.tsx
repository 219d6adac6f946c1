import ContentLayout from '@cloudscape-design/components/content-layout'
import Grid from '@cloudscape-design/components/grid'
import SpaceBetween from '@cloudscape-design/components/space-between'
import StatusIndicator from '@cloudscape-design/components/status-indicator'
import { useSummary } from '../../api/queries.ts'
import { Failure } from '../../parts/failure.tsx'
import { PageHeader } from '../../parts/page-header.tsx'
import { CoverageBox } from './coverage-box.tsx'
import { FeedsBox } from './feeds-box.tsx'
import { SeverityNumbers, ThreeNumbers } from './numbers.tsx'
import { TopResources } from './table.tsx'
import { TrendBox } from './trend-box.tsx'

/** Answers first: three numbers, what they are made of, where it is worst, how it goes; then what all of it rests on. */
export function DashboardPage() {
  const { data, error, isPending, refetch } = useSummary()
  return (
    <ContentLayout header={<PageHeader title="Dashboard" description="What is weak here now, and how much of it can be seen." />}>
      {isPending && <StatusIndicator type="loading">Reading the summary</StatusIndicator>}
      {error !== null && data === undefined && <Failure error={error} affects="the summary" onRetry={() => void refetch()} />}
      {data !== undefined && (
        <SpaceBetween size="l">
          <ThreeNumbers summary={data} />
          <SeverityNumbers summary={data} />
          <Grid gridDefinition={[{ colspan: { default: 12, s: 7 } }, { colspan: { default: 12, s: 5 } }]}>
            <TopResources resources={data.topResources} />
            <TrendBox active={data.severities.all} />
          </Grid>
          <Grid gridDefinition={[{ colspan: { default: 12, s: 5 } }, { colspan: { default: 12, s: 7 } }]}>
            <CoverageBox coverage={data.coverage} knowledge={data.knowledge.state} />
            <FeedsBox feeds={data.knowledge.feeds} />
          </Grid>
        </SpaceBetween>
      )}
    </ContentLayout>
  )
}
