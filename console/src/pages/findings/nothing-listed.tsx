import Box from '@cloudscape-design/components/box'
import Button from '@cloudscape-design/components/button'
import StatusIndicator from '@cloudscape-design/components/status-indicator'
import type { Finding, JudgedPage } from '../../api/types.ts'
import { Command } from '../../parts/command.tsx'
import { reasonWords } from '../../parts/coverage-words.tsx'
import { Empty } from '../../parts/empty.tsx'
import { knowledgeNotices } from '../../parts/knowledge-notice.ts'
import { notShown } from '../../parts/failure.tsx'
import { To } from '../../parts/to.tsx'
import { counted, countWords, findingStatusWords, leftWords } from '../../parts/words.ts'
import { type Criteria, isNarrowed, resourcesAsked, withCriteria } from './criteria.ts'
import { type Emptiness, useEmptiness } from './use-emptiness.ts'

type Asked = { readonly page: JudgedPage<Finding>; readonly criteria: Criteria; readonly narrow: (to: Criteria) => void }

/** Why the list is empty. Only the last of these reasons is good news, and it says what it rests on. */
export function NothingListed(asked: Asked) {
  const { data, error } = useEmptiness(asked.criteria)
  if (error !== null) return notShown(error)
  if (data === undefined) return <StatusIndicator type="loading">Looking why nothing is listed</StatusIndicator>
  return <Reason {...asked} about={data} />
}

function Reason({ page, criteria, narrow, about }: Asked & { readonly about: Emptiness }) {
  const { known, scanned } = about
  const coverage = `/coverage?${withCriteria(new URLSearchParams(), resourcesAsked(criteria))}`

  if (isNarrowed(criteria) && about.ofStatus !== 0) return <FilteredOut criteria={criteria} narrow={narrow} about={about} />
  if (known === 0 && (criteria.resource !== undefined || criteria.resourceType !== undefined)) {
    return (
      <Empty title="Not known here" action={<To to="/coverage">All resources</To>}>
        No such resource is known to this account: it is not watched, or belongs to an account you may not see.
      </Empty>
    )
  }
  if (known === 0 && page.evaluating.pending === 0) {
    return (
      <Empty title="Nothing is watched yet" action={<Command text="npm start -- --watch host dir:." />}>
        No resource is known, so there is nothing to find anything on. Start the server with what it should watch:
      </Empty>
    )
  }
  if (scanned === 0 && known > 0) {
    return (
      <Empty title="Not scanned" action={<To to={coverage}>See why, and what clears it</To>}>
        {known === 1 ? 'The resource was not scanned' : `None of ${countWords(known)} resources was scanned`}
        {about.reasons.length > 0 && `: ${about.reasons.map(reasonWords).join(', ').toLowerCase()}`}. What is there is unknown, not safe.
      </Empty>
    )
  }
  if (page.evaluating.pending > 0) {
    return <Empty title="Still evaluating">{leftWords(page.evaluating)} not yet judged; findings appear here as they are.</Empty>
  }
  if (page.knowledge.state !== 'full') {
    const { header, content } = knowledgeNotices[page.knowledge.state]
    return (
      <Empty title={header} action={<To to="/feeds">Feeds</To>}>
        {content}
      </Empty>
    )
  }
  const { status, ...others } = criteria
  return (
    <Empty
      title="Nothing found"
      action={
        about.withoutFilters === 0 ? <To to={coverage}>Coverage</To> : <Button onClick={() => narrow(others)}>Show every status</Button>
      }
    >
      {counted(scanned, 'scanned resource')} judged by current feeds; no finding{' '}
      {status === undefined ? 'was ever opened' : `is ${inWords(status)}`}
      {about.withoutFilters === 0 ? '.' : `, ${findingsCounted(about.withoutFilters)} of another status.`}
      <Unseen about={about} />
    </Empty>
  )
}

function FilteredOut({ criteria, narrow, about }: Omit<Asked, 'page'> & { readonly about: Emptiness }) {
  const kept = { ...(criteria.status === undefined ? {} : { status: criteria.status }), ...resourcesAsked(criteria) }
  return (
    <Empty title="Filtered out" action={<Button onClick={() => narrow(kept)}>Clear filters</Button>}>
      No finding fits all of these filters. Without them there {about.ofStatus === 1 ? 'is' : 'are'}{' '}
      {findingsCounted(about.ofStatus, criteria.status)}.
      <Unseen about={about} />
    </Empty>
  )
}

/** Whatever the list says, it cannot speak for what was not scanned. */
function Unseen({ about: { known, scanned } }: { readonly about: Emptiness }) {
  if (known === scanned) return null
  return (
    <Box color="text-body-secondary">
      {countWords(known - scanned)} of {counted(known, 'resource')} not scanned: what is there is unknown.
    </Box>
  )
}

const inWords = (status: readonly string[]): string =>
  status.map((one) => (Object.hasOwn(findingStatusWords, one) ? one.toLowerCase() : one)).join(' or ')
const findingsCounted = (count: number | undefined, status: readonly string[] = []): string => {
  const one = [...(status.length === 0 ? [] : [inWords(status)]), 'finding'].join(' ')
  return count === undefined ? `more ${one}s than are counted here` : counted(count, one)
}
