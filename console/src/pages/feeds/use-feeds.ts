import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { call } from '../../api/client.ts'
import { keys } from '../../api/queries.ts'
import type { Knowledge } from '../../api/types.ts'

export const useFeeds = () => useQuery({ queryKey: [keys.feeds], queryFn: ({ signal }) => call<Knowledge>('/feeds', { signal }) })

/** Asks for a load of every feed now. It runs on in the server; `/changes` tells its end. */
export function useSync() {
  const client = useQueryClient()
  return useMutation({
    mutationFn: () => call('/feeds/sync', { method: 'POST', body: {} }),
    onSuccess: () => client.invalidateQueries({ queryKey: [keys.feeds] }),
  })
}
