import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { verify } from '../core/verify/index.ts'
import { AppError } from '../model/errors.ts'
import { openStore, type Store } from '../store/connection.ts'
import { countRows, transfer } from '../store/transfer.ts'
import { schemeOf } from './units.ts'

export type Migrated = { readonly tables: Readonly<Record<string, number>>; readonly findings: number; readonly differences: number }

/**
 * Copies the embedded store of a data folder to an empty PostgreSQL server, then recomputes both from their inputs. Throws
 * AppError `conflict`: the folder is in use, the target is not empty, or what arrived is not what was sent.
 */
export async function migrateStore(about: {
  readonly data: string
  readonly url: string
  readonly say: (words: string) => void
}): Promise<Migrated> {
  const { data, url, say } = about
  if (!URL.canParse(url) || !/^postgres(ql)?:$/.test(new URL(url).protocol))
    throw new AppError('invalid', '--to: expected an address like postgres://USER@HOST/DATABASE, got something else.')
  if (!existsSync(join(data, 'postgres')))
    throw new AppError('missing', `There is no embedded store in ${data}: no server was started on this folder yet.`)
  const from = await openStore({ dataDir: data })
  try {
    const to = await openStore({ url })
    try {
      const tables = await transfer(from, to, (table, rows) => say(`Copied ${table}: ${rows} rows`))
      say('Comparing ...')
      const [there, here] = [await countRows(to.db), await countRows(from.db)]
      const torn = Object.keys(here).filter((table) => here[table] !== there[table])
      if (torn.length > 0)
        throw new AppError(
          'conflict',
          `Not every row arrived: ${torn.map((table) => `${table} ${there[table]} of ${here[table]}`).join(', ')}.`,
        )
      say('Recomputing both ...')
      const before = await recomputed(from)
      const after = await recomputed(to)
      if (after.findings !== before.findings)
        throw new AppError('conflict', `The target holds ${after.findings} findings, the embedded store ${before.findings}.`)
      return { tables, findings: after.findings, differences: after.differences }
    } finally {
      await to.close()
    }
  } finally {
    await from.close()
  }
}

async function recomputed(store: Store): Promise<{ readonly findings: number; readonly differences: number }> {
  const { checked, differences } = await verify({ store, now: () => new Date(), schemeOf })
  return { findings: checked.findings, differences: differences.length }
}
