import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { SigningKeys } from '../../core/access/index.ts'
import { enabledIn } from '../../core/enablement/index.ts'
import type { Join } from '../../core/findings/index.ts'
import { AppError } from '../../model/errors.ts'
import { type Db, tookTooLong } from '../../store/connection.ts'
import { allow, scopeOf } from '../auth/allow.ts'
import { verifySignature } from '../auth/signature.ts'
import { protocolError } from '../errors.ts'
import { readInput, wireOperations, writeError, writeOutput, type WireOperation } from './codec.ts'
import type { Operation } from './operation.ts'
import { operations as allOperations } from './operations/index.ts'

export type Inspector2Options = {
  readonly join: Join
  /** `reads` of the store. */
  readonly reads: Db
  readonly keys: SigningKeys
  readonly homeRegion: string
  /** What the answers rest on; told in the header `x-openinspector-knowledge`, as the service's shapes have no place for it. */
  readonly knowledge?: (() => Promise<{ readonly state: string }>) | undefined
  /** Those of this folder, unless a test brings its own. */
  readonly operations?: readonly Operation[]
}

/** The service's largest honest request: 65 criteria of ten values of 1,024 characters, each of up to two bytes and more. */
const bodyLimit = 4 * 1024 * 1024

/**
 * The Amazon Inspector API (version 2020-06-08, restJson1, Signature Version 4) as a Fastify plugin. The app it is
 * registered in needs `routerOptions: { maxParamLength: 2048 }` and ids of requests that are worth telling (`genReqId`); its
 * own content parsers are left alone.
 */
export async function inspector2(app: FastifyInstance, options: Inspector2Options): Promise<void> {
  const known = new Map((options.operations ?? allOperations).map((operation) => [operation.name as string, operation]))
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit }, (_request, body, done) => done(null, body))
  app.setErrorHandler((thrown, request, reply) => refuse(thrown, request, reply))
  for (const wire of wireOperations) {
    const handler = (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> =>
      answer(wire, known.get(wire.name), options, request, reply)
    // A label is the rest of the path: clients differ in whether they encode an ARN's slashes.
    const path = wire.path.replace(/\{\w+\}$/, '*')
    for (const url of path.endsWith('*') ? [path] : [path, `${path}/`])
      app.route({ method: wire.method, url, handler, exposeHeadRoute: false, bodyLimit })
  }
}

async function answer(
  wire: WireOperation,
  operation: Operation | undefined,
  { join, reads, keys, homeRegion, knowledge }: Inspector2Options,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const { now } = join
  const { db } = join.store
  const url = request.raw.url ?? '/'
  const body = request.body as Uint8Array | undefined
  const signed = { method: request.method, url, headers: request.headers, body }
  const { caller, region } = await verifySignature(signed, { keys, service: 'inspector2', now })
  if (operation === undefined)
    throw protocolError('unsupported', 'UnsupportedOperationException', `OpenInspector does not support the operation ${wire.name} yet.`)
  allow(caller, operation.name)
  const [path = '', query = ''] = url.split(/\?(.*)/s)
  const input = readInput(wire, { path, query: new URLSearchParams(query.replaceAll('+', '%2B')), body })
  if (!operation.anywhere && !(await enabledIn(db, caller.account, region))) throw notEnabled(caller.account, region, homeRegion)
  const output = await operation.run(input, { caller, region, scope: scopeOf(caller, region), join, db, reads, now })
  if (knowledge !== undefined) reply.header('x-openinspector-knowledge', (await knowledge()).state)
  return reply
    .code(wire.status)
    .header('content-type', 'application/json')
    .header('x-amzn-requestid', request.id)
    .send(writeOutput(wire, output))
}

/** Never an empty list: that would read as "nothing is vulnerable here". */
function notEnabled(account: string, region: string, homeRegion: string): AppError {
  return new AppError(
    'denied',
    `Invoking account does not have access: no scan type is enabled for account ${account} in Region ${region}. The home Region of this OpenInspector is ${homeRegion}; use that Region, or Enable scanning here.`,
  )
}

function refuse(thrown: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const { status, headers, body } = writeError(tookTooLong(thrown) ?? thrown, request.id)
  if (status >= 500 && !(thrown instanceof AppError && thrown.code === 'unsupported'))
    request.log.error({ err: thrown }, 'an Inspector operation failed')
  return reply.code(status).headers(headers).send(body)
}
