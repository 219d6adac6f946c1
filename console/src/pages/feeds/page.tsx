import Alert from '@cloudscape-design/components/alert'
import Button from '@cloudscape-design/components/button'
import ContentLayout from '@cloudscape-design/components/content-layout'
import Header from '@cloudscape-design/components/header'
import SpaceBetween from '@cloudscape-design/components/space-between'
import Table from '@cloudscape-design/components/table'
import { useSession } from '../../api/queries.ts'
import { Command } from '../../parts/command.tsx'
import { Empty } from '../../parts/empty.tsx'
import { Failure, notShown } from '../../parts/failure.tsx'
import { PageHeader } from '../../parts/page-header.tsx'
import { columns } from './table.tsx'
import { useFeeds, useSync } from './use-feeds.ts'

export function FeedsPage() {
  const { data: session } = useSession()
  const { data, error, isPending, refetch } = useFeeds()
  const sync = useSync()
  const viewer = session?.principal.role === 'viewer'
  return (
    <ContentLayout
      header={
        <PageHeader
          title="Feeds"
          description="Where advisories, known exploits and probabilities come from, and how old they are. A failed load leaves what was held."
          actions={
            <div className="screen-only">
              <Button
                iconName="refresh"
                loading={sync.isPending}
                disabled={viewer}
                {...(viewer ? { disabledReason: 'Only operators and administrators may load feeds.' } : {})}
                onClick={() => sync.mutate()}
              >
                Load feeds now
              </Button>
            </div>
          }
        />
      }
    >
      <SpaceBetween size="l">
        {sync.error !== null && <Failure error={sync.error} affects="the load: it was not started" />}
        {sync.isSuccess && (
          <Alert type="info" dismissible onDismiss={sync.reset}>
            The load goes on in the server. This page follows it; leaving it loses nothing.
          </Alert>
        )}
        {error !== null && <Failure error={error} affects="the feeds" onRetry={() => void refetch()} />}
        <Table
          variant="container"
          trackBy="name"
          wrapLines
          loading={isPending}
          loadingText="Reading feeds"
          items={data?.feeds ?? []}
          columnDefinitions={columns}
          ariaLabels={{ tableLabel: 'Feeds' }}
          header={<Header counter={data === undefined ? '' : `(${data.feeds.length})`}>Feeds</Header>}
          empty={
            notShown(error) ?? (
              <Empty title="No feed is in use" action={<Command text="npm start -- --feeds PATH-OR-URL" />}>
                Feeds are chosen by what is installed on the watched resources, or all are off. A mirror can stand in for the public
                addresses:
              </Empty>
            )
          }
        />
      </SpaceBetween>
    </ContentLayout>
  )
}
