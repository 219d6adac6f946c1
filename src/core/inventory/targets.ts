import { sql } from 'kysely'
import { AppError } from '../../model/errors.ts'
import { coverageStatus } from '../../store/codes.ts'
import type { Db } from '../../store/connection.ts'
import type { Place } from '../looks/index.ts'
import { tellCoverage } from './tell-coverage.ts'

/** A resource that is looked at again: what a person typed for it, and the machine it was found on, where known. */
export type WatchedTarget = { readonly target: string; readonly machine?: string }

/** Targets of resources still in coverage, in the order they came. */
export async function watchedTargets(db: Db): Promise<readonly WatchedTarget[]> {
  const { rows } = await sql<{ target: string; machine: string | null }>`
    select target, machine from resource where target is not null and gone_at is null order by id`.execute(db)
  return rows.map(toWatched)
}

/** Those of the resources that are in coverage and looked at again. */
export async function watchedAmong(db: Db, arns: readonly string[]): Promise<ReadonlySet<string>> {
  const { rows } = await sql<{ arn: string }>`
    select arn from resource where arn = any(${arns}::text[]) and target is not null and gone_at is null`.execute(db)
  return new Set(rows.map(({ arn }) => arn))
}

/** The target of a resource; undefined when its inventory is handed in from outside. Throws AppError `missing`. */
export async function targetOf(db: Db, arn: string): Promise<WatchedTarget | undefined> {
  const { rows } = await sql<{ target: string | null; machine: string | null }>`
    select target, machine from resource where arn = ${arn} and gone_at is null`.execute(db)
  const row = rows[0]
  if (row === undefined) throw new AppError('missing', `No resource in coverage has the ARN ${arn}.`)
  const { target, machine } = row
  return target === null ? undefined : toWatched({ target, machine })
}

const toWatched = ({ target, machine }: { readonly target: string; readonly machine: string | null }): WatchedTarget =>
  machine === null ? { target } : { target, machine }

/** Notes that a target could not even be found any more. What was held of it stays. */
export async function recordLost(db: Db, { target, machine }: Place, reason: string, at: Date): Promise<void> {
  const detail = reason.slice(0, 2_000)
  await db.transaction().execute(async (trx) => {
    const { rows } = await sql<{ id: number }>`
      update resource set status = ${coverageStatus.INACTIVE}, reason = 'INTERNAL_ERROR', reason_detail = ${detail}
      where target = ${target} and coalesce(machine, ${machine}) = ${machine} and gone_at is null and (reason, reason_detail) is distinct from ('INTERNAL_ERROR', ${detail}) returning id`.execute(
      trx,
    )
    if (rows.length > 0)
      await tellCoverage(
        trx,
        rows.map(({ id }) => id),
        at,
      )
  })
}
