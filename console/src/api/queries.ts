import { queryOptions, useQuery } from '@tanstack/react-query'
import { call } from './client.ts'
import type { Session, Summary } from './types.ts'

/** First words of the keys of what is read, so that a message of `/changes` can name what it made old. */
export const keys = {
  session: 'session',
  summary: 'summary',
  findings: 'findings',
  finding: 'finding',
  coverage: 'coverage',
  resource: 'resource',
  feeds: 'feeds',
  rules: 'rules',
  trend: 'trend',
} as const

export const sessionQuery = queryOptions({
  queryKey: [keys.session],
  queryFn: ({ signal }) => call<Session>('/session', { signal }),
})

/** Asked again even without a message of `/changes`: something between here and the server may hold those back. */
const atLeastEveryMs = 60_000

/** Who is signed in, and the state of knowledge. */
export const useSession = () => useQuery({ ...sessionQuery, refetchInterval: atLeastEveryMs })
export const useSummary = () =>
  useQuery({ queryKey: [keys.summary], queryFn: ({ signal }) => call<Summary>('/summary', { signal }), refetchInterval: atLeastEveryMs })
