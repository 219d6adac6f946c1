import Button from '@cloudscape-design/components/button'
import StatusIndicator from '@cloudscape-design/components/status-indicator'
import type { CoverageItem } from '../../api/types.ts'
import { useCollect } from './use-coverage.ts'

/** Looks at one resource again, now. */
export function CollectButton({ item }: { readonly item: CoverageItem }) {
  const collect = useCollect()
  if (collect.isSuccess) return <StatusIndicator type="in-progress">Queued</StatusIndicator>
  return (
    <>
      <Button
        variant="inline-link"
        loading={collect.isPending}
        ariaLabel={`Scan ${item.resourceId} now`}
        onClick={() => collect.mutate(item.arn)}
      >
        Scan now
      </Button>
      {collect.error !== null && <StatusIndicator type="error">{collect.error.message}</StatusIndicator>}
    </>
  )
}
