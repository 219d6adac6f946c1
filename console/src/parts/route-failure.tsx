import Alert from '@cloudscape-design/components/alert'
import Box from '@cloudscape-design/components/box'
import Button from '@cloudscape-design/components/button'
import { useRouteError } from 'react-router'

/** A page that failed to load or to draw itself. After an upgrade of the server a reload fetches the new parts. */
export function RouteFailure() {
  const error = useRouteError()
  return (
    <Box padding="xxl">
      <Alert type="error" header="This page failed" action={<Button onClick={() => location.reload()}>Load again</Button>}>
        {error instanceof Error ? error.message : 'The reason is unknown.'} Nothing on the server was changed.
      </Alert>
    </Box>
  )
}
