import pg from 'pg'
import { expect, it } from 'vitest'
import { freshServerDatabase } from './postgres.ts'

it('gives each caller an empty database of its own, and drops it under open connections', async () => {
  const [one, two] = await Promise.all([freshServerDatabase(), freshServerDatabase()])
  const client = new pg.Client({ connectionString: one.url })
  client.on('error', () => {})
  await client.connect()
  await client.query('create table thing(id int)')
  const other = new pg.Client({ connectionString: two.url })
  await other.connect()
  const tables = await other.query("select tablename from pg_tables where schemaname = 'public'")
  expect(tables.rows).toEqual([])
  await other.end()
  await Promise.all([one.drop(), two.drop()])
  await expect(client.query('select 1')).rejects.toThrow()
})

it('is a real server of the version we ask for', async () => {
  const database = await freshServerDatabase()
  const client = new pg.Client({ connectionString: database.url })
  await client.connect()
  const { rows } = await client.query('show server_version_num')
  expect(Number(rows[0]?.server_version_num)).toBeGreaterThanOrEqual(180_000)
  await client.end()
  await database.drop()
})
