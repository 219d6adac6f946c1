import BreadcrumbGroup from '@cloudscape-design/components/breadcrumb-group'
import Container from '@cloudscape-design/components/container'
import ContentLayout from '@cloudscape-design/components/content-layout'
import CopyToClipboard from '@cloudscape-design/components/copy-to-clipboard'
import ExpandableSection from '@cloudscape-design/components/expandable-section'
import Header from '@cloudscape-design/components/header'
import SpaceBetween from '@cloudscape-design/components/space-between'
import StatusIndicator from '@cloudscape-design/components/status-indicator'
import { useParams } from 'react-router'
import type { FindingDetail } from '../../api/types.ts'
import { Failure } from '../../parts/failure.tsx'
import { PageHeader } from '../../parts/page-header.tsx'
import { useFollow } from '../../parts/to.tsx'
import { nameOf } from '../findings/table.tsx'
import { Evidence } from './evidence.tsx'
import { History } from './history.tsx'
import { WhatAndWhere } from './what-and-where.tsx'
import { WhatToDo } from './what-to-do.tsx'
import { WhyItMatters } from './why-it-matters.tsx'
import { useFinding } from './use-finding.ts'

export function FindingPage() {
  const { id = '' } = useParams()
  const { data, error, refetch } = useFinding(id)
  const follow = useFollow()
  const name = data === undefined ? 'Finding' : nameOf(data)
  return (
    <ContentLayout
      breadcrumbs={
        <BreadcrumbGroup
          ariaLabel="Where this page lies"
          onFollow={follow}
          items={[
            { text: 'Findings', href: '/findings?status=ACTIVE' },
            { text: name, href: `/findings/${id}` },
          ]}
        />
      }
      header={<PageHeader title={name} description={data === undefined ? undefined : headline(data)} />}
    >
      {error !== null && data === undefined && <Failure error={error} affects="this finding" onRetry={() => void refetch()} />}
      {error === null && data === undefined && <StatusIndicator type="loading">Reading the finding</StatusIndicator>}
      {data !== undefined && (
        <SpaceBetween size="l">
          <WhatAndWhere finding={data} />
          <WhyItMatters finding={data} />
          <WhatToDo finding={data} />
          <Evidence evidence={data.evidence} />
          <History id={id} />
          <Raw finding={data} />
        </SpaceBetween>
      )}
    </ContentLayout>
  )
}

/** The title without the name that already stands above it. */
const headline = (finding: FindingDetail): string | undefined =>
  finding.title === undefined || finding.title === nameOf(finding) ? undefined : finding.title

function Raw({ finding }: { readonly finding: FindingDetail }) {
  const text = JSON.stringify(finding, null, 2)
  return (
    <Container
      header={
        <Header
          variant="h2"
          actions={
            <CopyToClipboard
              variant="button"
              copyButtonText="Copy JSON"
              textToCopy={text}
              copySuccessText="Copied"
              copyErrorText="Could not copy"
            />
          }
        >
          Raw
        </Header>
      }
    >
      <ExpandableSection headerText="JSON as the API gives it">
        <pre className="raw">{text}</pre>
      </ExpandableSection>
    </Container>
  )
}
