import type { Permission } from '@aws-sdk/client-inspector2'
import { offeredScanTypes } from '../../../core/enablement/index.ts'
import { operation } from '../operation.ts'

/** At most four rows: one page. Only who may Enable gets any. */
export const listAccountPermissions = operation(
  'ListAccountPermissions',
  async ({ service }, { caller }) => {
    const services = caller.role === 'admin' ? offeredScanTypes.filter((type) => service === undefined || type === service) : []
    const permissions = services.flatMap((type): Permission[] =>
      (['ENABLE_SCANNING', 'DISABLE_SCANNING'] as const).map((of) => ({ service: type as 'EC2' | 'ECR', operation: of })),
    )
    return { permissions }
  },
  { anywhere: true },
)
