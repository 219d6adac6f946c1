import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useEffect } from 'react'
import { useLocation, useNavigate } from 'react-router'
import { call, pastedToken } from '../../api/client.ts'
import { sessionQuery } from '../../api/queries.ts'
import type { Session } from '../../api/types.ts'
import { takeLink } from '../../sign-in-link.ts'

/** Two ways in: a one-time link, turned into a cookie by the server, or a pasted API token. Both end where the reader wanted to go. */
export function useSignIn() {
  const client = useQueryClient()
  const navigate = useNavigate()
  const { state } = useLocation()

  async function enter(): Promise<void> {
    await client.resetQueries()
    await client.fetchQuery(sessionQuery)
    await navigate(typeof state?.from === 'string' ? state.from : '/', { replace: true })
  }

  const link = useMutation({
    mutationFn: (token: string) => call('/session/link', { method: 'POST', body: { token } }),
    onSuccess: enter,
  })
  const paste = useMutation({
    mutationFn: async (token: string) => {
      pastedToken.set(token)
      try {
        return await call<Session>('/session')
      } catch (thrown) {
        pastedToken.clear()
        throw thrown
      }
    },
    onSuccess: enter,
  })

  const { mutate: redeem } = link
  useEffect(() => {
    const token = takeLink()
    if (token !== undefined) redeem(token)
  }, [redeem])
  return { link, paste }
}
