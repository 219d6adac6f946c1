import Box from '@cloudscape-design/components/box'
import Container from '@cloudscape-design/components/container'
import ExpandableSection from '@cloudscape-design/components/expandable-section'
import Header from '@cloudscape-design/components/header'
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs'
import Link from '@cloudscape-design/components/link'
import SpaceBetween from '@cloudscape-design/components/space-between'
import StatusIndicator from '@cloudscape-design/components/status-indicator'
import Table from '@cloudscape-design/components/table'
import type { Finding } from '../../api/types.ts'
import { Age } from '../../parts/age.tsx'
import { percent, scoreWords } from '../../parts/words.ts'
import { vectorInWords } from './vector.ts'

/** The score and all it rests on; a score nobody gave is said to be unknown. */
export function WhyItMatters({ finding }: { readonly finding: Finding }) {
  const adjusted = finding.inspectorScoreDetails?.adjustedCvss
  const details = finding.packageVulnerabilityDetails
  const alternatives = details?.cvss ?? []
  const base = alternatives.find(({ source, version }) => source === adjusted?.cvssSource && version === adjusted.version)
  const vector = adjusted?.scoringVector ?? base?.scoringVector
  return (
    <Container header={<Header variant="h2">Why it matters here</Header>}>
      <SpaceBetween size="l">
        <KeyValuePairs
          columns={4}
          items={[
            {
              label: 'Risk score',
              value: <Box fontSize="heading-xl">{scoreWords(finding.inspectorScore)}</Box>,
            },
            {
              label: 'Base score',
              value: base === undefined ? 'Unknown' : `${scoreWords(base.baseScore)}, CVSS ${base.version} by ${base.source}`,
            },
            { label: 'Word of the vendor', value: details?.vendorSeverity ?? 'None' },
            {
              label: 'Probability of exploitation in 30 days (EPSS)',
              value: finding.epss === undefined ? 'Unknown' : percent(finding.epss.score),
            },
            { label: 'Exploit', value: <Exploit finding={finding} /> },
            {
              label: 'Described by',
              value:
                details?.sourceUrl === undefined ? (
                  (details?.source ?? 'Unknown')
                ) : (
                  <Link href={details.sourceUrl} external externalIconAriaLabel="Opens in a new tab">
                    {details.source}
                  </Link>
                ),
            },
            { label: 'Published', value: details?.vendorCreatedAt === undefined ? 'Unknown' : <Age time={details.vendorCreatedAt} /> },
            { label: 'Adjustments', value: adjustments(adjusted?.adjustments) },
          ]}
        />
        {vector === undefined ? (
          <Box color="text-body-secondary">No vector was published by a source that is used here: how it is attacked is unknown.</Box>
        ) : (
          <div>
            <Box variant="h3" padding={{ bottom: 's' }}>
              The vector in words
            </Box>
            <KeyValuePairs columns={4} items={[...vectorInWords(vector)]} />
            <Box variant="small" display="block" padding={{ top: 's' }}>
              {vector}
            </Box>
          </div>
        )}
        {alternatives.length > 0 && (
          <ExpandableSection headerText={`Scores by source (${alternatives.length})`}>
            <Table
              variant="embedded"
              items={alternatives}
              ariaLabels={{ tableLabel: 'Scores by source' }}
              columnDefinitions={[
                { id: 'source', header: 'Source', isRowHeader: true, cell: ({ source }) => source },
                { id: 'version', header: 'CVSS', cell: ({ version }) => version },
                { id: 'score', header: 'Base score', cell: ({ baseScore }) => scoreWords(baseScore) },
                { id: 'vector', header: 'Vector', cell: ({ scoringVector }) => scoringVector },
              ]}
            />
          </ExpandableSection>
        )}
      </SpaceBetween>
    </Container>
  )
}

function Exploit({ finding }: { readonly finding: Finding }) {
  if (finding.exploitAvailable === undefined) return <StatusIndicator type="info">Unknown</StatusIndicator>
  if (finding.exploitAvailable === 'NO') return <>None known</>
  const since = finding.exploitabilityDetails?.lastKnownExploitAt
  return (
    <>
      <StatusIndicator type="error">Known to be exploited</StatusIndicator>
      {since !== undefined && (
        <Box color="text-body-secondary">
          <Age time={since} />
        </Box>
      )}
    </>
  )
}

function adjustments(held: readonly { readonly metric: string; readonly reason: string }[] | undefined) {
  if (held === undefined || held.length === 0) return 'None: the risk score is the base score'
  return (
    <ul>
      {held.map(({ metric, reason }) => (
        <li key={metric}>
          {metric}: {reason}
        </li>
      ))}
    </ul>
  )
}
