import { randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import compress from '@fastify/compress'
import helmet from '@fastify/helmet'
import rateLimit from '@fastify/rate-limit'
import fileServer from '@fastify/static'
import Fastify, { type FastifyBaseLogger, type FastifyInstance, LogController } from 'fastify'
import type { Logger } from 'pino'
import { inspector2, type Inspector2Options } from '../api/inspector2/plugin.ts'
import { apiV1, type V1Deps } from '../api/v1/index.ts'

export type ServerDeps = V1Deps & Pick<Inspector2Options, 'keys'> & { readonly log: Logger }

/** The HTTP server with everything it answers, not yet listening: tests inject. */
export async function buildServer({ log, keys, ...deps }: ServerDeps): Promise<FastifyInstance> {
  // Where it listens is told to people, not logged.
  const loggerInstance: FastifyBaseLogger = log.level === 'info' ? log.child({}, { level: 'warn' }) : log
  const app: FastifyInstance = Fastify({
    loggerInstance,
    logController: new LogController({ disableRequestLogging: true }),
    genReqId: () => randomUUID(),
    bodyLimit: 1 << 20,
    // Time for a whole request to arrive; without it a client may keep a connection open by a byte a minute.
    requestTimeout: 60_000,
    forceCloseConnections: true,
    routerOptions: { maxParamLength: 2048 },
  })
  await app.register(helmet, {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'self'"],
        styleSrc: ["'self'"],
        imgSrc: ["'self'", 'data:'],
        objectSrc: ["'none'"],
        baseUri: ["'none'"],
        formAction: ["'self'"],
        frameAncestors: ["'none'"],
      },
    },
    // A loopback address has no certificate; who puts one before us sets this there.
    strictTransportSecurity: false,
    referrerPolicy: { policy: 'no-referrer' },
  })
  await app.register(rateLimit, { global: false })
  await app.register(compress, { threshold: 1_024 })
  app.get('/health', () => ({ status: 'ok', version: deps.version }))
  await app.register(apiV1, { ...deps, prefix: '/api/v1' })
  await app.register(inspector2, { join: deps.join, reads: deps.store.reads, keys, homeRegion: deps.homeRegion, knowledge: deps.knowledge })
  await serveConsole(app)
  return app
}

/** Beside the bundle, or where the sources find it. */
const consoleFolders = [join(import.meta.dirname, 'console'), join(import.meta.dirname, '..', '..', 'dist', 'console')]

/** The console's files; any other page address is the console too, which reads it itself. */
async function serveConsole(app: FastifyInstance): Promise<void> {
  const root = consoleFolders.find((folder) => existsSync(join(folder, 'index.html')))
  if (root !== undefined) {
    await app.register(fileServer, {
      root,
      wildcard: true,
      index: 'index.html',
      // Names of assets carry a hash of their content.
      setHeaders: (reply, path) =>
        void reply.header('cache-control', path.includes('/assets/') ? 'public, max-age=31536000, immutable' : 'no-cache'),
    })
  }
  app.setNotFoundHandler((request, reply) => {
    const page = request.method === 'GET' && (request.headers.accept ?? '').includes('text/html') && !request.url.startsWith('/api/')
    if (page && root !== undefined) return reply.sendFile('index.html')
    const words = page
      ? 'The console is not built here: npm run build makes it.'
      : `Nothing answers ${request.method} ${request.url.split('?')[0]}.`
    const error = { code: 'missing', message: words, correlationId: request.id }
    return reply.code(404).header('x-correlation-id', request.id).send({ error })
  })
}
