/**
 * invalid: the caller's input; denied: not allowed; missing: no such thing; conflict: not in this state; limited: slow
 * down; quota: no more of these; unsupported: not built, or not here; upstream: somebody else failed, try again.
 */
export type ErrorCode = 'invalid' | 'denied' | 'missing' | 'conflict' | 'limited' | 'quota' | 'unsupported' | 'upstream'

/** The one error we throw on purpose. Its message says what was expected, what came and where; it is shown to people. */
export class AppError extends Error {
  override readonly name = 'AppError'
  readonly code: ErrorCode
  /** What a program may want beside the words: field names, retry time, ids. Never a secret. */
  readonly details: Readonly<Record<string, unknown>>
  constructor(
    code: ErrorCode,
    message: string,
    options: { readonly cause?: unknown; readonly details?: Readonly<Record<string, unknown>> } = {},
  ) {
    super(message, options.cause === undefined ? {} : { cause: options.cause })
    this.code = code
    this.details = options.details ?? {}
  }
}

/**
 * The words of anything thrown, for a gap's reason or a log line. A parser's words quote what it read: what no database holds
 * (NUL, half a surrogate pair) is left out.
 */
export function reasonOf(thrown: unknown): string {
  const words = thrown instanceof Error ? thrown.message : String(thrown)
  return words.replaceAll('\0', '\ufffd').toWellFormed()
}
