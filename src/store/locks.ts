import { sql } from 'kysely'
import type { Db } from './connection.ts'

/**
 * Transaction-wide advisory locks, taken in this order and before any row lock, so that they cannot wait in a circle.
 * knowledge: switched exclusively, shared by whoever settles (law 5 of the architecture). policy: the same for suppression
 * rules and enablement. refresh: one at a time decides matches and issues. audit: one at a time extends the chain.
 */
const keys = { knowledge: 7301, policy: 7302, refresh: 7303, audit: 7304 } as const
export type LockName = keyof typeof keys

/** Held to the end of the transaction; nobody else may hold it in either way. */
export async function lockExclusively(trx: Db, name: LockName): Promise<void> {
  await sql`select pg_advisory_xact_lock(${keys[name]})`.execute(trx)
}

/** Held to the end of the transaction, together with others who share it. */
export async function lockShared(trx: Db, name: LockName): Promise<void> {
  await sql`select pg_advisory_xact_lock_shared(${keys[name]})`.execute(trx)
}
