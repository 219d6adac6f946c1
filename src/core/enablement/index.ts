import { sql } from 'kysely'
import type { Scope } from '../../model/scope.ts'
import type { Db } from '../../store/connection.ts'
import { lockExclusively } from '../../store/locks.ts'
import { record } from '../audit/index.ts'
import { type Join, switchResources } from '../findings/index.ts'
import { tellCoverage } from '../inventory/index.ts'
import { deleteFilter, listFilters } from '../policy/index.ts'

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

export type EnablementChange = { readonly region: string; readonly types: readonly ScanType[]; readonly to: 'ENABLED' | 'DISABLED' }

/**
 * Turns scan types of the caller's account on or off and tells its resources in the Region. Returns what is on afterwards.
 * What is so already is no error, and no change. With the last type go the Region's filters (Amazon Inspector user guide,
 * deactivating).
 */
export async function switchScanTypes(trx: Db, join: Join, scope: Scope, change: EnablementChange): Promise<readonly ScanType[]> {
  const { account, name } = scope.caller
  const { region, to } = change
  await lockExclusively(trx, 'policy')
  const before = await enabledScanTypes(trx, account, region)
  const at = join.now()
  if (to === 'ENABLED') await turnOn(trx, account, change, at)
  else await turnOff(trx, account, change, at)
  const after = await enabledScanTypes(trx, account, region)
  if (before.join() === after.join()) return after
  if (after.length === 0) await deleteFilters(trx, join, { ...scope, accounts: [account], regions: [region] })
  await onEnablementChanged(trx, join, account, region)
  const action = to === 'ENABLED' ? 'Enable' : 'Disable'
  await record(trx, { at, principal: name, action, object: `enablement/${account}/${region}`, before, after })
  return after
}

async function turnOn(trx: Db, account: string, { region, types }: EnablementChange, at: Date): Promise<void> {
  await sql`
    insert into enablement (account_id, region, scan_type, status, updated_at)
    select ${account}::bigint, ${region}, type, 'ENABLED', ${at} from unnest(${types}::text[]) type
    on conflict (account_id, region, scan_type) do update set status = 'ENABLED', updated_at = ${at} where enablement.status <> 'ENABLED'`.execute(
    trx,
  )
}

async function turnOff(trx: Db, account: string, { region, types }: EnablementChange, at: Date): Promise<void> {
  await sql`
    update enablement set status = 'DISABLED', updated_at = ${at}
    where account_id = ${account}::bigint and region = ${region} and scan_type = any(${types}::text[]) and status = 'ENABLED'`.execute(trx)
}

async function deleteFilters(trx: Db, join: Join, scope: Scope): Promise<void> {
  for (;;) {
    const { items } = await listFilters(trx, scope)
    if (items.length === 0) return
    for (const { arn } of items) await deleteFilter(trx, join, scope, arn)
  }
}

/** First start: what we have scanners for is on in the home Region, unless somebody has decided there already. */
export async function enableHome(db: Db, account: string, region: string, at: Date): Promise<void> {
  await sql`
    insert into enablement (account_id, region, scan_type, status, updated_at)
    select ${account}::bigint, ${region}, type, 'ENABLED', ${at} from unnest(${offeredScanTypes}::text[]) type
    on conflict do nothing`.execute(db)
}

/** The resources of the account in the Region are to be settled anew: a delta, in the transaction of the change. */
export async function onEnablementChanged(trx: Db, join: Join, account: string, region: string): Promise<void> {
  const { rows } = await sql<{ id: number }>`
    select id from resource where account_id = ${account}::bigint and region = ${region} order by id`.execute(trx)
  const resources = rows.map(({ id }) => id)
  if (resources.length === 0) return
  await tellCoverage(trx, resources, join.now())
  await switchResources(trx, join, { kind: 'policy.enablement', subject: { account, region }, resources })
}
