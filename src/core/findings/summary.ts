import { sql } from 'kysely'
import type { ResourceType } from '../../model/resource.ts'
import type { Scope } from '../../model/scope.ts'
import { resourceTypeOf } from '../../store/codes.ts'
import type { Db } from '../../store/connection.ts'
import type { SeverityCounts } from './aggregate-types.ts'
import { allOf } from './criteria-terms.ts'
import { resourcesOf } from './page-look.ts'

/** ACTIVE findings at a glance. */
export type FindingsSummary = {
  readonly severities: SeverityCounts
  readonly resourceTypes: readonly { readonly resourceType: ResourceType; readonly counts: SeverityCounts }[]
  readonly fixAvailable: number
  readonly exploitAvailable: number
  /** At most 10 resources with findings, the most critical first. */
  readonly topResources: readonly {
    readonly arn: string
    readonly resourceId: string
    readonly resourceType: ResourceType
    readonly counts: SeverityCounts
  }[]
}

type Counts = {
  readonly critical: number
  readonly high: number
  readonly medium: number
  readonly low: number
  readonly info: number
  readonly untriaged: number
}
const bands = sql.raw(
  ['critical', 'high', 'medium', 'low', 'info', 'untriaged'].map((band) => `coalesce(sum(t.${band}), 0)::int as ${band}`).join(', '),
)

export async function summarizeFindings(db: Db, scope: Scope): Promise<FindingsSummary> {
  const seen = allOf(resourcesOf(scope))
  const types = await sql<Counts & { type: number; fix: number; exploit: number }>`
    select r.type, ${bands}, coalesce(sum(t.fix), 0)::int as fix, coalesce(sum(t.exploit), 0)::int as exploit
    from resource_tally t join resource r on r.id = t.resource_id where ${seen} group by r.type order by r.type`.execute(db)
  const top = await sql<Counts & { arn: string; resource_id: string; type: number }>`
    select r.arn, r.resource_id, r.type, t.critical, t.high, t.medium, t.low, t.info, t.untriaged
    from resource_tally t join resource r on r.id = t.resource_id
    where ${seen} and t.critical + t.high + t.medium + t.low + t.info + t.untriaged > 0
    order by t.critical desc, t.high desc, t.medium desc, t.low desc, r.id limit 10`.execute(db)
  const sum = (of: (row: (typeof types.rows)[number]) => number) => types.rows.reduce((total, row) => total + of(row), 0)
  return {
    severities: countsOf({
      critical: sum((row) => row.critical),
      high: sum((row) => row.high),
      medium: sum((row) => row.medium),
      low: sum((row) => row.low),
      info: sum((row) => row.info),
      untriaged: sum((row) => row.untriaged),
    }),
    resourceTypes: types.rows.map((row) => ({ resourceType: resourceTypeOf(row.type), counts: countsOf(row) })),
    fixAvailable: sum(({ fix }) => fix),
    exploitAvailable: sum(({ exploit }) => exploit),
    topResources: top.rows.map((row) => ({
      arn: row.arn,
      resourceId: row.resource_id,
      resourceType: resourceTypeOf(row.type),
      counts: countsOf(row),
    })),
  }
}

/** The columns of a tally under the names of the API. */
export const countsOf = ({ critical, high, medium, low, info, untriaged }: Counts): SeverityCounts => ({
  all: critical + high + medium + low + info + untriaged,
  critical,
  high,
  medium,
  low,
  informational: info,
  untriaged,
})
