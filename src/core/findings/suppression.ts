import { sql, type RawBuilder } from 'kysely'
import type { Db } from '../../store/connection.ts'
import { conditionOf, criteriaFromJson } from './criteria.ts'

/**
 * Condition over the aliases f, i, v, r: does a suppression rule of the finding's account and Region match it? The caller
 * shares the lock `policy`, or a rule made meanwhile would miss what it writes.
 */
export async function suppressedBy(db: Db): Promise<RawBuilder<boolean>> {
  const { rows } = await sql<{ account_id: string; region: string; criteria: unknown }>`
    select account_id, region, criteria from filter where action = 'SUPPRESS' order by id`.execute(db)
  if (rows.length === 0) return sql`false`
  const rules = rows.map(
    ({ account_id, region, criteria }) =>
      sql`(r.account_id = ${account_id}::bigint and r.region = ${region} and ${conditionOf(criteriaFromJson(criteria))})`,
  )
  return sql`(${sql.join(rules, sql` or `)})`
}
