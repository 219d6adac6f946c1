import { enabledScanTypes } from '../../../core/enablement/index.ts'
import { operation } from '../operation.ts'
import { accountStateOf, askedAccounts } from './account-status.ts'

export const batchGetAccountStatus = operation(
  'BatchGetAccountStatus',
  async ({ accountIds }, { caller, region, db }) => {
    const { own, failedAccounts } = askedAccounts(accountIds, caller.account)
    const accounts = own ? [accountStateOf(caller.account, await enabledScanTypes(db, caller.account, region))] : []
    return { accounts, failedAccounts }
  },
  { anywhere: true },
)
