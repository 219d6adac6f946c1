import Alert from '@cloudscape-design/components/alert'
import Box from '@cloudscape-design/components/box'
import Button from '@cloudscape-design/components/button'
import { ApiFailure } from '../api/client.ts'

/** What happened, what it affects, what to do, and the id by which the log knows it. */
export function Failure(props: { readonly error: Error; readonly affects: string; readonly onRetry?: () => void }) {
  const { error, affects, onRetry } = props
  const denied = error instanceof ApiFailure && error.status === 403
  return (
    <Alert
      type={denied ? 'warning' : 'error'}
      header={denied ? `Not allowed: ${affects}` : `Could not show ${affects}`}
      {...(onRetry === undefined || denied ? {} : { action: <Button onClick={onRetry}>Try again</Button> })}
    >
      {error.message}
      {denied && ' Ask an administrator for a role that may see this.'}
      {error instanceof ApiFailure && error.correlationId !== undefined && (
        <Box variant="small" display="block">
          Correlation id: {error.correlationId}
        </Box>
      )}
    </Alert>
  )
}
