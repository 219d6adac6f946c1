import Alert from '@cloudscape-design/components/alert'
import Box from '@cloudscape-design/components/box'
import Button from '@cloudscape-design/components/button'
import { ApiFailure } from '../api/client.ts'
import { Empty } from './empty.tsx'

const isDenied = (error: Error): boolean => error instanceof ApiFailure && error.status === 403

/** In the place of a list: that it is empty because it was not given out, not because there is nothing. */
export function notShown(error: Error | null) {
  if (error === null) return null
  return isDenied(error) ? (
    <Empty title="Not allowed">Whether there is anything is not known here: your role may not see it.</Empty>
  ) : (
    <Empty title="Not shown">Whether there is anything is not known here: the question was not answered.</Empty>
  )
}

/** What happened, what it affects, what to do, and the id by which the log knows it. */
export function Failure(props: { readonly error: Error; readonly affects: string; readonly onRetry?: () => void }) {
  const { error, affects, onRetry } = props
  const denied = isDenied(error)
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
