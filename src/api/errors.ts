import { AppError, type ErrorCode } from '../model/errors.ts'

/** Our codes on the wire: the HTTP status of the own API, and the exception of the AWS API (its status is the model's). */
export const answers: Readonly<Record<ErrorCode, { readonly status: number; readonly exception: string }>> = {
  invalid: { status: 400, exception: 'ValidationException' },
  denied: { status: 403, exception: 'AccessDeniedException' },
  missing: { status: 404, exception: 'ResourceNotFoundException' },
  conflict: { status: 409, exception: 'ConflictException' },
  limited: { status: 429, exception: 'ThrottlingException' },
  quota: { status: 402, exception: 'ServiceQuotaExceededException' },
  // 501: clients show it and, other than 500 and 503, never try again.
  unsupported: { status: 501, exception: 'UnsupportedOperationException' },
  upstream: { status: 502, exception: 'InternalServerException' },
}

/** Exceptions of the AWS protocol that the service's model does not name, with their HTTP status. */
export const protocolExceptions: Readonly<Record<string, number>> = {
  MissingAuthenticationTokenException: 403,
  IncompleteSignatureException: 400,
  InvalidSignatureException: 403,
  UnrecognizedClientException: 403,
  RequestEntityTooLargeException: 413,
  UnsupportedOperationException: 501,
}

/** An AppError that is to be told as one special exception of the AWS protocol. */
export function protocolError(code: ErrorCode, exception: keyof typeof protocolExceptions & string, message: string): AppError {
  return new AppError(code, message, { details: { exception } })
}

/** The caller is not known: HTTP 401 of the own API. */
export function signInFirst(message: string): AppError {
  return new AppError('denied', message, { details: { unauthenticated: true } })
}

/** HTTP status of the own API. Whatever is not an AppError is a bug: 500. */
export function statusOf(thrown: unknown): number {
  if (!(thrown instanceof AppError)) return 500
  return thrown.details['unauthenticated'] === true ? 401 : answers[thrown.code].status
}
