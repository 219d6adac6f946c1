import { sql } from 'kysely'
import { Migrator, type MigrationProvider } from 'kysely/migration'
import { AppError } from '../model/errors.ts'
import type { Db } from './connection.ts'
import { foundation } from './migrations/0001-foundation.ts'
import { closedFindings } from './migrations/0002-closed-findings.ts'
import { occurrenceDetails } from './migrations/0003-occurrence-details.ts'
import { looks } from './migrations/0004-looks.ts'
import { agents } from './migrations/0005-agents.ts'
import { makeEventMonths } from './months.ts'

/** Forward only; a text is never edited once it is on main. */
const migrations: Readonly<Record<string, string>> = {
  '0001-foundation': foundation,
  '0002-closed-findings': closedFindings,
  '0003-occurrence-details': occurrenceDetails,
  '0004-looks': looks,
  '0005-agents': agents,
}

const provider: MigrationProvider = {
  getMigrations: () =>
    Promise.resolve(
      Object.fromEntries(
        Object.entries(migrations).map(([name, text]) => [name, { up: async (db: Db) => void (await sql.raw(text).execute(db)) }]),
      ),
    ),
}

/** Brings the tables to what this program expects. Several processes may call it at once. */
export async function migrate(db: Db): Promise<void> {
  const { error } = await new Migrator({ db, provider }).migrateToLatest()
  if (error !== undefined) {
    throw new AppError(
      'unsupported',
      `The database's tables could not be brought up to date: ${error instanceof Error ? error.message : String(error)}`,
      {
        cause: error,
      },
    )
  }
  await makeEventMonths(db, new Date())
}
