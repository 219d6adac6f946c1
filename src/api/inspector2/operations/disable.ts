import { scanTypes, type ScanType, switchScanTypes } from '../../../core/enablement/index.ts'
import { operation } from '../operation.ts'
import { accountOf, askedAccounts } from './account-status.ts'

/** Without scan types: all of them. One that is off already is no error: Terraform turns off whatever it does not want. */
export const disable = operation(
  'Disable',
  async ({ accountIds, resourceTypes }, { caller, region, scope, join, db }) => {
    const types = (
      resourceTypes === undefined || resourceTypes.length === 0 ? scanTypes : [...new Set(resourceTypes)]
    ) as readonly ScanType[]
    const { own, failedAccounts } = askedAccounts(accountIds, caller.account)
    if (!own) return { accounts: [], failedAccounts }
    const on = await db.transaction().execute((trx) => switchScanTypes(trx, join, scope, { region, types, to: 'DISABLED' }))
    return { accounts: [accountOf(caller.account, on)], failedAccounts }
  },
  { anywhere: true },
)
