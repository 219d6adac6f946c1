import { keepPreviousData, useQuery, useQueryClient } from '@tanstack/react-query'
import { useSearchParams } from 'react-router'
import { call } from '../../api/client.ts'
import { keys } from '../../api/queries.ts'
import type { Finding, JudgedPage } from '../../api/types.ts'
import { useTrail } from '../../parts/use-trail.ts'
import { type Criteria, criteriaOf, toApi, withCriteria } from './criteria.ts'

export const pageSizes = [25, 50, 100] as const
export const sorts = ['severity', 'score', 'vulnerability', 'resource', 'epss', 'status', 'firstObservedAt', 'lastObservedAt'] as const
export type Sort = (typeof sorts)[number]

/** The list that the address describes, a page at a time. */
export function useFindings(limit: number) {
  const [address, setAddress] = useSearchParams()
  const criteria = criteriaOf(address)
  const sort = sorts.find((one) => one === address.get('sort')) ?? 'severity'
  const order = address.get('order') === 'asc' ? 'asc' : 'desc'
  const list = JSON.stringify([criteria, sort, order, limit])
  const trail = useTrail(list)
  const query = useQuery({
    queryKey: [keys.findings, list, trail.after],
    queryFn: ({ signal }) =>
      call<JudgedPage<Finding>>('/findings', { query: { ...toApi(criteria), sort, order, limit, after: trail.after }, signal }),
    placeholderData: keepPreviousData,
  })
  // Only the first page is counted; further on the number is as old as that page.
  const first = useQueryClient().getQueryData<JudgedPage<Finding>>([keys.findings, list, undefined])
  return {
    query,
    /** The question whole, also what goes without saying: for somebody else, or for later. */
    question: () => {
      const whole = withCriteria(new URLSearchParams(), criteria)
      whole.set('sort', sort)
      whole.set('order', order)
      return whole
    },
    total: query.data?.total ?? first?.total,
    criteria,
    sort,
    order,
    trail,
    narrow: (next: Criteria) => setAddress(withCriteria(address, next)),
    sortBy: (next: Sort, direction: 'asc' | 'desc') =>
      setAddress((held) => {
        held.set('sort', next)
        held.set('order', direction)
        return held
      }),
  }
}
