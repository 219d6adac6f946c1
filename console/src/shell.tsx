import AppLayout from '@cloudscape-design/components/app-layout'
import Flashbar, { type FlashbarProps } from '@cloudscape-design/components/flashbar'
import SideNavigation from '@cloudscape-design/components/side-navigation'
import { useQueryClient } from '@tanstack/react-query'
import { useEffect, useRef, useState } from 'react'
import { Outlet, useLocation, useNavigation } from 'react-router'
import { followChanges } from './api/changes.ts'
import { useSession } from './api/queries.ts'
import type { Session } from './api/types.ts'
import { knowledgeNotices } from './parts/knowledge-notice.ts'
import { usePrinting } from './parts/use-printing.ts'
import { leftWords } from './parts/words.ts'
import { useFollow } from './parts/to.tsx'
import { TopBar } from './top-bar.tsx'

const pages = [
  { text: 'Dashboard', href: '/' },
  { text: 'Findings', href: '/findings?status=ACTIVE' },
  { text: 'Coverage', href: '/coverage' },
  { text: 'Suppression rules', href: '/rules' },
  { text: 'Feeds', href: '/feeds' },
]

/** What surrounds every page of a signed-in person. Pages are drawn only once it is known who that is. */
export function Shell() {
  const { data: session, error } = useSession()
  const [navigationOpen, setNavigationOpen] = useState(() => window.matchMedia('(min-width: 1100px)').matches)
  const follow = useFollow()
  const content = useFocusOnNewPage()
  useLiveChanges(session !== undefined)
  const { pathname } = useLocation()
  const printing = usePrinting()
  return (
    <>
      <TopBar {...(session === undefined ? {} : { session })} />
      <AppLayout
        headerSelector="#top-bar"
        toolsHide
        navigationHide={printing}
        navigationWidth={200}
        navigationOpen={navigationOpen}
        onNavigationChange={({ detail }) => setNavigationOpen(detail.open)}
        ariaLabels={{
          navigation: 'Pages',
          navigationToggle: 'Open pages',
          navigationClose: 'Close pages',
          notifications: 'Notices',
        }}
        navigation={
          <SideNavigation
            activeHref={pages.find(({ href }) => href.split('?')[0] === `/${pathname.split('/')[1] ?? ''}`)?.href ?? ''}
            onFollow={follow}
            items={pages.map((page) => ({ type: 'link', ...page }))}
          />
        }
        stickyNotifications
        notifications={<Notices session={session} unreachable={error !== null && session === undefined ? error.message : undefined} />}
        content={
          <div className="page" ref={content} tabIndex={-1}>
            {session !== undefined && <Outlet />}
          </div>
        }
      />
    </>
  )
}

/** Follows the server's changes as long as somebody is signed in. */
function useLiveChanges(signedIn: boolean): void {
  const client = useQueryClient()
  useEffect(() => {
    if (!signedIn) return
    const end = new AbortController()
    void followChanges(client, end.signal)
    return () => end.abort()
  }, [client, signedIn])
}

/** After a link inside the console the keyboard and the screen reader start at the new page. */
function useFocusOnNewPage() {
  const content = useRef<HTMLDivElement>(null)
  const { pathname } = useLocation()
  const { state } = useNavigation()
  const shown = useRef(pathname)
  useEffect(() => {
    if (state !== 'idle' || shown.current === pathname) return
    shown.current = pathname
    content.current?.focus({ preventScroll: true })
    window.scrollTo(0, 0)
  }, [pathname, state])
  return content
}

function Notices({ session, unreachable }: { readonly session: Session | undefined; readonly unreachable: string | undefined }) {
  const items: FlashbarProps.MessageDefinition[] = []
  if (unreachable !== undefined)
    items.push({ id: 'unreachable', type: 'error', header: 'The console has no answer from its server', content: unreachable })
  if (session !== undefined && session.knowledge.state !== 'full') {
    items.push({ id: 'knowledge', type: 'warning', ...knowledgeNotices[session.knowledge.state] })
  }
  if (session !== undefined && session.evaluating.pending > 0) {
    items.push({
      id: 'evaluating',
      type: 'in-progress',
      loading: true,
      content: `Evaluating: ${leftWords(session.evaluating)} not yet in the numbers below.`,
    })
  }
  return <Flashbar items={items} />
}
