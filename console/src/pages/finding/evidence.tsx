import Box from '@cloudscape-design/components/box'
import Container from '@cloudscape-design/components/container'
import Header from '@cloudscape-design/components/header'
import SpaceBetween from '@cloudscape-design/components/space-between'
import StatusIndicator from '@cloudscape-design/components/status-indicator'
import Table from '@cloudscape-design/components/table'
import type { FindingDetail } from '../../api/types.ts'
import { rangeInWords } from './range.ts'

/** Why it matched: which advisory calls which version affected, and where that version lies. */
export function Evidence({ evidence }: { readonly evidence: FindingDetail['evidence'] }) {
  return (
    <Container header={<Header variant="h2">Evidence</Header>}>
      <SpaceBetween size="l">
        <Table
          variant="embedded"
          wrapLines
          items={evidence.matches}
          ariaLabels={{ tableLabel: 'Matches' }}
          header={
            <Header
              variant="h3"
              counter={`(${evidence.matches.length})`}
              description="Each advisory that calls an installed version affected, with the range that holds it."
            >
              Matches
            </Header>
          }
          empty="No match is held for it any more."
          columnDefinitions={[
            { id: 'component', header: 'Component', isRowHeader: true, cell: ({ component }) => component },
            {
              id: 'verdict',
              minWidth: 130,
              header: 'Verdict',
              cell: ({ verdict }) =>
                verdict === 'affected' ? (
                  <StatusIndicator type="error">Affected</StatusIndicator>
                ) : (
                  <StatusIndicator type="info">Undecided</StatusIndicator>
                ),
            },
            { id: 'range', header: 'Affected range', cell: ({ range, because }) => because ?? rangeInWords(range) },
            { id: 'fixed', header: 'Fixed in', cell: ({ fixedIn }) => fixedIn ?? 'Unknown' },
            {
              id: 'advisory',
              header: 'Advisory',
              cell: ({ advisory, feed, source }) => (
                <>
                  {advisory ?? 'Unknown'}
                  <Box variant="small" display="block">
                    {[source, feed === undefined ? undefined : `feed ${feed}`].filter(Boolean).join(', ')}
                  </Box>
                </>
              ),
            },
          ]}
        />
        <Table
          variant="embedded"
          wrapLines
          items={evidence.locations}
          ariaLabels={{ tableLabel: 'Locations' }}
          header={
            <Header
              variant="h3"
              counter={`(${evidence.locations.length})`}
              description="Where the affected components lie on the resource, and what read them."
            >
              Locations
            </Header>
          }
          empty="No location is held for it any more."
          columnDefinitions={[
            { id: 'path', header: 'Path', isRowHeader: true, cell: ({ path }) => path },
            { id: 'component', header: 'Component', cell: ({ component }) => component },
            { id: 'layer', header: 'Layer', cell: ({ layer }) => layer ?? 'Not from an image layer' },
            { id: 'extractor', header: 'Read by', cell: ({ extractor }) => extractor },
          ]}
        />
      </SpaceBetween>
    </Container>
  )
}
