import { AppError, type ErrorCode } from '../model/errors.ts'

/** A structured clone keeps nothing of an error's class. */
export type SentError = {
  readonly code?: ErrorCode
  readonly message: string
  readonly stack?: string
  readonly details?: AppError['details']
}

export function sentError(thrown: unknown): SentError {
  if (!(thrown instanceof Error)) return { message: String(thrown) }
  const { message, stack } = thrown
  return {
    message,
    ...(stack !== undefined && { stack }),
    ...(thrown instanceof AppError && { code: thrown.code, details: thrown.details }),
  }
}

export function receivedError({ code, message, stack, details }: SentError): Error {
  const error = code === undefined ? new Error(message) : new AppError(code, message, details && { details })
  if (stack !== undefined) error.stack = stack
  return error
}
