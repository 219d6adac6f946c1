import Box from '@cloudscape-design/components/box'
import ColumnLayout from '@cloudscape-design/components/column-layout'
import Container from '@cloudscape-design/components/container'
import Header from '@cloudscape-design/components/header'
import type { ReactNode } from 'react'
import { severities, type Severity, type SeverityCounts, type Summary } from '../../api/types.ts'
import { SeverityBadge } from '../../parts/severity-badge.tsx'
import { To } from '../../parts/to.tsx'
import { counted, countWords, severityWords } from '../../parts/words.ts'

const member = {
  CRITICAL: 'critical',
  HIGH: 'high',
  MEDIUM: 'medium',
  LOW: 'low',
  INFORMATIONAL: 'informational',
  UNTRIAGED: 'untriaged',
} satisfies Record<Severity, keyof SeverityCounts>

/** What matters first: exploited, urgent and fixable, and what cannot be seen. */
export function ThreeNumbers({ summary }: { readonly summary: Summary }) {
  const resources = summary.coverage.reduce((sum, { count }) => sum + count, 0)
  const unseen = summary.coverage
    .filter(({ status, reason }) => status !== 'ACTIVE' || reason !== 'SUCCESSFUL')
    .reduce((sum, { count }) => sum + count, 0)
  const { all } = summary.severities
  return (
    <Container>
      <ColumnLayout columns={3} variant="text-grid">
        <BigNumber label="Exploit known" count={summary.exploitAvailable} to="/findings?status=ACTIVE&exploit=YES">
          of {counted(all, 'active finding')}
        </BigNumber>
        <BigNumber label="Fix available" count={summary.fixAvailable} to="/findings?status=ACTIVE&fix=YES">
          of {counted(all, 'active finding')}
        </BigNumber>
        <BigNumber label="Resources not scanned" count={unseen} to={`/coverage?${unseenReasons(summary)}`}>
          of {counted(resources, 'known resource')}
        </BigNumber>
      </ColumnLayout>
    </Container>
  )
}

/** What narrows coverage to resources not scanned; nothing does where some were scanned once and no longer are. */
function unseenReasons({ coverage }: Summary): URLSearchParams {
  const once = coverage.some(({ status, reason }) => status === 'INACTIVE' && reason === 'SUCCESSFUL')
  const reasons = once ? [] : coverage.map(({ reason }) => reason).filter((reason) => reason !== 'SUCCESSFUL')
  return new URLSearchParams([...new Set(reasons)].map((reason) => ['reason', reason]))
}

/** Active findings by severity; each number opens the list behind it. */
export function SeverityNumbers({ summary }: { readonly summary: Summary }) {
  return (
    <Container
      header={
        <Header
          variant="h2"
          counter={`(${countWords(summary.severities.all)})`}
          actions={<To to="/findings?status=ACTIVE">All active findings</To>}
        >
          Active findings by severity
        </Header>
      }
    >
      <ColumnLayout columns={6} minColumnWidth={110} variant="text-grid">
        {severities.map((severity) => {
          const count = summary.severities[member[severity]]
          return (
            <div key={severity}>
              <SeverityBadge severity={severity} />
              <Box padding={{ top: 'xs' }}>
                <To
                  to={`/findings?status=ACTIVE&severity=${severity}`}
                  size="display-l"
                  label={`${severityWords[severity]}: ${counted(count, 'finding')}`}
                >
                  {countWords(count)}
                </To>
              </Box>
            </div>
          )
        })}
      </ColumnLayout>
    </Container>
  )
}

function BigNumber(props: { readonly label: string; readonly count: number; readonly to: string; readonly children: ReactNode }) {
  const { label, count, to, children } = props
  return (
    <div>
      <Box variant="awsui-key-label">{label}</Box>
      <To to={to} size="display-l" label={`${label}: ${countWords(count)}`}>
        {countWords(count)}
      </To>
      <Box color="text-body-secondary">{children}</Box>
    </div>
  )
}
