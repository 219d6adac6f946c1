import Box from '@cloudscape-design/components/box'
import ExpandableSection from '@cloudscape-design/components/expandable-section'
import SpaceBetween from '@cloudscape-design/components/space-between'
import StatusIndicator from '@cloudscape-design/components/status-indicator'
import { useState } from 'react'
import type { CoverageItem } from '../../api/types.ts'
import { Failure } from '../../parts/failure.tsx'
import { counted } from '../../parts/words.ts'
import { useResource } from './use-coverage.ts'

const shown = 50

/** What was seen on a resource but could not be read; fetched when opened. */
export function Gaps({ item }: { readonly item: CoverageItem }) {
  const [open, setOpen] = useState(false)
  return (
    <ExpandableSection
      variant="default"
      headerText={counted(item.gaps, 'gap')}
      headerAriaLabel={`${counted(item.gaps, 'gap')} of ${item.resourceId}`}
      expanded={open}
      onChange={({ detail }) => setOpen(detail.expanded)}
    >
      {open && <List arn={item.arn} />}
    </ExpandableSection>
  )
}

function List({ arn }: { readonly arn: string }) {
  const { data, error } = useResource(arn)
  if (error !== null) return <Failure error={error} affects="the gaps" />
  if (data === undefined) return <StatusIndicator type="loading">Reading gaps</StatusIndicator>
  const gaps = data.observations.flatMap((observation) => observation.gaps)
  return (
    <SpaceBetween size="xs">
      {gaps.slice(0, shown).map(({ path, extractor, reason }) => (
        <div key={`${extractor} ${path} ${reason}`}>
          <Box variant="code">{path}</Box>
          <Box variant="small" display="block">
            {reason} ({extractor})
          </Box>
        </div>
      ))}
      {gaps.length > shown && <Box variant="small">and {counted(gaps.length - shown, 'more gap')}; the API lists them all.</Box>}
    </SpaceBetween>
  )
}
