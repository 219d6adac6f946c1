import { finished } from 'node:stream/promises'
import type pg from 'pg'
import { from as copyFrom } from 'pg-copy-streams'

/** What one column of a COPY may hold; arrays become PostgreSQL text arrays, buffers bytea. */
export type CopyValue = string | number | boolean | null | undefined | Buffer | readonly string[]

/** Appends rows by COPY in a transaction of their own: several times cheaper than inserts. Table and columns are ours, never a user's. */
export async function copyRows(
  pool: pg.Pool,
  table: string,
  columns: readonly string[],
  rows: readonly (readonly CopyValue[])[],
): Promise<void> {
  if (rows.length === 0) return
  const client = await pool.connect()
  try {
    const stream = client.query(copyFrom(`copy ${table} (${columns.join(', ')}) from stdin`))
    stream.end(rows.map((row) => `${row.map(textOf).join('\t')}\n`).join(''))
    await finished(stream)
  } finally {
    client.release()
  }
}

/** Text format of COPY (PostgreSQL documentation, COPY, File Formats). */
function textOf(value: CopyValue): string {
  if (value === null || value === undefined) return '\\N'
  if (typeof value === 'string') return escaped(value)
  if (Buffer.isBuffer(value)) return `\\\\x${value.toString('hex')}`
  if (typeof value === 'object') return escaped(`{${value.map(arrayElement).join(',')}}`)
  return String(value)
}

const special = /[\\\t\n\r\0]/
const codes: Readonly<Record<string, string>> = { '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r', '\0': '' }

/** A NUL cannot be stored in text: it is left out. */
function escaped(text: string): string {
  return special.test(text) ? text.replace(/[\\\t\n\r\0]/g, (character) => codes[character] ?? '') : text
}

const arrayElement = (element: string): string => `"${element.replace(/[\\"]/g, '\\$&')}"`
