import type { Scope } from '../../model/scope.ts'
import type { Db } from '../../store/connection.ts'
import { countFindings, type FilterCriteria } from '../findings/index.ts'
import type { Filter } from './filters.ts'

/** Findings that a rule matches now; undefined where there are too many to count. */
export type RuleReach = {
  /** Those it would hide that nothing hides yet. */
  readonly active: number | undefined
  /** Those hidden already, by it or by another rule. */
  readonly suppressed: number | undefined
}

type Rule = Pick<Filter, 'ownerId' | 'region' | 'criteria'>

/** What a suppression rule with these criteria has before it, in the account and Region it holds for. */
export async function reachOfRule(db: Db, scope: Scope, rule: Rule): Promise<RuleReach> {
  return { active: await countOf(db, scope, rule, 'ACTIVE'), suppressed: await hiddenBy(db, scope, rule) }
}

/** How many findings a rule hides now, alone or with others; undefined where there are too many to count. */
export const hiddenBy = (db: Db, scope: Scope, rule: Rule): Promise<number | undefined> => countOf(db, scope, rule, 'SUPPRESSED')

async function countOf(
  db: Db,
  { caller }: Scope,
  { ownerId, region, criteria: { findingStatus, ...others } }: Rule,
  status: 'ACTIVE' | 'SUPPRESSED',
): Promise<number | undefined> {
  if (!admitsActive(findingStatus)) return 0
  const criteria: FilterCriteria = { ...others, findingStatus: [{ comparison: 'EQUALS', value: status }] }
  return countFindings(db, { caller, accounts: [ownerId], regions: [region] }, criteria)
}

/** A rule sees every open finding as ACTIVE, whatever it did to it. */
function admitsActive(filters: FilterCriteria['findingStatus'] = []): boolean {
  const wanted = filters.filter(({ comparison }) => comparison !== 'NOT_EQUALS')
  const some =
    wanted.length === 0 ||
    wanted.some(({ comparison, value }) => (comparison === 'EQUALS' ? value === 'ACTIVE' : 'ACTIVE'.startsWith(value)))
  return some && filters.every(({ comparison, value }) => comparison !== 'NOT_EQUALS' || value !== 'ACTIVE')
}
