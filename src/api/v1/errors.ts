import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import { hasZodFastifySchemaValidationErrors } from 'fastify-type-provider-zod'
import { AppError } from '../../model/errors.ts'
import { tookTooLong } from '../../store/connection.ts'
import { statusOf } from '../errors.ts'
import type { ApiError } from './contract.ts'

/** The one place where what was thrown becomes an answer. A bug is logged with its stack and shown without detail. */
export function answerError(error: FastifyError | Error, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const known = understood(error, request)
  if (known === undefined) request.log.error({ err: error }, 'internal error')
  const status = statusOf(known ?? error)
  if (status === 401) reply.header('www-authenticate', 'Bearer')
  return reply.code(status).type('application/json').send(errorBody(known, request.id))
}

/** The shape every error of the own API has. */
export function errorBody(known: AppError | undefined, correlationId: string): ApiError {
  if (known === undefined)
    return { error: { code: 'internal', message: 'Something went wrong here; the log of the server says what.', correlationId } }
  const details = Object.keys(known.details).length === 0 ? {} : { details: { ...known.details } }
  return { error: { code: known.code, message: known.message, ...details, correlationId } }
}

function understood(error: FastifyError | Error, request: FastifyRequest): AppError | undefined {
  if (error instanceof AppError) return error
  if (hasZodFastifySchemaValidationErrors(error)) {
    const problems = error.validation.map(
      ({ instancePath, message }) => `${instancePath.slice(1).replaceAll('/', '.') || 'request'}: ${message ?? 'not valid'}`,
    )
    const where = { querystring: 'query', body: 'body', params: 'path', headers: 'headers' }[error.validationContext ?? 'body']
    return new AppError(
      'invalid',
      `The ${where} of ${request.method} ${request.url.split('?')[0]} is not valid: ${problems.slice(0, 5).join('; ')}`,
    )
  }
  const slow = tookTooLong(error)
  if (slow !== undefined) return slow
  const status = 'statusCode' in error ? error.statusCode : undefined
  if (status === 429) return new AppError('limited', error.message)
  // Fastify's own refusals: a body too large, a media type unknown, JSON that does not parse.
  return status !== undefined && status >= 400 && status < 500 ? new AppError('invalid', error.message) : undefined
}
