import Pagination from '@cloudscape-design/components/pagination'
import type { useTrail } from './use-trail.ts'

/** Goes through a list that is read by key. `next` is the key behind the present page, `busy` while that page is still on its way. */
export function Pages(props: {
  readonly of: string
  readonly trail: ReturnType<typeof useTrail>
  readonly next: string | undefined
  readonly busy: boolean
}) {
  const { of, trail, next, busy } = props
  return (
    <div className="screen-only">
      <Pagination
        currentPageIndex={trail.page + 1}
        pagesCount={trail.pages(next)}
        openEnd={next !== undefined}
        disabled={busy}
        onChange={({ detail }) => trail.goTo(detail.currentPageIndex - 1, next)}
        ariaLabels={{
          paginationLabel: `Pages of ${of}`,
          nextPageLabel: 'Next page',
          previousPageLabel: 'Previous page',
          pageLabel: (page) => `Page ${page}`,
        }}
      />
    </div>
  )
}
