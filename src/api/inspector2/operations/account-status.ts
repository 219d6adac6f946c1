import type { Account, AccountState, FailedAccount, State } from '@aws-sdk/client-inspector2'
import type { ScanType } from '../../../core/enablement/index.ts'

/** No account named means the caller's own; of others the caller may not speak. */
export function askedAccounts(
  asked: readonly string[] | undefined,
  own: string,
): { readonly own: boolean; readonly failedAccounts: FailedAccount[] } {
  const accounts = asked === undefined || asked.length === 0 ? [own] : [...new Set(asked)]
  const failedAccounts = accounts
    .filter((account) => account !== own)
    .map(
      (accountId): FailedAccount => ({
        accountId,
        errorCode: 'ACCESS_DENIED',
        errorMessage: `Account ${own} is not authorized to act for account ${accountId}.`,
      }),
    )
  return { own: accounts.includes(own), failedAccounts }
}

const word = (on: boolean): 'ENABLED' | 'DISABLED' => (on ? 'ENABLED' : 'DISABLED')

/** Terraform reads every scan type's status: all five are always there. */
export function accountOf(accountId: string, on: readonly ScanType[]): Account {
  return {
    accountId,
    status: word(on.length > 0),
    resourceStatus: {
      ec2: word(on.includes('EC2')),
      ecr: word(on.includes('ECR')),
      lambda: word(on.includes('LAMBDA')),
      lambdaCode: word(on.includes('LAMBDA_CODE')),
      codeRepository: word(on.includes('CODE_REPOSITORY')),
    },
  }
}

export function accountStateOf(accountId: string, on: readonly ScanType[]): AccountState {
  // The model wants an error's code and text in every state; the service leaves them out where there is none.
  const state = (enabled: boolean): State => ({ status: word(enabled), errorCode: undefined, errorMessage: undefined })
  return {
    accountId,
    state: state(on.length > 0),
    resourceState: {
      ec2: state(on.includes('EC2')),
      ecr: state(on.includes('ECR')),
      lambda: state(on.includes('LAMBDA')),
      lambdaCode: state(on.includes('LAMBDA_CODE')),
      codeRepository: state(on.includes('CODE_REPOSITORY')),
    },
  }
}
