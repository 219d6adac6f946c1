import { randomBytes, randomInt } from 'node:crypto'
import { sql } from 'kysely'
import { AppError } from '../../model/errors.ts'
import type { Caller } from '../../model/scope.ts'
import type { Db } from '../../store/connection.ts'
import { record } from '../audit/index.ts'
import { callerOf, type Principal, type Writer } from './principals.ts'
import type { SecretBox } from './secret-box.ts'

export type AccessKey = {
  readonly accessKeyId: string
  readonly principal: string
  readonly createdAt: Date
  readonly disabledAt: Date | null
}
export type NewAccessKey = { readonly accessKeyId: string; readonly secretAccessKey: string }

/** What a signature is checked with, and who signs so. */
export type SigningKey = { readonly secret: string; readonly caller: Caller }
export type SigningKeys = {
  /** undefined: no such key, or it or its principal is disabled. */
  find(accessKeyId: string): Promise<SigningKey | undefined>
  /** To be called when a key was disabled here; other processes notice within `keptMs`. */
  forget(): void
}

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'
const keptMs = 5_000
const keptKeys = 1_000
const about = (accessKeyId: string): string => `access key ${accessKeyId}`

/** The only time the secret is told. The id is made to be known at sight, and not to be taken for one of AWS. */
export async function createAccessKey(
  trx: Db,
  box: SecretBox,
  principal: Pick<Principal, 'id' | 'name'>,
  { by, at }: Writer,
): Promise<NewAccessKey> {
  const accessKeyId = `OIAK${Array.from({ length: 16 }, () => alphabet[randomInt(alphabet.length)]).join('')}`
  const secretAccessKey = randomBytes(30).toString('base64url')
  await sql`insert into access_key (access_key_id, principal_id, secret_sealed, created_at)
    values (${accessKeyId}, ${principal.id}, ${box.seal(secretAccessKey, about(accessKeyId))}, ${at})`.execute(trx)
  await record(trx, {
    at,
    principal: by,
    action: 'access-key.create',
    object: `access-key/${accessKeyId}`,
    after: { accessKeyId, principal: principal.name },
  })
  return { accessKeyId, secretAccessKey }
}

export async function listAccessKeys(db: Db): Promise<readonly AccessKey[]> {
  const { rows } = await sql<AccessKey>`
    select k.access_key_id as "accessKeyId", p.name as principal, k.created_at as "createdAt", k.disabled_at as "disabledAt"
    from access_key k join principal p on p.id = k.principal_id order by k.created_at, k.access_key_id`.execute(db)
  return rows
}

export async function disableAccessKey(trx: Db, accessKeyId: string, { by, at }: Writer): Promise<void> {
  const { numAffectedRows } = await sql`
    update access_key set disabled_at = ${at} where access_key_id = ${accessKeyId} and disabled_at is null`.execute(trx)
  if (numAffectedRows !== 1n) throw new AppError('missing', `There is no active access key ${accessKeyId}.`)
  await record(trx, { at, principal: by, action: 'access-key.disable', object: `access-key/${accessKeyId}`, after: { disabledAt: at } })
}

/** Opened keys are kept for a few seconds, so that a client that pages does not pay a query for each request. */
export function signingKeys(db: Db, box: SecretBox, now: () => Date): SigningKeys {
  const kept = new Map<string, { readonly key: SigningKey; readonly until: number }>()
  return {
    async find(accessKeyId) {
      const held = kept.get(accessKeyId)
      if (held !== undefined && now().getTime() < held.until) return held.key
      const key = await readKey(db, box, accessKeyId)
      if (key === undefined) {
        kept.delete(accessKeyId)
        return undefined
      }
      if (kept.size >= keptKeys) kept.clear()
      kept.set(accessKeyId, { key, until: now().getTime() + keptMs })
      return key
    },
    forget: () => kept.clear(),
  }
}

async function readKey(db: Db, box: SecretBox, accessKeyId: string): Promise<SigningKey | undefined> {
  const { rows } = await sql<Pick<Principal, 'id' | 'name' | 'role' | 'account'> & { sealed: Uint8Array }>`
    select p.id, p.name, p.role, lpad(p.account_id::text, 12, '0') as account, k.secret_sealed as sealed
    from access_key k join principal p on p.id = k.principal_id
    where k.access_key_id = ${accessKeyId} and k.disabled_at is null and p.disabled_at is null`.execute(db)
  const [row] = rows
  return row && { secret: box.open(row.sealed, about(accessKeyId)), caller: callerOf(row) }
}
