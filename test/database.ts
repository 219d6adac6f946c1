import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { sql } from 'kysely'
import { inject } from 'vitest'
import { type Db, openStore, type Store } from '../src/store/connection.ts'
import { freshServerDatabase } from './postgres.ts'

export type TestStore = Store & { readonly dataDir?: string; readonly url?: string }

/** Both databases we support, real ones: for `describe.each(databases)`. `close()` of the store removes what was made. */
export const databases: readonly { readonly name: 'embedded' | 'server'; open(): Promise<TestStore> }[] = [
  { name: 'embedded', open: openEmbedded },
  { name: 'server', open: openServer },
]

const run = promisify(execFile)

/** Gives a data folder an embedded store with its tables and no row. It is copied: making a database and its tables anew takes seconds. */
export async function emptyStore(dataDir: string): Promise<void> {
  const made = join(inject('embeddedTemplate'), 'made')
  if (!existsSync(made)) {
    const making = await mkdtemp(join(inject('embeddedTemplate'), 'making-'))
    await (await openStore({ dataDir: making })).close()
    // Another process may have been first: then its folder is not empty, and ours goes with the run.
    await rename(making, made).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error
    })
  }
  await mkdir(dataDir, { recursive: true })
  await run('cp', ['-R', `${made}/.`, dataDir])
}

async function openEmbedded(): Promise<TestStore> {
  const dataDir = join(await mkdtemp(join(tmpdir(), 'oi-test-')), 'data')
  await emptyStore(dataDir)
  const store = await openStore({ dataDir })
  return {
    ...store,
    dataDir,
    async close() {
      await store.close()
      await rm(dirname(dataDir), { recursive: true, force: true })
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

/** Pages of a table up to which its rows are deleted: what is deleted stays in them, and is read past. */
const MOST_PAGES = 16

/**
 * Removes every row of our own tables and starts their counters again. Tests leave little: to delete it takes a tenth of what
 * TRUNCATE takes, which makes new files for every table and index. Foreign keys are not followed, for nothing is left.
 */
export async function emptyDatabase(db: Db): Promise<void> {
  await db.transaction().execute(async (trx) => {
    const { rows } = await sql<{ name: string; pages: number }>`
      select relname as name, pg_relation_size(c.oid) / 8192 as pages from pg_class c join pg_namespace n on n.oid = c.relnamespace
      where n.nspname = 'public' and c.relkind = 'r' and relname not like 'kysely_%'`.execute(trx)
    await sql`set local session_replication_role = replica`.execute(trx)
    const [grown, small] = [rows.filter(({ pages }) => pages > MOST_PAGES), rows.filter(({ pages }) => pages > 0 && pages <= MOST_PAGES)]
    for (const { name } of small) await sql`delete from ${sql.table(name)}`.execute(trx)
    if (grown.length > 0) await sql.raw(`truncate ${grown.map(({ name }) => `"${name}"`).join(', ')} cascade`).execute(trx)
    await sql`
      select setval(format('%I.%I', schemaname, sequencename)::regclass, start_value, false)
      from pg_sequences where schemaname = 'public' and last_value is not null`.execute(trx)
  })
}
