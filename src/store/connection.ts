import { Kysely, PostgresDialect, sql } from 'kysely'
import pg from 'pg'
import { AppError } from '../model/errors.ts'
import { startEmbedded } from './embedded.ts'
import { migrate } from './migrate.ts'
import { startQueue, type Queue } from './queue.ts'

/** A database or one transaction of it. Inside a transaction use only the transaction. */
export type Db = Kysely<unknown>

export type Store = {
  readonly db: Db
  readonly mode: 'embedded' | 'server'
  readonly queue: Queue
  /** For what needs a connection of its own: COPY, LISTEN. */
  readonly pool: pg.Pool
  close(): Promise<void>
}

export type StoreTarget = { readonly dataDir: string } | { readonly url: string }

/** Longer than any delta: an embedded statement waits for the transaction before it. */
const connectionTimeoutMillis = 120_000

/**
 * Opens the store and brings its tables up to date: embedded PostgreSQL in a folder, or a PostgreSQL server of version 15
 * or later. `onError` hears of connections lost outside a query. Throws AppError `conflict` (folder in use), `upstream`
 * (server not reachable) or `unsupported` (server too old, tables newer than this program).
 */
export async function openStore(target: StoreTarget, onError: (error: Error) => void = () => {}): Promise<Store> {
  const embedded = 'dataDir' in target ? await startEmbedded(target.dataDir) : undefined
  const settings: pg.PoolConfig =
    'url' in target ? { connectionString: target.url } : { host: embedded?.socketDir ?? '', user: 'postgres', database: 'postgres' }
  const pool = new pg.Pool({ ...settings, max: 8, connectionTimeoutMillis })
  pool.on('error', onError)
  const db = new Kysely<unknown>({ dialect: new PostgresDialect({ pool }) })
  const closeAll = async (): Promise<void> => {
    await db.destroy()
    await embedded?.stop()
  }
  try {
    await checkServer(db)
    await migrate(db)
    const queue = await startQueue(settings, onError)
    return {
      db,
      mode: embedded === undefined ? 'server' : 'embedded',
      queue,
      pool,
      async close() {
        await queue.stop()
        await closeAll()
      },
    }
  } catch (thrown) {
    await closeAll()
    throw thrown
  }
}

async function checkServer(db: Db): Promise<void> {
  const { rows } = await sql<{ version: number }>`select current_setting('server_version_num')::int as version`
    .execute(db)
    .catch((cause: unknown) => {
      throw new AppError('upstream', `The database does not answer: ${cause instanceof Error ? cause.message : String(cause)}`, { cause })
    })
  const version = rows[0]?.version ?? 0
  if (version < 150_000)
    throw new AppError('unsupported', `PostgreSQL 15 or later is needed; the server is ${Math.floor(version / 10_000)}.`)
}
