import { sql } from 'kysely'
import type { Db } from '../../store/connection.ts'

/** Inspector's scan types, and those that OpenInspector has scanners for: hosts and folders (EC2), images (ECR). */
export const scanTypes = ['EC2', 'ECR', 'LAMBDA', 'LAMBDA_CODE', 'CODE_REPOSITORY'] as const
export type ScanType = (typeof scanTypes)[number]
export const offeredScanTypes: readonly ScanType[] = ['EC2', 'ECR']

/** Scan types that are on for the account in the Region. */
export async function enabledScanTypes(db: Db, account: string, region: string): Promise<readonly ScanType[]> {
  const { rows } = await sql<{ type: ScanType }>`
    select scan_type as type from enablement
    where account_id = ${account}::bigint and region = ${region} and status = 'ENABLED' order by scan_type`.execute(db)
  return rows.map(({ type }) => type)
}

/** Is any scan type on for the account in the Region? */
export async function enabledIn(db: Db, account: string, region: string): Promise<boolean> {
  return (await enabledScanTypes(db, account, region)).length > 0
}

type Change = { readonly account: string; readonly region: string; readonly types: readonly ScanType[]; readonly at: Date }

/** Turns scan types on; true when that changed anything. */
export async function enable(trx: Db, { account, region, types, at }: Change): Promise<boolean> {
  const { numAffectedRows = 0n } = await sql`
    insert into enablement (account_id, region, scan_type, status, updated_at)
    select ${account}::bigint, ${region}, type, 'ENABLED', ${at} from unnest(${types}::text[]) type
    on conflict (account_id, region, scan_type) do update set status = 'ENABLED', updated_at = ${at} where enablement.status <> 'ENABLED'`.execute(
    trx,
  )
  if (numAffectedRows > 0n) await onEnablementChanged(trx, account, region, at)
  return numAffectedRows > 0n
}

/** Turns scan types off; true when that changed anything. Already off is no error. */
export async function disable(trx: Db, { account, region, types, at }: Change): Promise<boolean> {
  const { numAffectedRows = 0n } = await sql`
    update enablement set status = 'DISABLED', updated_at = ${at}
    where account_id = ${account}::bigint and region = ${region} and scan_type = any(${types}::text[]) and status = 'ENABLED'`.execute(trx)
  if (numAffectedRows > 0n) await onEnablementChanged(trx, account, region, at)
  return numAffectedRows > 0n
}

/** First start: what we have scanners for is on in the home Region, unless somebody has decided there already. */
export async function enableHome(db: Db, account: string, region: string, at: Date): Promise<void> {
  await sql`
    insert into enablement (account_id, region, scan_type, status, updated_at)
    select ${account}::bigint, ${region}, type, 'ENABLED', ${at} from unnest(${offeredScanTypes}::text[]) type
    on conflict do nothing`.execute(db)
}

/** Findings of the account and Region have to be settled anew: a delta, in the transaction of the change. */
export async function onEnablementChanged(trx: Db, account: string, region: string, at: Date): Promise<void> {
  await sql`insert into delta (kind, subject, created_at)
    values ('policy.enablement', ${JSON.stringify({ account, region })}::jsonb, ${at})`.execute(trx)
}
