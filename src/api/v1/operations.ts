import * as z from 'zod'
import { record } from '../../core/audit/index.ts'
import { revokeAgentOf } from '../../core/agents/index.ts'
import { checkCovered } from '../../core/coverage/index.ts'
import type { Scope } from '../../model/scope.ts'
import type { Db } from '../../store/connection.ts'
import { Accepted, ApiError, Arn, Knowledge, SyncFeeds, VerifyResult, Watched, WatchedSeveral, WatchTarget } from './contract.ts'
import { callerMay, type Routes, shownKnowledge } from './deps.ts'

/** Routes that set work in motion. */
export const operationRoutes: Routes = (app, deps) => {
  const { store, now, changes } = deps
  const told = (trx: Db, scope: Scope, action: string, object: string, after?: unknown) =>
    record(trx, { at: now(), principal: scope.caller.name, action, object, ...(after !== undefined && { after }) })

  app.get(
    '/feeds',
    { schema: { summary: 'Every feed: age, records, last fault', response: { 200: Knowledge, default: ApiError } } },
    async (request) => {
      callerMay(request, 'read')
      return shownKnowledge(await deps.knowledge())
    },
  )

  app.post(
    '/feeds/sync',
    { schema: { summary: 'Load feeds now', body: SyncFeeds.nullish(), response: { 202: Accepted, default: ApiError } } },
    async (request, reply) => {
      const scope = callerMay(request, 'feeds.sync')
      const names = request.body?.feeds
      await deps.syncFeeds(names, (trx) => told(trx, scope, 'feeds.sync', 'feed', { feeds: names ?? 'all' }))
      return reply.code(202).send({ accepted: true as const })
    },
  )

  app.post(
    '/resources',
    {
      schema: {
        summary: 'Watch a target from now on',
        body: WatchTarget,
        response: { 201: z.union([Watched, WatchedSeveral]), default: ApiError },
      },
    },
    async (request, reply) => {
      const scope = callerMay(request, 'resources.write')
      const watched = await deps.watching.add(request.body.target, (trx, { arn, target }) =>
        told(trx, scope, 'resource.watch', arn, { target }),
      )
      return reply.code(201).send(watched)
    },
  )

  app.post(
    '/resources/:arn/collect',
    { schema: { summary: 'Look at a resource again now', params: Arn, response: { 202: Accepted, default: ApiError } } },
    async (request, reply) => {
      const scope = callerMay(request, 'resources.collect')
      await checkCovered(store.db, scope, request.params.arn)
      const { arn } = request.params
      await deps.watching.collect(arn, (trx) => told(trx, scope, 'resource.collect', arn))
      return reply.code(202).send({ accepted: true as const })
    },
  )

  app.delete(
    '/resources/:arn',
    {
      schema: {
        summary: 'Take a resource out of coverage; its findings close',
        params: Arn,
        response: { 204: z.null(), default: ApiError },
      },
    },
    async (request, reply) => {
      const scope = callerMay(request, 'resources.write')
      const { arn } = request.params
      await checkCovered(store.db, scope, arn)
      await deps.watching.remove(arn, async (trx) => {
        await revokeAgentOf(trx, scope, arn, { by: scope.caller.name, at: now() })
        await told(trx, scope, 'resource.remove', arn)
      })
      return reply.code(204).send(null)
    },
  )

  app.post(
    '/verify',
    {
      config: { rateLimit: { max: 6, timeWindow: '1 minute' } },
      schema: {
        summary: 'Recompute everything from stored inputs; the difference must be none',
        response: { 200: VerifyResult, default: ApiError },
      },
    },
    async (request) => {
      const scope = callerMay(request, 'verify')
      const result = await deps.verify()
      await store.db.transaction().execute((trx) => told(trx, scope, 'verify', 'store', { ok: result.ok }))
      return result
    },
  )

  app.get(
    '/changes',
    { schema: { summary: 'Server-sent events: findings, coverage, feeds, progress', hide: false } },
    async (request, reply) => {
      await changes.stream(reply, callerMay(request, 'read'))
    },
  )
}
