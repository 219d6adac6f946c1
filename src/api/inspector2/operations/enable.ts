import { offeredScanTypes, type ScanType, switchScanTypes } from '../../../core/enablement/index.ts'
import { AppError } from '../../../model/errors.ts'
import { operation } from '../operation.ts'
import { accountOf, askedAccounts } from './account-status.ts'

/** A type we have no scanner for is told so: AccessDenied is the service's answer for what a Region does not offer. */
export const enable = operation(
  'Enable',
  async ({ accountIds, resourceTypes = [] }, { caller, region, scope, join, db }) => {
    const types = [...new Set(resourceTypes)] as ScanType[]
    const missing = types.filter((type) => !offeredScanTypes.includes(type))
    if (missing.length > 0)
      throw new AppError(
        'denied',
        `Scan types ${missing.join(', ')} are not offered by this OpenInspector; it offers ${offeredScanTypes.join(', ')}.`,
      )
    const { own, failedAccounts } = askedAccounts(accountIds, caller.account)
    if (!own) return { accounts: [], failedAccounts }
    const on = await db.transaction().execute((trx) => switchScanTypes(trx, join, scope, { region, types, to: 'ENABLED' }))
    return { accounts: [accountOf(caller.account, on)], failedAccounts }
  },
  { anywhere: true },
)
