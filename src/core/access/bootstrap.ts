import { sql } from 'kysely'
import type { Db } from '../../store/connection.ts'
import { createAccessKey, type NewAccessKey } from './access-keys.ts'
import { createPrincipal, findPrincipal } from './principals.ts'
import type { SecretBox } from './secret-box.ts'
import { createLink, createToken } from './tokens.ts'

/** What the first start makes: told to the app once, never again. */
export type FirstCredentials = {
  readonly principal: string
  readonly account: string
  readonly accessKey: NewAccessKey
  /** Bearer token of the own API, for the CLI. */
  readonly token: string
}

const firstPrincipal = 'admin'
const by = 'openinspector'

/**
 * The principal `admin` with one access key and one token, when there is no principal yet; otherwise undefined. Safe when
 * several processes start at once: one makes them.
 */
export async function bootstrap(db: Db, box: SecretBox, account: string, at: Date): Promise<FirstCredentials | undefined> {
  return db.transaction().execute(async (trx) => {
    await sql`lock table principal in share row exclusive mode`.execute(trx)
    const { rows } = await sql<{ some: boolean }>`select exists (select from principal) as some`.execute(trx)
    if (rows[0]?.some === true) return undefined
    const admin = await createPrincipal(trx, { name: firstPrincipal, kind: 'user', role: 'admin', account }, { by, at })
    const accessKey = await createAccessKey(trx, box, admin, { by, at })
    const token = await createToken(trx, admin, { name: 'command line of this installation' }, { by, at })
    return { principal: admin.name, account, accessKey, token }
  })
}

/** A one-time sign-in link's token for `admin`; undefined when that principal is gone. The app prints it on loopback only. */
export async function firstLink(db: Db, at: Date): Promise<string | undefined> {
  return db.transaction().execute(async (trx) => {
    const admin = await findPrincipal(trx, firstPrincipal)
    return admin === undefined || admin.disabledAt !== null ? undefined : createLink(trx, admin, { by, at })
  })
}
