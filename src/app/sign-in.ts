import { bootstrap, createAccessKey, createToken, findPrincipal, firstLink, holderOf, type SecretBox } from '../core/access/index.ts'
import type { Db } from '../store/connection.ts'
import type { Config } from './config.ts'
import { type Credentials, readCredentials, writeCredentials } from './data-folder.ts'

/** Address that signs a browser in once. The token follows a `#`: a fragment reaches no log. */
export async function signInLink(db: Db, url: string): Promise<string | undefined> {
  const token = await firstLink(db, new Date())
  return token === undefined ? undefined : `${url}/sign-in#token=${encodeURIComponent(token)}`
}

/**
 * Leaves credentials in the data folder for the CLI and the AWS tools of the user who runs the server: those of the first
 * start, or, where the file was lost or belongs to another database, new ones. Who holds the folder holds the store.
 */
export async function localCredentials({ data, account, region }: Config, db: Db, box: SecretBox, url: string): Promise<void> {
  const at = new Date()
  const first = await bootstrap(db, box, account, at)
  if (first !== undefined) return writeCredentials(data, { url, region, account, ...first.accessKey, token: first.token })
  const held = await readCredentials(data).catch(() => undefined)
  const known = held !== undefined && (await holderOf(db, held.token, 'token', at)) !== undefined
  if (known) return writeCredentials(data, { ...held, url, region })
  const made = await newCredentials(db, box, at)
  if (made !== undefined) await writeCredentials(data, { url, region, account, ...made })
}

async function newCredentials(
  db: Db,
  box: SecretBox,
  at: Date,
): Promise<Pick<Credentials, 'accessKeyId' | 'secretAccessKey' | 'token'> | undefined> {
  return db.transaction().execute(async (trx) => {
    const admin = await findPrincipal(trx, 'admin')
    if (admin === undefined || admin.disabledAt !== null) return undefined
    const writer = { by: 'openinspector', at }
    const key = await createAccessKey(trx, box, admin, writer)
    return { ...key, token: await createToken(trx, admin, { name: 'command line of this installation' }, writer) }
  })
}
