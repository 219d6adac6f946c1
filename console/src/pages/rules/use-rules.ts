import { keepPreviousData, useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { call } from '../../api/client.ts'
import { keys } from '../../api/queries.ts'
import type { FilterItem, FilterPreview, Page } from '../../api/types.ts'
import { useTrail } from '../../parts/use-trail.ts'
import { type Criteria, toApi } from '../findings/criteria.ts'

const limit = 25
export type RuleInput = Pick<FilterItem, 'name' | 'action' | 'criteria'> & { readonly reason?: string; readonly description?: string }

/** Filters in the order of their making, a page at a time. */
export function useRules() {
  const trail = useTrail('rules')
  const query = useQuery({
    queryKey: [keys.rules, trail.after],
    queryFn: ({ signal }) => call<Page<FilterItem>>('/filters', { query: { limit, after: trail.after }, signal }),
    placeholderData: keepPreviousData,
  })
  return { query, trail }
}

/** What a rule with these criteria would hide. A rule looks at whatever is open, so a status is not asked for. */
export function usePreview({ status: _, ...criteria }: Criteria) {
  const query = toApi(criteria)
  return useQuery({
    queryKey: [keys.rules, 'preview', query],
    enabled: Object.keys(criteria).length > 0,
    retry: false,
    queryFn: ({ signal }) => call<FilterPreview>('/filters/preview', { method: 'POST', body: { query }, signal }),
  })
}

/** Makes a rule, or changes the one named; findings follow, and `/changes` tells of them. */
export function useSaveRule(arn?: string) {
  const client = useQueryClient()
  return useMutation({
    mutationFn: (rule: Partial<RuleInput>) =>
      arn === undefined
        ? call<FilterItem>('/filters', { method: 'POST', body: rule })
        : call<FilterItem>(`/filters/${encodeURIComponent(arn)}`, { method: 'PATCH', body: rule }),
    onSuccess: () => client.invalidateQueries({ queryKey: [keys.rules] }),
  })
}

export function useDeleteRule() {
  const client = useQueryClient()
  return useMutation({
    mutationFn: ({ arn }: FilterItem) => call(`/filters/${encodeURIComponent(arn)}`, { method: 'DELETE' }),
    onSuccess: () => client.invalidateQueries({ queryKey: [keys.rules] }),
  })
}
