import { type RawBuilder, sql } from 'kysely'
import type { Scope } from '../../model/scope.ts'

/** Rows of the accounts that the caller may see. */
export const inAccounts = ({ accounts }: Scope): RawBuilder<boolean> =>
  accounts === 'all' ? sql`true` : sql`account_id = any(${accounts}::bigint[])`
