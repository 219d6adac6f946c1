import { sql } from 'kysely'
import type { Gap, Occurrence, OperatingSystem } from '../../model/component.ts'
import { AppError } from '../../model/errors.ts'
import type { ResourceFacts } from '../../model/resource.ts'
import type { SbomSubject } from '../../model/sbom.ts'
import type { Scope } from '../../model/scope.ts'
import { resourceTypeOf } from '../../store/codes.ts'
import type { Db } from '../../store/connection.ts'
import { readOccurrences } from '../inventory/index.ts'
import { visible } from './coverage.ts'

/** Places of packages that one answer carries: written at once, more would keep everybody else waiting for seconds. */
const MOST = 20_000

/**
 * What all collectors together hold of a resource, for a document about it. Throws AppError `missing` for one that is not the caller's to
 * see, `conflict` for one that nobody looked at yet, `quota` where it is too much for one answer.
 */
export async function heldInventory(db: Db, scope: Scope, arn: string): Promise<Omit<SbomSubject, 'tool'>> {
  const { rows } = await sql<Row>`
    select r.resource_id, r.type, r.facts, r.inventory_id, i.occurrences,
      (select max(collected_at) from observation where resource_id = r.id) as at,
      (select coalesce(jsonb_agg(g order by g ->> 'path', g ->> 'extractor', g ->> 'reason'), '[]') from (
        select distinct jsonb_array_elements(gaps) as g from observation where resource_id = r.id) gaps) as gaps
    from resource r left join inventory i on i.id = r.inventory_id where ${visible(scope)} and r.arn = ${arn}`.execute(db)
  const [row] = rows
  if (row === undefined) throw new AppError('missing', `There is no resource ${arn}.`, { details: { resourceId: arn } })
  const { resource_id: id, inventory_id: inventory, at, gaps } = row
  if (inventory === null || at === null)
    throw new AppError('conflict', `${id} was not looked at yet: what it holds is not known.`, { details: { resourceId: arn } })
  if ((row.occurrences ?? 0) > MOST)
    throw new AppError(
      'quota',
      `${id} holds packages in ${row.occurrences} places, at most ${MOST} are written in one answer; where it is, openinspector sbom writes all.`,
    )
  const occurrences: readonly Occurrence[] = await readOccurrences(db, [inventory])
  const os: OperatingSystem | undefined = row.facts.os
  return { resource: { arn, id, type: resourceTypeOf(row.type) }, occurrences, gaps, ...(os && { os }), at: at.toISOString() }
}

type Row = {
  readonly resource_id: string
  readonly type: number
  readonly facts: ResourceFacts
  readonly inventory_id: number | null
  readonly occurrences: number | null
  readonly at: Date | null
  readonly gaps: readonly Gap[]
}
