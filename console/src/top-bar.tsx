import TopNavigation, { type TopNavigationProps } from '@cloudscape-design/components/top-navigation'
import { useQueryClient } from '@tanstack/react-query'
import { useNavigate } from 'react-router'
import { call, pastedToken } from './api/client.ts'
import type { Session } from './api/types.ts'
import icon from './icon.svg'
import { toggleTheme, useDark } from './theme.ts'

export function TopBar({ session }: { readonly session?: Session }) {
  const dark = useDark()
  const navigate = useNavigate()
  const client = useQueryClient()

  async function signOut(): Promise<void> {
    // Also when the server no longer knows the session there is nothing left to keep here.
    await call('/session', { method: 'DELETE' }).catch(() => undefined)
    pastedToken.clear()
    await navigate('/sign-in', { state: { signedOut: true } })
    client.clear()
  }

  const theme: TopNavigationProps.Utility = {
    type: 'button',
    text: dark ? 'Light mode' : 'Dark mode',
    onClick: toggleTheme,
  }
  const person: TopNavigationProps.Utility[] =
    session === undefined
      ? []
      : [
          {
            type: 'menu-dropdown',
            text: session.principal.name,
            description: `${session.principal.role}, account ${session.principal.account}, home Region ${session.homeRegion}`,
            iconName: 'user-profile',
            ariaLabel: `Signed in as ${session.principal.name}`,
            items: [
              { id: 'version', text: `OpenInspector ${session.product.version}`, disabled: true },
              { id: 'sign-out', text: 'Sign out' },
            ],
            onItemClick: ({ detail }) => {
              if (detail.id === 'sign-out') void signOut()
            },
          },
        ]
  return (
    <div id="top-bar" className="top-bar">
      <TopNavigation
        identity={{
          href: '/',
          title: 'OpenInspector',
          logo: { src: icon, alt: '' },
          onFollow: (event) => {
            event.preventDefault()
            void navigate('/')
          },
        }}
        utilities={[theme, ...person]}
      />
    </div>
  )
}
