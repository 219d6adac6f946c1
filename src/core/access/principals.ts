import { sql } from 'kysely'
import { AppError } from '../../model/errors.ts'
import type { Caller, Role } from '../../model/scope.ts'
import type { Db } from '../../store/connection.ts'
import { record } from '../audit/index.ts'

export type Principal = {
  readonly id: number
  readonly name: string
  readonly kind: 'user' | 'service'
  readonly role: Role
  /** Twelve digits. */
  readonly account: string
  readonly createdAt: Date
  readonly disabledAt: Date | null
}

/** Who writes, and when: every write of this folder leaves an audit row. */
export type Writer = { readonly by: string; readonly at: Date }

const columns = sql`id, name, kind, role, lpad(account_id::text, 12, '0') as account, created_at as "createdAt", disabled_at as "disabledAt"`

export async function listPrincipals(db: Db): Promise<readonly Principal[]> {
  const { rows } = await sql<Principal>`select ${columns} from principal order by name`.execute(db)
  return rows
}

export async function findPrincipal(db: Db, name: string): Promise<Principal | undefined> {
  const { rows } = await sql<Principal>`select ${columns} from principal where name = ${name}`.execute(db)
  return rows[0]
}

/** Throws AppError `conflict` when the name is taken. */
export async function createPrincipal(
  trx: Db,
  { name, kind, role, account }: Pick<Principal, 'name' | 'kind' | 'role' | 'account'>,
  { by, at }: Writer,
): Promise<Principal> {
  if (!/^[\w.@-]{1,64}$/.test(name))
    throw new AppError(
      'invalid',
      `A principal's name has 1 to 64 letters, digits, dots, dashes, underscores or @; got ${JSON.stringify(name)}.`,
    )
  const { rows } = await sql<Principal>`
    insert into principal (name, kind, role, account_id, created_at) values (${name}, ${kind}, ${role}, ${account}::bigint, ${at})
    on conflict (name) do nothing returning ${columns}`.execute(trx)
  const [made] = rows
  if (made === undefined)
    throw new AppError('conflict', `There is already a principal ${name}.`, { details: { resourceId: name, resourceType: 'principal' } })
  await record(trx, { at, principal: by, action: 'principal.create', object: `principal/${name}`, after: { name, kind, role, account } })
  return made
}

/** Ends its keys, tokens and sessions with it; the row stays, for the audit. */
export async function disablePrincipal(trx: Db, name: string, { by, at }: Writer): Promise<void> {
  const { rows } = await sql<{ id: number }>`
    update principal set disabled_at = ${at} where name = ${name} and disabled_at is null returning id`.execute(trx)
  const [gone] = rows
  if (gone === undefined) throw new AppError('missing', `There is no active principal ${name}.`)
  await sql`delete from token where principal_id = ${gone.id}`.execute(trx)
  await record(trx, { at, principal: by, action: 'principal.disable', object: `principal/${name}`, after: { disabledAt: at } })
}

export const callerOf = ({ id, name, role, account }: Pick<Principal, 'id' | 'name' | 'role' | 'account'>): Caller => ({
  principalId: id,
  name,
  role,
  account,
})
