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
  /** For requests that only read: a server ends a statement of theirs that takes too long (`tookTooLong`). Embedded, where none can be ended, `db` itself. */
  readonly reads: Db
  readonly mode: 'embedded' | 'server'
  readonly queue: Queue
  /** For what needs a connection of its own: COPY, LISTEN. */
  readonly pool: pg.Pool
  close(): Promise<void>
}

export type StoreTarget = { readonly dataDir: string } | { readonly url: string }

/** Longer than any delta: an embedded statement waits for the transaction before it. */
const connectionTimeoutMillis = 120_000
/** Lists are made to take a tenth of a second; what takes fifty times that only keeps the others waiting. */
const readTimeoutMs = 5_000
/** SQLSTATE query_canceled (PostgreSQL documentation, appendix A). */
const queryCanceled = '57014'

/**
 * Opens the store and brings its tables up to date: embedded PostgreSQL in a folder, or a PostgreSQL server of version 15
 * or later. `onError` hears of connections lost outside a query. Throws AppError `conflict` (folder in use), `upstream`
 * (server not reachable) or `unsupported` (server too old, tables newer than this program).
 */
export async function openStore(
  target: StoreTarget,
  onError: (error: Error) => void = () => {},
  limits: { readonly readTimeoutMs: number } = { readTimeoutMs },
): Promise<Store> {
  const embedded = 'dataDir' in target ? await startEmbedded(target.dataDir) : undefined
  const settings: pg.PoolConfig =
    'url' in target ? { connectionString: target.url } : { host: embedded?.socketDir ?? '', user: 'postgres', database: 'postgres' }
  const poolOf = (more: pg.PoolConfig = {}) => new pg.Pool({ ...settings, max: 8, connectionTimeoutMillis, ...more }).on('error', onError)
  const over = (connections: pg.Pool) => new Kysely<unknown>({ dialect: new PostgresDialect({ pool: connections }) })
  const pool = poolOf()
  const db = over(pool)
  const reads = embedded === undefined ? over(poolOf({ statement_timeout: limits.readTimeoutMs })) : db
  const closeAll = async (): Promise<void> => {
    await Promise.all([...new Set([db, reads])].map((one) => one.destroy()))
    await embedded?.stop()
  }
  try {
    await checkServer(db)
    await migrate(db)
    const queue = await startQueue(settings, onError)
    return {
      db,
      reads,
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

/** The words for a statement that the database ended because of its time; undefined for anything else that was thrown. */
export function tookTooLong(thrown: unknown): AppError | undefined {
  if (!(thrown instanceof Error && 'code' in thrown && thrown.code === queryCanceled)) return undefined
  return new AppError(
    'limited',
    'The answer took the database longer than it gives to one question. Ask for less: name a status, severity, resource, package or vulnerability, or a shorter range of time.',
    { cause: thrown },
  )
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
