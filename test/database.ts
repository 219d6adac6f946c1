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

/** Removes every row of our own tables and starts their counters again. */
export async function emptyDatabase(db: Db): Promise<void> {
  const { rows } = await sql<{ name: string }>`
    select relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where n.nspname = 'public' and c.relkind in ('r', 'p') and not c.relispartition and relname not like 'kysely_%'`.execute(db)
  await sql.raw(`truncate ${rows.map(({ name }) => `"${name}"`).join(', ')} restart identity cascade`).execute(db)
}
