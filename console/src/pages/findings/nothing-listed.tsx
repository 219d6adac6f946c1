import Button from '@cloudscape-design/components/button'
import type { Finding, JudgedPage } from '../../api/types.ts'
import { useSummary } from '../../api/queries.ts'
import { Command } from '../../parts/command.tsx'
import { Empty } from '../../parts/empty.tsx'
import { knowledgeNotices } from '../../parts/knowledge-notice.ts'
import { To } from '../../parts/to.tsx'
import { counted } from '../../parts/words.ts'
import { type Criteria, isNarrowed } from './criteria.ts'

/** Why the list is empty. Only the last of these reasons is good news, and it says what it rests on. */
export function NothingListed(props: {
  readonly page: JudgedPage<Finding>
  readonly criteria: Criteria
  readonly narrow: (to: Criteria) => void
}) {
  const { page, criteria, narrow } = props
  const { data: summary } = useSummary()
  const scanned = summary?.coverage
    .filter(({ status, reason }) => status === 'ACTIVE' && reason === 'SUCCESSFUL')
    .reduce((sum, { count }) => sum + count, 0)
  const known = summary?.coverage.reduce((sum, { count }) => sum + count, 0)

  if (isNarrowed(criteria)) {
    return (
      <Empty
        title="Filtered out"
        action={<Button onClick={() => narrow(criteria.status === undefined ? {} : { status: criteria.status })}>Clear filters</Button>}
      >
        No finding fits all of these filters.
      </Empty>
    )
  }
  if (page.evaluating.pending > 0) {
    return (
      <Empty title="Still evaluating">{counted(page.evaluating.pending, 'change')} not yet judged; findings appear here as they are.</Empty>
    )
  }
  if (known === 0) {
    return (
      <Empty title="Nothing is watched yet" action={<Command text="npm start -- --watch host dir:." />}>
        No resource is known, so there is nothing to find anything on. Start the server with what it should watch:
      </Empty>
    )
  }
  if (scanned === 0) {
    return (
      <Empty title="Not scanned" action={<To to="/coverage">See why</To>}>
        {known === undefined ? 'Resources are' : `${counted(known, 'resource is', 'resources are')}`} known, but none was scanned.
      </Empty>
    )
  }
  if (page.knowledge.state !== 'full') {
    const { header, content } = knowledgeNotices[page.knowledge.state]
    return (
      <Empty title={header} action={<To to="/feeds">Feeds</To>}>
        {content}
      </Empty>
    )
  }
  return (
    <Empty title="Nothing found" action={<To to="/coverage">Coverage</To>}>
      {scanned === undefined ? 'What was scanned' : `${counted(scanned, 'scanned resource')}`} judged by current feeds; no finding{' '}
      {criteria.status === undefined ? 'was ever opened' : `is ${criteria.status.join(' or ').toLowerCase()}`}.
    </Empty>
  )
}
