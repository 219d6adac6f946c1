import { sql } from 'kysely'
import type { Db } from '../../store/connection.ts'
import { workedMachines } from './workers.ts'

/** A target as a person wrote it, and the machine whose paths it means. */
export type Place = { readonly target: string; readonly machine: string }

/** Notes that looks are due: something changed, or somebody asked. Whoever answers meanwhile says that there may be more. */
export async function noteDue(db: Db, machine: string, targets: readonly string[]): Promise<void> {
  await sql`
    insert into look (machine, target, due_at) select ${machine}, target, clock_timestamp()
    from (select distinct unnest(${targets}::text[]) as target order by 1) t
    on conflict (machine, target) do update set due_at = excluded.due_at`.execute(db)
}

/** What the look that begins now will have seen; for `endLook`. undefined: no look was due. */
export async function beginLook(db: Db, { machine, target }: Place): Promise<string | undefined> {
  const { rows } = await sql<{ due: string }>`
    select due_at::text as due from look where machine = ${machine} and target = ${target}`.execute(db)
  return rows[0]?.due
}

/** The look is done. What became due after it had begun still is. */
export async function endLook(db: Db, { machine, target }: Place, due: string | undefined): Promise<void> {
  if (due === undefined) return
  await sql`delete from look where machine = ${machine} and target = ${target} and due_at = ${due}::timestamptz`.execute(db)
}

/** Nobody is to look there any more. */
export async function forgetLook(db: Db, { machine, target }: Place): Promise<void> {
  await sql`delete from look where machine = ${machine} and target = ${target}`.execute(db)
}

/** Forgets looks at what is not `targets`: they were due in an earlier process that was told to watch other things. */
export async function forgetOthers(db: Db, machine: string, targets: readonly string[]): Promise<void> {
  await sql`
    delete from look l where l.machine = ${machine} and l.target <> all(${targets}::text[])
      and not exists (select 1 from resource r where r.target = l.target and r.machine = l.machine and r.gone_at is null)`.execute(db)
}

/** Looks due or under way. Not those of a machine without a worker: they will not come, and coverage says so. */
export async function looksDue(db: Db): Promise<number> {
  const { rows } = await sql<{ due: number }>`select count(*)::int as due from look where machine = any(${workedMachines})`.execute(db)
  return rows[0]?.due ?? 0
}
