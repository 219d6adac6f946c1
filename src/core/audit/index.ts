import { sql } from 'kysely'
import type { Db } from '../../store/connection.ts'
import { lockExclusively } from '../../store/locks.ts'
import { chainHash, noHash, plain, type AuditEntry } from './chain.ts'

export type { AuditEntry } from './chain.ts'

/**
 * Adds a row to the chain, in the transaction of the write it speaks of. The chain is held until that transaction ends:
 * make it the last statement.
 */
export async function record(trx: Db, entry: AuditEntry): Promise<void> {
  await lockExclusively(trx, 'audit')
  const { rows } = await sql<{ hash: Buffer }>`select hash from audit order by id desc limit 1`.execute(trx)
  const previous = rows[0]?.hash ?? noHash
  const json = (value: unknown): string | null => (value === undefined ? null : JSON.stringify(plain(value)))
  await sql`insert into audit (at, principal, action, object, before, after, why, previous_hash, hash)
    values (${entry.at}, ${entry.principal}, ${entry.action}, ${entry.object}, ${json(entry.before)}::jsonb, ${json(entry.after)}::jsonb,
      ${entry.why ?? null}, ${previous}, ${chainHash(previous, entry)})`.execute(trx)
}

/** `head` is the last hash: kept elsewhere, it also shows rows cut off at the end. */
export type ChainState = { readonly rows: number; readonly head: string; readonly broken?: { readonly id: number; readonly why: string } }

const pageSize = 1_000

/** Reads the whole chain and stops at the first row that does not fit. */
export async function verifyChain(db: Db): Promise<ChainState> {
  let [last, rows] = [0, 0]
  let previous: Buffer = noHash
  for (;;) {
    const page = await pageAfter(db, last)
    for (const row of page) {
      const why = fault(previous, row)
      if (why !== undefined) return { rows, head: previous.toString('hex'), broken: { id: row.id, why } }
      last = row.id
      rows += 1
      previous = row.hash
    }
    if (page.length < pageSize) return { rows, head: previous.toString('hex') }
  }
}

type Row = Required<Omit<AuditEntry, 'why'>> & { why: string | null; id: number; previous: Buffer; hash: Buffer }

async function pageAfter(db: Db, last: number): Promise<readonly Row[]> {
  const { rows } = await sql<Row>`
    select id::float8 as id, at, principal, action, object, before, after, why, previous_hash as previous, hash
    from audit where id > ${last} order by id limit ${pageSize}`.execute(db)
  return rows
}

function fault(previous: Buffer, { why, ...row }: Row): string | undefined {
  if (!row.previous.equals(previous)) return 'the row before it was changed, moved or removed'
  const entry = why === null ? row : { ...row, why }
  return chainHash(previous, entry).equals(row.hash) ? undefined : 'its content was changed'
}
