import { createHash, randomBytes, randomUUID } from 'node:crypto'
import { sql } from 'kysely'
import { AppError } from '../../model/errors.ts'
import type { Scope } from '../../model/scope.ts'
import type { Db } from '../../store/connection.ts'
import type { Writer } from '../access/index.ts'
import { record } from '../audit/index.ts'
import type { Join } from '../findings/index.ts'
import { bringBack, registerLooked } from '../inventory/index.ts'
import { inAccounts } from './accounts.ts'

/** `id` is the first part of the hash: enough to name the token, useless to enrol with. */
export type Enrolment = {
  readonly id: string
  readonly name: string
  readonly usesLeft: number
  readonly createdBy: string
  readonly createdAt: Date
  readonly expiresAt: Date
}
export type NewEnrolment = Enrolment & { readonly token: string }

export const hashOf = (secret: string): Buffer => createHash('sha256').update(secret).digest()
const idOf = sql<string>`left(encode(hash, 'hex'), 16)`
const shown = sql`${idOf} as id, name, uses_left as "usesLeft", created_by as "createdBy", created_at as "createdAt", expires_at as "expiresAt"`

/** A token that enrols agents, told this once. */
export async function createEnrolment(
  trx: Db,
  { caller }: Scope,
  { name, uses, expiresAt }: { readonly name: string; readonly uses: number; readonly expiresAt: Date },
  { by, at }: Writer,
): Promise<NewEnrolment> {
  const token = `oie_${randomBytes(32).toString('base64url')}`
  await sql`delete from enrolment where expires_at <= ${at} or uses_left <= 0`.execute(trx)
  const { rows } = await sql<Enrolment>`
    insert into enrolment (hash, name, account_id, uses_left, created_by, created_at, expires_at)
    values (${hashOf(token)}, ${name}, ${caller.account}::bigint, ${uses}, ${by}, ${at}, ${expiresAt}) returning ${shown}`.execute(trx)
  const made = rows[0]
  if (made === undefined) throw new Error('an enrolment token was not stored')
  await record(trx, { at, principal: by, action: 'enrolment.create', object: `enrolment/${made.id}`, after: { name, uses, expiresAt } })
  return { ...made, token }
}

/** Tokens that can still be used. */
export async function listEnrolments(db: Db, scope: Scope, at: Date): Promise<readonly Enrolment[]> {
  const { rows } = await sql<Enrolment>`
    select ${shown} from enrolment where ${inAccounts(scope)} and expires_at > ${at} and uses_left > 0 order by created_at, hash limit 1000`.execute(
    db,
  )
  return rows
}

export async function endEnrolment(trx: Db, scope: Scope, id: string, { by, at }: Writer): Promise<void> {
  const { numAffectedRows } = await sql`delete from enrolment where ${inAccounts(scope)} and ${idOf} = ${id}`.execute(trx)
  if (numAffectedRows === 0n) throw new AppError('missing', `There is no enrolment token ${id}.`)
  await record(trx, { at, principal: by, action: 'enrolment.end', object: `enrolment/${id}` })
}

/** What a host says of itself when it enrols. The credential is made there: an answer that is lost can be asked for again. */
export type Enrolling = {
  readonly token: string
  readonly credential: string
  /** 32 hex digits that name the machine. */
  readonly host: string
  readonly hostname: string
  readonly version: string
}
export type Enrolled = { readonly agent: string; readonly arn: string; readonly account: string }

/**
 * Gives a host its agent, and puts the host into coverage. Uses the token up only when it succeeds. Throws AppError `denied` for a
 * token that does not fit, `conflict` where somebody else speaks for that host already.
 */
export async function enrol(join: Join, asked: Enrolling, region: string): Promise<Enrolled> {
  const arn = `urn:openinspector:host:${asked.host}`
  const enrolled = await join.store.db
    .transaction()
    .execute(async (trx) => (await enrolledBefore(trx, asked, arn)) ?? (await insert(trx, join.now(), asked, arn)))
  const { account } = enrolled
  const resource = {
    arn,
    id: asked.hostname,
    type: 'OPENINSPECTOR_HOST',
    account,
    region,
    tags: {},
    facts: { hostname: asked.hostname },
  } as const
  await registerLooked(join, resource, undefined)
  return enrolled
}

/** The same host with the same credential: its first question came, and our answer did not. */
async function enrolledBefore(trx: Db, { credential }: Enrolling, arn: string): Promise<Enrolled | undefined> {
  const { rows } = await sql<Enrolled & { revoked: boolean }>`
    select id as agent, arn, lpad(account_id::text, 12, '0') as account, revoked_at is not null as revoked from agent where hash = ${hashOf(credential)}`.execute(
    trx,
  )
  const [known] = rows
  if (known === undefined) return undefined
  if (known.revoked || known.arn !== arn) throw new AppError('denied', 'This credential is revoked, or that of another host.')
  const { agent, account } = known
  return { agent, arn, account }
}

async function insert(trx: Db, at: Date, { token, credential, hostname, version }: Enrolling, arn: string): Promise<Enrolled> {
  const used = await sql<{ account: string; name: string; id: string }>`
    update enrolment set uses_left = uses_left - 1 where hash = ${hashOf(token)} and uses_left > 0 and expires_at > ${at}
    returning lpad(account_id::text, 12, '0') as account, name, ${idOf} as id`.execute(trx)
  const [enrolment] = used.rows
  if (enrolment === undefined) throw new AppError('denied', 'This enrolment token is used up, has expired or is not one of ours.')
  const { account } = enrolment
  await checkFree(trx, arn, account)
  const { rows } = await sql<{ agent: string }>`
    insert into agent (id, hash, account_id, arn, hostname, version, enrolled_with, enrolled_at, seen_at)
    values (${randomUUID()}::uuid, ${hashOf(credential)}, ${account}::bigint, ${arn}, ${hostname}, ${version}, ${enrolment.name}, ${at}, clock_timestamp())
    on conflict (arn) where revoked_at is null do nothing returning id as agent`.execute(trx)
  const [made] = rows
  if (made === undefined)
    throw new AppError('conflict', `An agent speaks for the host ${hostname} (${arn}) already: revoke that one first.`, {
      details: { next: 'openinspector agents list, then openinspector agents revoke ID' },
    })
  await bringBack(trx, arn)
  await record(trx, {
    at,
    principal: `enrolment/${enrolment.id}`,
    action: 'agent.enrol',
    object: `agent/${made.agent}`,
    after: { arn, hostname, account },
  })
  return { agent: made.agent, arn, account }
}

/** A host belongs to the account it came with, and is either looked at by a worker or spoken for by an agent. */
async function checkFree(trx: Db, arn: string, account: string): Promise<void> {
  const { rows } = await sql<{ account: string; watched: boolean }>`
    select lpad(account_id::text, 12, '0') as account, target is not null and gone_at is null as watched from resource where arn = ${arn}`.execute(
    trx,
  )
  const [known] = rows
  if (known !== undefined && known.account !== account)
    throw new AppError('conflict', 'This host belongs to another account of this installation.')
  if (known?.watched === true)
    throw new AppError('conflict', 'A worker of this installation looks at this host already: take it out of coverage first.', {
      details: { next: `openinspector resources remove ${arn}` },
    })
}
