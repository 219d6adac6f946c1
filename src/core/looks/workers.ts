import { type RawBuilder, sql } from 'kysely'
import type { Db } from '../../store/connection.ts'

/** A worker that was not heard of for so long is gone: it says several times in this span that it is there. */
const silence = sql`interval '90 seconds'`
const atWork = sql<boolean>`(stopped_at is null and seen_at > now() - ${silence})`
/** What ended so long ago tells nothing, where a later worker of the same machine is there to tell it. */
const forgotten = sql`interval '1 day'`

/** Notes that the worker `id`, a process on this machine, is there. To be repeated while it is. */
export async function seeWorker(db: Db, { id, machine }: { readonly id: string; readonly machine: string }): Promise<void> {
  await sql`
    insert into worker (id, machine, seen_at) values (${id}::uuid, ${machine}, clock_timestamp())
    on conflict (id) do update set seen_at = excluded.seen_at, stopped_at = null`.execute(db)
  await sql`
    delete from worker where machine = ${machine} and id <> ${id}::uuid and coalesce(stopped_at, seen_at) < now() - ${forgotten}`.execute(
    db,
  )
}

/** Notes that it ended in order, so that nobody waits for it. */
export async function endWorker(db: Db, id: string): Promise<void> {
  await sql`update worker set stopped_at = clock_timestamp() where id = ${id}::uuid`.execute(db)
}

/** Machines on which a worker is now, as an array for `= any(...)`. */
export const workedMachines: RawBuilder<string[]> = sql`array(select machine from worker where ${atWork})`

/** When a worker was last on the machine; null when never. */
export const lastAtWork = (machine: RawBuilder<unknown>): RawBuilder<Date | null> =>
  sql`(select max(coalesce(w.stopped_at, w.seen_at)) from worker w where w.machine = ${machine})`

/** Machines on which a worker is now, in order. */
export async function machinesAtWork(db: Db): Promise<readonly string[]> {
  const { rows } = await sql<{ machine: string }>`
    select distinct machine collate "C" as machine from worker where ${atWork} order by 1`.execute(db)
  return rows.map(({ machine }) => machine)
}
