import { keepPreviousData, useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useSearchParams } from 'react-router'
import { call } from '../../api/client.ts'
import { keys } from '../../api/queries.ts'
import type { CoverageItem, JudgedPage, ResourceDetail } from '../../api/types.ts'
import { useTrail } from '../../parts/use-trail.ts'

const limit = 50
const parameters = ['status', 'reason', 'resourceType', 'resource'] as const
export type CoverageCriteria = Readonly<Partial<Record<(typeof parameters)[number], readonly string[]>>>

/** Resources with how they are covered, as the address narrows them, a page at a time. */
export function useCoverage() {
  const [address, setAddress] = useSearchParams()
  const criteria: CoverageCriteria = Object.fromEntries(
    parameters.map((name) => [name, address.getAll(name)] as const).filter(([, values]) => values.length > 0),
  )
  const list = JSON.stringify(criteria)
  const trail = useTrail(list)
  const query = useQuery({
    queryKey: [keys.coverage, list, trail.after],
    queryFn: ({ signal }) => call<JudgedPage<CoverageItem>>('/coverage', { query: { ...criteria, limit, after: trail.after }, signal }),
    placeholderData: keepPreviousData,
  })
  return {
    query,
    criteria,
    trail,
    narrow: (next: CoverageCriteria) =>
      setAddress(new URLSearchParams(parameters.flatMap((name) => (next[name] ?? []).map((value) => [name, value])))),
  }
}

/** What is known of one resource, with every gap. */
export const useResource = (arn: string) =>
  useQuery({
    queryKey: [keys.resource, arn],
    queryFn: ({ signal }) => call<ResourceDetail>(`/resources/${encodeURIComponent(arn)}`, { signal }),
  })

/** Asks for a new look at one resource; `/changes` tells its end. */
export function useCollect() {
  const client = useQueryClient()
  return useMutation({
    mutationFn: (arn: string) => call(`/resources/${encodeURIComponent(arn)}/collect`, { method: 'POST', body: {} }),
    onSuccess: () => client.invalidateQueries({ queryKey: [keys.coverage] }),
  })
}
