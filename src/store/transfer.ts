import { pipeline } from 'node:stream/promises'
import { sql } from 'kysely'
import type pg from 'pg'
import { from as copyFrom, to as copyTo } from 'pg-copy-streams'
import { AppError } from '../model/errors.ts'
import type { Db, Store } from './connection.ts'
import { makeEventMonths } from './months.ts'

/** Rows by table, of our own tables only. */
export type RowCounts = Readonly<Record<string, number>>

type Table = { readonly name: string; readonly columns: readonly string[] }

/**
 * Copies every row of one store into another that holds none, table by table, and sets its sequences. Nobody may write to
 * either meanwhile. Throws AppError `conflict` when the target holds rows already. Work that waits in the queue is not
 * copied: what it is about is in the tables, and a worker asks for it when it starts.
 */
export async function transfer(from: Store, to: Store, onTable: (table: string, rows: number) => void): Promise<RowCounts> {
  const held = Object.entries(await countRows(to.db)).filter(([, rows]) => rows > 0)
  if (held.length > 0)
    throw new AppError(
      'conflict',
      `The target must be empty; it holds ${held.map(([table, rows]) => `${rows} rows in ${table}`).join(', ')}.`,
    )
  const tables = await tablesInOrder(to.db)
  await makeMonths(from.db, to.db)
  const counts: Record<string, number> = {}
  const client: pg.PoolClient = await to.pool.connect()
  try {
    await client.query('begin')
    for (const table of tables) {
      const rows = await copyTable(from, client, table)
      counts[table.name] = rows
      onTable(table.name, rows)
    }
    await setSequences(from.db, client)
    await client.query('commit')
  } catch (error) {
    await client.query('rollback')
    throw error
  } finally {
    client.release()
  }
  return counts
}

export async function countRows(db: Db): Promise<RowCounts> {
  const counts: Record<string, number> = {}
  for (const { name } of await tablesInOrder(db)) {
    const { rows } = await sql<{ rows: string }>`select count(*) as rows from ${sql.table(name)}`.execute(db)
    counts[name] = Number(rows[0]?.rows ?? 0)
  }
  return counts
}

/** Transaction ids mean nothing in another cluster: all that was told is told as of its beginning (store-design, section 8). */
const selected = (column: string) => (column === 'xid' ? `'3'::xid8` : quoted(column))
const quoted = (name: string) => `"${name}"`

async function copyTable(from: Store, to: pg.PoolClient, { name, columns }: Table): Promise<number> {
  const source = await from.pool.connect()
  try {
    const reading = source.query(copyTo(`copy (select ${columns.map(selected).join(', ')} from ${quoted(name)}) to stdout`))
    const writing = to.query(copyFrom(`copy ${quoted(name)} (${columns.map(quoted).join(', ')}) from stdin`))
    await pipeline(reading, writing)
    return writing.rowCount
  } finally {
    source.release()
  }
}

/** Our tables, those that others refer to first. */
async function tablesInOrder(db: Db): Promise<readonly Table[]> {
  const { rows } = await sql<{ name: string; columns: string[]; needs: string[] }>`
    select c.relname as name,
      array(select a.attname::text from pg_attribute a where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
        order by a.attnum) as columns,
      array(select distinct r.relname::text from pg_constraint k join pg_class r on r.oid = k.confrelid
        where k.conrelid = c.oid and k.contype = 'f' and k.confrelid <> c.oid) as needs
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where n.nspname = 'public' and c.relkind in ('r', 'p') and not c.relispartition and c.relname not like 'kysely\_%' order by 1`.execute(
    db,
  )
  const ordered: Table[] = []
  const done = new Set<string>()
  while (ordered.length < rows.length) {
    const next = rows.find(({ name, needs }) => !done.has(name) && needs.every((need) => done.has(need)))
    if (next === undefined) throw new Error('tables refer to each other in a circle')
    done.add(next.name)
    ordered.push(next)
  }
  return ordered
}

/** Partitions of events are made month by month: the target needs those of the source. */
async function makeMonths(from: Db, to: Db): Promise<void> {
  const { rows } = await sql<{ month: Date }>`select distinct date_trunc('month', at) as month from finding_event`.execute(from)
  for (const { month } of rows) await makeEventMonths(to, new Date(month.getTime() + 86_400_000))
}

async function setSequences(from: Db, to: pg.PoolClient): Promise<void> {
  const { rows } = await sql<{ name: string; last: string | null }>`
    select sequencename as name, last_value::text as last from pg_sequences where schemaname = 'public'`.execute(from)
  for (const { name, last } of rows) if (last !== null) await to.query('select setval($1::regclass, $2::bigint)', [quoted(name), last])
}
