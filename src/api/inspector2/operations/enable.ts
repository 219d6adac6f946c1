import { record } from '../../../core/audit/index.ts'
import { enable as turnOn, enabledScanTypes, offeredScanTypes, type ScanType } from '../../../core/enablement/index.ts'
import { AppError } from '../../../model/errors.ts'
import { operation } from '../operation.ts'
import { accountOf, askedAccounts } from './account-status.ts'

export const enable = operation(
  'Enable',
  async ({ accountIds, resourceTypes = [] }, { caller, region, db, now }) => {
    const types = [...new Set(resourceTypes)] as ScanType[]
    const missing = types.filter((type) => !offeredScanTypes.includes(type))
    if (missing.length > 0)
      throw new AppError(
        'denied',
        `Scan types ${missing.join(', ')} are not offered by this OpenInspector; it offers ${offeredScanTypes.join(', ')}.`,
      )
    const { own, failedAccounts } = askedAccounts(accountIds, caller.account)
    if (!own) return { accounts: [], failedAccounts }
    const on = await db.transaction().execute(async (trx) => {
      const [before, at] = [await enabledScanTypes(trx, caller.account, region), now()]
      const changed = await turnOn(trx, { account: caller.account, region, types, at })
      const after = await enabledScanTypes(trx, caller.account, region)
      if (changed)
        await record(trx, { at, principal: caller.name, action: 'Enable', object: `enablement/${caller.account}/${region}`, before, after })
      return after
    })
    return { accounts: [accountOf(caller.account, on)], failedAccounts }
  },
  { anywhere: true },
)
