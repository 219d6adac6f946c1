import swagger from '@fastify/swagger'
import type { FastifyPluginAsync } from 'fastify'
import { jsonSchemaTransform, serializerCompiler, validatorCompiler, type ZodTypeProvider } from 'fastify-type-provider-zod'
import { AppError } from '../../model/errors.ts'
import { authenticate, checkHost } from '../auth/session.ts'
import { agentRoutes } from './agents.ts'
import { followChanges } from './changes.ts'
import { standing, type V1Deps } from './deps.ts'
import { answerError, errorBody } from './errors.ts'
import { coverageRoutes } from './coverage.ts'
import { filterRoutes } from './filters.ts'
import { findingRoutes } from './findings.ts'
import { operationRoutes } from './operations.ts'
import { sessionRoutes } from './session.ts'

export type { V1Deps } from './deps.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Answers also to those who are not signed in. */
    public?: boolean
  }
}

const parts = [sessionRoutes, findingRoutes, coverageRoutes, filterRoutes, operationRoutes, agentRoutes]

/** Our own API, to be registered with the prefix `/api/v1`. Console and CLI use nothing else. */
export const apiV1: FastifyPluginAsync<V1Deps> = async (plain, deps) => {
  const app = plain.withTypeProvider<ZodTypeProvider>()
  app.setValidatorCompiler(validatorCompiler)
  app.setSerializerCompiler(serializerCompiler)
  app.setErrorHandler(answerError)
  app.setNotFoundHandler((request, reply) => {
    const missing = new AppError(
      'missing',
      `The API has no ${request.method} ${request.url.split('?')[0]}; /api/v1/openapi.json lists what it has.`,
    )
    return reply.code(404).send(errorBody(missing, request.id))
  })
  await app.register(swagger, {
    openapi: {
      info: { title: 'OpenInspector', version: deps.version, description: 'Live inventory, advisories and findings.' },
      servers: [{ url: '/' }],
      components: {
        securitySchemes: { token: { type: 'http', scheme: 'bearer' }, session: { type: 'apiKey', in: 'cookie', name: 'oi_session' } },
      },
      security: [{ token: [] }, { session: [] }],
    },
    transform: jsonSchemaTransform,
  })

  app.addHook('onRequest', async (request, reply) => {
    reply.header('cache-control', 'no-store').header('x-correlation-id', request.id)
    checkHost(request, deps.hostNames)
    if (request.routeOptions.config.public !== true && !request.is404)
      request.signedIn = await authenticate(request, { db: deps.store.db, now: deps.now, origin: deps.origin })
  })

  const changes = followChanges(
    () => standing(deps),
    deps.store.db,
    (error) => app.log.error({ err: error }, 'could not read changes'),
  )
  app.addHook('preClose', async () => changes.close())

  app.get('/openapi.json', { config: { public: true }, schema: { hide: true } }, async () => app.swagger())
  for (const routes of parts) routes(app, { ...deps, changes })
}
