import Header from '@cloudscape-design/components/header'
import SpaceBetween from '@cloudscape-design/components/space-between'
import { type ReactNode, useEffect } from 'react'
import { Freshness } from './freshness.tsx'

/** Heading of every page, with the freshness of what it rests on; it also names the browser tab. */
export function PageHeader(props: { readonly title: string; readonly description?: ReactNode; readonly actions?: ReactNode }) {
  useTitle(props.title)
  return (
    <Header
      variant="h1"
      description={props.description}
      actions={
        <SpaceBetween direction="horizontal" size="m" alignItems="center">
          <Freshness />
          {props.actions}
        </SpaceBetween>
      }
    >
      {props.title}
    </Header>
  )
}

export function useTitle(title: string): void {
  useEffect(() => {
    document.title = `${title} · OpenInspector`
  }, [title])
}
