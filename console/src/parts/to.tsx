import Link, { type LinkProps } from '@cloudscape-design/components/link'
import type { ReactNode } from 'react'
import { useNavigate } from 'react-router'

/** A link inside the console: opens without loading the page anew, yet is a plain link for new tabs and readers. */
export function To(props: {
  readonly to: string
  readonly label?: string
  readonly size?: LinkProps['fontSize']
  readonly children: ReactNode
}) {
  const follow = useFollow()
  return (
    <Link
      href={props.to}
      onFollow={follow}
      {...(props.label === undefined ? {} : { ariaLabel: props.label })}
      {...(props.size === undefined ? {} : { fontSize: props.size })}
    >
      {props.children}
    </Link>
  )
}

/** For `onFollow` of any Cloudscape component with links. */
export function useFollow() {
  const navigate = useNavigate()
  return (event: {
    readonly detail: { readonly href?: string | undefined; readonly external?: boolean | undefined }
    preventDefault(): void
  }) => {
    const { href, external } = event.detail
    if (external === true || href === undefined || !href.startsWith('/')) return
    event.preventDefault()
    void navigate(href)
  }
}
