import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { call } from '../../api/client.ts'
import { keys } from '../../api/queries.ts'
import type { FindingDetail, FindingEvent, Page } from '../../api/types.ts'

/** One finding with its evidence. */
export const useFinding = (id: string) =>
  useQuery({
    queryKey: [keys.finding, id],
    queryFn: ({ signal }) => call<FindingDetail>(`/findings/${encodeURIComponent(id)}`, { signal }),
  })

/** What happened to it, newest first, as far back as was asked for. */
export const useHistory = (id: string) =>
  useInfiniteQuery({
    queryKey: [keys.finding, id, 'history'],
    queryFn: ({ pageParam, signal }) =>
      call<Page<FindingEvent>>(`/findings/${encodeURIComponent(id)}/history`, { query: { after: pageParam }, signal }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ after }) => after,
  })
