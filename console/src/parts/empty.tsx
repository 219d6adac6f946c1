import Box from '@cloudscape-design/components/box'
import SpaceBetween from '@cloudscape-design/components/space-between'
import type { ReactNode } from 'react'

/** An empty list says which kind of empty it is, and what to do next. */
export function Empty(props: { readonly title: string; readonly children: ReactNode; readonly action?: ReactNode }) {
  return (
    <Box textAlign="center" padding={{ vertical: 'l' }}>
      <SpaceBetween size="s" alignItems="center">
        <Box variant="strong">{props.title}</Box>
        <Box color="text-body-secondary">{props.children}</Box>
        {props.action}
      </SpaceBetween>
    </Box>
  )
}
