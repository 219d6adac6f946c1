import { createHash, randomBytes } from 'node:crypto'
import { sql } from 'kysely'
import { AppError } from '../../model/errors.ts'
import type { Caller } from '../../model/scope.ts'
import type { Db } from '../../store/connection.ts'
import { record } from '../audit/index.ts'
import { callerOf, type Principal, type Writer } from './principals.ts'

/** token: a program's bearer token; session: a signed-in browser; link: signs a browser in, once. */
export type TokenKind = 'token' | 'session' | 'link'
/** `id` is the first part of the hash: enough to name a token, useless to sign in with. */
export type ApiToken = {
  readonly id: string
  readonly name: string | null
  readonly principal: string
  readonly createdAt: Date
  readonly expiresAt: Date | null
}

/** How long a browser stays signed in, in seconds. */
export const sessionSeconds = 12 * 3600
const linkSeconds = 10 * 60
const prefix: Readonly<Record<TokenKind, string>> = { token: 'oit_', session: 'ois_', link: 'oil_' }

const hashOf = (token: string): Buffer => createHash('sha256').update(token).digest()
const idOf = (hash: Uint8Array): string => Buffer.from(hash).toString('hex').slice(0, 16)
const later = (at: Date, seconds: number): Date => new Date(at.getTime() + seconds * 1000)

type ForWhom = Pick<Principal, 'id' | 'name'>

/** A bearer token, told this once; without `expiresAt` it lasts until it is revoked. */
export async function createToken(trx: Db, principal: ForWhom, about: { name: string; expiresAt?: Date }, writer: Writer): Promise<string> {
  return insert(trx, 'token', principal, writer, about.expiresAt ?? null, about.name)
}

/** A token that signs a browser in once, within ten minutes. */
export async function createLink(trx: Db, principal: ForWhom, writer: Writer): Promise<string> {
  return insert(trx, 'link', principal, writer, later(writer.at, linkSeconds), null)
}

/** Uses the link up and opens a session. Throws AppError `denied` when it was used, has expired or never was. */
export async function redeemLink(trx: Db, link: string, at: Date): Promise<{ readonly session: string; readonly caller: Caller }> {
  const { rows } = await sql<Pick<Principal, 'id' | 'name' | 'role' | 'account'>>`
    with used as (delete from token where hash = ${hashOf(link)} and kind = 'link' and expires_at > ${at} returning principal_id)
    select p.id, p.name, p.role, lpad(p.account_id::text, 12, '0') as account
    from used join principal p on p.id = used.principal_id where p.disabled_at is null`.execute(trx)
  const [principal] = rows
  if (principal === undefined) throw new AppError('denied', 'This sign-in link was used already, has expired or is not one of ours.')
  await sql`delete from token where expires_at <= ${at}`.execute(trx)
  const session = await insert(trx, 'session', principal, { by: principal.name, at }, later(at, sessionSeconds), null)
  return { session, caller: callerOf(principal) }
}

/** Who holds this token; undefined: unknown, expired, of another kind, or its principal is disabled. */
export async function holderOf(db: Db, token: string, kind: 'token' | 'session', at: Date): Promise<Caller | undefined> {
  if (!token.startsWith(prefix[kind])) return undefined
  const { rows } = await sql<Pick<Principal, 'id' | 'name' | 'role' | 'account'>>`
    select p.id, p.name, p.role, lpad(p.account_id::text, 12, '0') as account
    from token t join principal p on p.id = t.principal_id
    where t.hash = ${hashOf(token)} and t.kind = ${kind} and p.disabled_at is null
      and (t.expires_at is null or t.expires_at > ${at})`.execute(db)
  return rows[0] && callerOf(rows[0])
}

/** Signs a browser out. A session that is gone already is no error. */
export async function endSession(trx: Db, session: string, { by, at }: Writer): Promise<void> {
  const hash = hashOf(session)
  const { numAffectedRows } = await sql`delete from token where hash = ${hash} and kind = 'session'`.execute(trx)
  if (numAffectedRows === 1n) await record(trx, { at, principal: by, action: 'session.end', object: `session/${idOf(hash)}` })
}

export async function listTokens(db: Db): Promise<readonly ApiToken[]> {
  const { rows } = await sql<ApiToken>`
    select left(encode(t.hash, 'hex'), 16) as id, t.name, p.name as principal, t.created_at as "createdAt", t.expires_at as "expiresAt"
    from token t join principal p on p.id = t.principal_id where t.kind = 'token' order by t.created_at, t.hash`.execute(db)
  return rows
}

export async function revokeToken(trx: Db, id: string, { by, at }: Writer): Promise<void> {
  const { numAffectedRows } = await sql`delete from token where kind = 'token' and left(encode(hash, 'hex'), 16) = ${id}`.execute(trx)
  if (numAffectedRows === 0n) throw new AppError('missing', `There is no token ${id}.`)
  await record(trx, { at, principal: by, action: 'token.revoke', object: `token/${id}` })
}

async function insert(
  trx: Db,
  kind: TokenKind,
  principal: ForWhom,
  { by, at }: Writer,
  expiresAt: Date | null,
  name: string | null,
): Promise<string> {
  const token = `${prefix[kind]}${randomBytes(32).toString('base64url')}`
  const hash = hashOf(token)
  await sql`insert into token (hash, principal_id, kind, name, created_at, expires_at)
    values (${hash}, ${principal.id}, ${kind}, ${name}, ${at}, ${expiresAt})`.execute(trx)
  await record(trx, {
    at,
    principal: by,
    action: `${kind}.create`,
    object: `${kind}/${idOf(hash)}`,
    after: { principal: principal.name, name, expiresAt },
  })
  return token
}
