import { AppError } from '../../model/errors.ts'
import type { Caller, Role, Scope } from '../../model/scope.ts'

const rank: Readonly<Record<Role, number>> = { viewer: 0, operator: 1, admin: 2 }

/** Every action of both APIs and the least role that may do it. Names in capitals are operations of the AWS API. */
const leastRole = {
  Enable: 'admin',
  Disable: 'admin',
  BatchGetAccountStatus: 'viewer',
  ListAccountPermissions: 'viewer',
  ListFindings: 'viewer',
  ListFindingAggregations: 'viewer',
  BatchGetFindingDetails: 'viewer',
  ListCoverage: 'viewer',
  ListCoverageStatistics: 'viewer',
  SearchVulnerabilities: 'viewer',
  CreateFilter: 'operator',
  ListFilters: 'viewer',
  UpdateFilter: 'operator',
  DeleteFilter: 'operator',
  TagResource: 'operator',
  UntagResource: 'operator',
  ListTagsForResource: 'viewer',
  /** Anything of the own API that only looks. */
  read: 'viewer',
  'filters.write': 'operator',
  'resources.write': 'operator',
  'resources.collect': 'operator',
  'agents.write': 'operator',
  'feeds.sync': 'operator',
  verify: 'operator',
} as const satisfies Record<string, Role>

export type Action = keyof typeof leastRole

/** The one decision who may do what. Throws AppError `denied`. */
export function allow(caller: Caller, action: Action): void {
  const needed = leastRole[action]
  if (rank[caller.role] < rank[needed])
    throw new AppError(
      'denied',
      `${caller.name} is not authorized to perform ${action}: it needs the role ${needed}, and the role here is ${caller.role}.`,
    )
}

/** What the caller may see: its account; on the AWS API only the Region the request was signed for. */
export function scopeOf(caller: Caller, region?: string): Scope {
  return { caller, accounts: [caller.account], regions: region === undefined ? 'all' : [region] }
}
