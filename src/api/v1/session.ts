import * as z from 'zod'
import { endSession, redeemLink } from '../../core/access/index.ts'
import { checkSameOrigin, sessionCookie } from '../auth/session.ts'
import { ApiError, Session, SessionLink } from './contract.ts'
import { callerMay, evaluating, type Routes, shownKnowledge, type V1Deps } from './deps.ts'

export const sessionRoutes: Routes = (app, deps) => {
  const { store, now, origin } = deps
  const secure = origin?.startsWith('https:') === true

  app.get(
    '/session',
    { schema: { summary: 'Who is signed in, and what the answers rest on', response: { 200: Session, default: ApiError } } },
    async (request) => {
      const { caller } = callerMay(request, 'read')
      return sessionOf(caller, deps)
    },
  )

  app.post(
    '/session/link',
    {
      config: { public: true, rateLimit: { max: 10, timeWindow: '1 minute' } },
      schema: {
        summary: 'Exchange a one-time link for a session cookie',
        body: SessionLink,
        response: { 200: Session, default: ApiError },
      },
    },
    async (request, reply) => {
      checkSameOrigin(request, { programs: true, ours: origin })
      const { session, caller } = await store.db.transaction().execute((trx) => redeemLink(trx, request.body.token, now()))
      reply.header('set-cookie', sessionCookie(session, { secure }))
      return sessionOf(caller, deps)
    },
  )

  app.delete('/session', { schema: { summary: 'Sign out', response: { 204: z.null(), default: ApiError } } }, async (request, reply) => {
    const { caller } = callerMay(request, 'read')
    const { signedIn } = request
    if (signedIn?.via === 'cookie')
      await store.db.transaction().execute((trx) => endSession(trx, signedIn.token, { by: caller.name, at: now() }))
    return reply.header('set-cookie', sessionCookie(undefined, { secure })).code(204).send(null)
  })
}

async function sessionOf(
  { name, role, account }: { name: string; role: Session['principal']['role']; account: string },
  deps: V1Deps,
): Promise<Session> {
  const [knowledge, pending] = await Promise.all([deps.knowledge(), deps.pending()])
  return {
    principal: { name, role, account },
    homeRegion: deps.homeRegion,
    product: { name: 'OpenInspector', version: deps.version },
    store: deps.store.mode,
    knowledge: shownKnowledge(knowledge),
    evaluating: evaluating(pending),
  }
}
