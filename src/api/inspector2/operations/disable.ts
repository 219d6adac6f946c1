import { record } from '../../../core/audit/index.ts'
import { disable as turnOff, enabledScanTypes, scanTypes, type ScanType } from '../../../core/enablement/index.ts'
import { operation } from '../operation.ts'
import { accountOf, askedAccounts } from './account-status.ts'

/** Without scan types: all of them. One that is off already is no error: Terraform turns off whatever it does not want. */
export const disable = operation(
  'Disable',
  async ({ accountIds, resourceTypes }, { caller, region, db, now }) => {
    const types = (
      resourceTypes === undefined || resourceTypes.length === 0 ? scanTypes : [...new Set(resourceTypes)]
    ) as readonly ScanType[]
    const { own, failedAccounts } = askedAccounts(accountIds, caller.account)
    if (!own) return { accounts: [], failedAccounts }
    const on = await db.transaction().execute(async (trx) => {
      const [before, at] = [await enabledScanTypes(trx, caller.account, region), now()]
      const changed = await turnOff(trx, { account: caller.account, region, types, at })
      const after = await enabledScanTypes(trx, caller.account, region)
      if (changed)
        await record(trx, {
          at,
          principal: caller.name,
          action: 'Disable',
          object: `enablement/${caller.account}/${region}`,
          before,
          after,
        })
      return after
    })
    return { accounts: [accountOf(caller.account, on)], failedAccounts }
  },
  { anywhere: true },
)
