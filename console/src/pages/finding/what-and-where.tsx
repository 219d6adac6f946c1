import Box from '@cloudscape-design/components/box'
import Container from '@cloudscape-design/components/container'
import Header from '@cloudscape-design/components/header'
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs'
import SpaceBetween from '@cloudscape-design/components/space-between'
import StatusIndicator, { type StatusIndicatorProps } from '@cloudscape-design/components/status-indicator'
import type { Finding, FindingStatus } from '../../api/types.ts'
import { Age } from '../../parts/age.tsx'
import { SeverityBadge } from '../../parts/severity-badge.tsx'
import { To } from '../../parts/to.tsx'
import { findingStatusWords, resourceTypeWords } from '../../parts/words.ts'

const statusTypes = { ACTIVE: 'error', SUPPRESSED: 'stopped', CLOSED: 'success' } satisfies Record<FindingStatus, StatusIndicatorProps.Type>

export function WhatAndWhere({ finding }: { readonly finding: Finding }) {
  const [resource] = finding.resources
  const aliases = finding.packageVulnerabilityDetails?.relatedVulnerabilities ?? []
  return (
    <Container header={<Header variant="h2">What and where</Header>}>
      <SpaceBetween size="l">
        <KeyValuePairs
          columns={4}
          items={[
            { label: 'Severity', value: <SeverityBadge severity={finding.severity} /> },
            {
              label: 'Status',
              value: <StatusIndicator type={statusTypes[finding.status]}>{findingStatusWords[finding.status]}</StatusIndicator>,
            },
            { label: 'First observed', value: <Age time={finding.firstObservedAt} /> },
            { label: 'Last observed', value: <Age time={finding.lastObservedAt} /> },
            {
              label: 'Resource',
              value:
                resource === undefined ? 'Unknown' : <To to={`/coverage?resource=${encodeURIComponent(resource.id)}`}>{resource.id}</To>,
            },
            { label: 'Resource type', value: resource === undefined ? 'Unknown' : (resourceTypeWords[resource.type] ?? resource.type) },
            { label: 'Account and Region', value: [finding.awsAccountId, resource?.region].filter(Boolean).join(', ') },
            { label: 'Also known as', value: aliases.length === 0 ? 'No other id' : aliases.join(', ') },
          ]}
        />
        <Box variant="p">{finding.description}</Box>
      </SpaceBetween>
    </Container>
  )
}
