import { useQuery } from '@tanstack/react-query'
import { call, type Query } from '../../api/client.ts'
import { keys } from '../../api/queries.ts'
import type { CoverageStatistics, Finding, Page } from '../../api/types.ts'
import type { Criteria } from './criteria.ts'

/** What an empty list has to know before it may say why it is empty. */
export type Emptiness = {
  /** Findings, of any status, on the resources asked about; undefined: more than are counted. */
  readonly withoutFilters: number | undefined
  /** Of those, findings of the status asked about. */
  readonly ofStatus: number | undefined
  /** Resources asked about: all, or those the filter names. */
  readonly known: number
  readonly scanned: number
  /** Why the others are not, in the API's reasons. */
  readonly reasons: readonly string[]
}

/** Asked only once a list came out empty. */
export function useEmptiness(criteria: Criteria) {
  const { status, resource, resourceType } = criteria
  // Coverage knows no prefixes: a question with one is asked of all resources.
  const exact = resource?.every((id) => !id.endsWith('*')) === true ? resource : undefined
  const about = { resource, resourceType }
  return useQuery({
    // Findings and coverage both make it old, as they do the summary.
    queryKey: [keys.summary, 'emptiness', status, resource, resourceType],
    queryFn: async ({ signal }): Promise<Emptiness> => {
      const findings = (query: Query) => call<Page<Finding>>('/findings', { query: { ...query, limit: 1 }, signal })
      const resources = (query: Query) =>
        call<CoverageStatistics>('/coverage/statistics', {
          query: { ...query, resource: exact, resourceType, groupBy: 'reason' },
          signal,
        })
      const [all, ofStatus, known, scanned] = await Promise.all([
        findings(about),
        findings(status === undefined ? about : { ...about, status }),
        resources({}),
        resources({ status: ['ACTIVE'], reason: ['SUCCESSFUL'] }),
      ])
      return {
        withoutFilters: all.total,
        ofStatus: ofStatus.total,
        known: known.total,
        scanned: scanned.total,
        reasons: known.groups.map(({ group }) => group).filter((reason) => reason !== 'SUCCESSFUL'),
      }
    },
  })
}
