import { I18nProvider } from '@cloudscape-design/components/i18n'
import messages from '@cloudscape-design/components/i18n/messages/all.en'
import { QueryCache, QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { createBrowserRouter } from 'react-router'
import { RouterProvider } from 'react-router/dom'
import { ApiFailure, pastedToken } from './api/client.ts'
import { Missing } from './parts/missing.tsx'
import { RouteFailure } from './parts/route-failure.tsx'
import { Shell } from './shell.tsx'

const client = new QueryClient({
  queryCache: new QueryCache({
    onError: (error) => {
      if (error instanceof ApiFailure && error.status === 401) void signInAgain()
    },
  }),
  defaultOptions: {
    queries: {
      staleTime: 15_000,
      // What the caller may not have stays so; only a lost connection or an overloaded server is worth another try.
      retry: (count, error) => count < 2 && error instanceof ApiFailure && (error.status === 0 || error.status >= 500),
    },
  },
})

const router = createBrowserRouter([
  { path: '/sign-in', HydrateFallback: Nothing, lazy: async () => ({ Component: (await import('./pages/sign-in/page.tsx')).SignInPage }) },
  {
    path: '/',
    Component: Shell,
    HydrateFallback: Nothing,
    ErrorBoundary: RouteFailure,
    children: [
      { index: true, lazy: async () => ({ Component: (await import('./pages/dashboard/page.tsx')).DashboardPage }) },
      { path: 'findings', lazy: async () => ({ Component: (await import('./pages/findings/page.tsx')).FindingsPage }) },
      { path: 'findings/:id', lazy: async () => ({ Component: (await import('./pages/finding/page.tsx')).FindingPage }) },
      { path: 'coverage', lazy: async () => ({ Component: (await import('./pages/coverage/page.tsx')).CoveragePage }) },
      { path: 'feeds', lazy: async () => ({ Component: (await import('./pages/feeds/page.tsx')).FeedsPage }) },
      { path: 'rules', lazy: async () => ({ Component: (await import('./pages/rules/page.tsx')).RulesPage }) },
      { path: '*', Component: Missing },
    ],
  },
])

export function App() {
  return (
    <I18nProvider locale="en" messages={[messages]}>
      <QueryClientProvider client={client}>
        <RouterProvider router={router} />
      </QueryClientProvider>
    </I18nProvider>
  )
}

async function signInAgain(): Promise<void> {
  const { pathname, search } = router.state.location
  if (pathname === '/sign-in') return
  pastedToken.clear()
  await router.navigate('/sign-in', { state: { from: pathname + search } })
  client.clear()
}

function Nothing() {
  return null
}
