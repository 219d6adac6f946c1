import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'kysely'
import { type Db, openStore, type Store } from '../src/store/connection.ts'
import { freshServerDatabase } from './postgres.ts'

export type TestStore = Store & { readonly dataDir?: string; readonly url?: string }

/** Both databases we support, real ones: for `describe.each(databases)`. `close()` of the store removes what was made. */
export const databases: readonly { readonly name: 'embedded' | 'server'; open(): Promise<TestStore> }[] = [
  { name: 'embedded', open: openEmbedded },
  { name: 'server', open: openServer },
]

async function openEmbedded(): Promise<TestStore> {
  const dataDir = await mkdtemp(join(tmpdir(), 'oi-test-'))
  const store = await openStore({ dataDir })
  return {
    ...store,
    dataDir,
    async close() {
      await store.close()
      await rm(dataDir, { recursive: true, force: true })
    },
  }
}

async function openServer(): Promise<TestStore> {
  const { url, drop } = await freshServerDatabase()
  const store = await openStore({ url })
  return {
    ...store,
    url,
    async close() {
      await store.close()
      await drop()
    },
  }
}

/** Removes every row of our own tables and starts their counters again. */
export async function emptyDatabase(db: Db): Promise<void> {
  const { rows } = await sql<{ name: string }>`
    select relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where n.nspname = 'public' and c.relkind in ('r', 'p') and not c.relispartition and relname not like 'kysely_%'`.execute(db)
  await sql.raw(`truncate ${rows.map(({ name }) => `"${name}"`).join(', ')} restart identity cascade`).execute(db)
}
