import { finished } from 'node:stream/promises'
import type pg from 'pg'
import { from as copyFrom } from 'pg-copy-streams'

/** A table and some of its columns. Both are ours, never a user's. */
export type CopyTarget = { readonly table: string; readonly columns: readonly string[] }

/** Appends rows, written by `copyText`, in a transaction of their own: several times cheaper than inserts. */
export async function copyInto(pool: pg.Pool, { table, columns }: CopyTarget, rows: Uint8Array): Promise<void> {
  if (rows.length === 0) return
  const client = await pool.connect()
  try {
    const stream = client.query(copyFrom(`copy ${table} (${columns.join(', ')}) from stdin`))
    stream.end(rows)
    await finished(stream)
  } finally {
    client.release()
  }
}
