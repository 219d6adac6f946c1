import { sql } from 'kysely'
import { AppError } from '../../model/errors.ts'
import type { Scope } from '../../model/scope.ts'
import type { Db } from '../../store/connection.ts'
import type { Writer } from '../access/index.ts'
import { record } from '../audit/index.ts'
import { tellCoverage } from '../inventory/index.ts'
import { inAccounts } from './accounts.ts'
import { isConnected } from './connection.ts'
import { hashOf } from './enrolment.ts'

/** Who reports: it may speak of this one resource, and do nothing else. */
export type Agent = { readonly id: string; readonly arn: string; readonly account: string; readonly hostname: string }

export type ListedAgent = {
  readonly id: string
  readonly arn: string
  readonly hostname: string
  readonly version: string
  readonly status: 'connected' | 'disconnected' | 'revoked'
  readonly enrolledWith: string
  readonly enrolledAt: Date
  readonly seenAt: Date
  readonly revokedAt: Date | null
}

/** Whose credential this is; undefined: nobody's, or it is revoked. */
export async function agentOf(db: Db, credential: string): Promise<Agent | undefined> {
  if (!credential.startsWith('oia_')) return undefined
  const { rows } = await sql<Agent>`
    select id, arn, hostname, lpad(account_id::text, 12, '0') as account from agent where hash = ${hashOf(credential)} and revoked_at is null`.execute(
    db,
  )
  return rows[0]
}

/** One page, in the order of ids. */
export async function listAgents(
  db: Db,
  scope: Scope,
  { limit, after }: { readonly limit: number; readonly after?: string | undefined },
): Promise<{ readonly items: readonly ListedAgent[]; readonly after?: string }> {
  const { rows } = await sql<ListedAgent>`
    select id, arn, hostname, version, case when revoked_at is not null then 'revoked' when ${isConnected} then 'connected' else 'disconnected' end as status,
      enrolled_with as "enrolledWith", enrolled_at as "enrolledAt", seen_at as "seenAt", revoked_at as "revokedAt"
    from agent a where ${inAccounts(scope)} and ${after === undefined ? sql`true` : sql`id > ${after}::uuid`} order by id limit ${limit + 1}`.execute(
    db,
  )
  const items = rows.slice(0, limit)
  const last = rows.length > limit ? items.at(-1)?.id : undefined
  return { items, ...(last !== undefined && { after: last }) }
}

/** Its credential counts for nothing from now on. What it told stays, and coverage says that nothing newer comes. Throws AppError `missing`. */
export async function revokeAgent(trx: Db, scope: Scope, id: string, writer: Writer): Promise<void> {
  if (!(await revoke(trx, scope, sql`id = ${id}::uuid`, writer)))
    throw new AppError('missing', `There is no agent ${id} that could be revoked.`)
}

/** The same for whoever speaks for a resource that is taken out of coverage. */
export async function revokeAgentOf(trx: Db, scope: Scope, arn: string, writer: Writer): Promise<void> {
  await revoke(trx, scope, sql`arn = ${arn}`, writer)
}

async function revoke(trx: Db, scope: Scope, which: ReturnType<typeof sql>, { by, at }: Writer): Promise<boolean> {
  const { rows } = await sql<{ id: string; arn: string }>`
    update agent set revoked_at = ${at}, told = null, state = null where ${inAccounts(scope)} and ${which} and revoked_at is null returning id, arn`.execute(
    trx,
  )
  const [revoked] = rows
  if (revoked === undefined) return false
  const resources = await sql<{ id: number }>`select id from resource where arn = ${revoked.arn} and gone_at is null`.execute(trx)
  if (resources.rows.length > 0)
    await tellCoverage(
      trx,
      resources.rows.map(({ id: resource }) => resource),
      at,
    )
  await record(trx, { at, principal: by, action: 'agent.revoke', object: `agent/${revoked.id}`, after: { arn: revoked.arn } })
  return true
}
