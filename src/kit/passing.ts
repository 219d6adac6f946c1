/** Answers of a server that another try may mend. */
export const passingStatuses: ReadonlySet<number> = new Set([408, 429, 500, 502, 503, 504])

/** A fault of a network or a server that may pass; `retryAfterMs` is the server's own wish. */
export class Passing extends Error {
  readonly retryAfterMs: number | undefined
  constructor(message: string, retryAfterMs?: number, cause?: unknown) {
    super(message, { cause })
    this.retryAfterMs = retryAfterMs
  }
}

/** Longer than this nobody waits for a server that asks for it. */
export const longestWaitMs = 60_000

/** How long to wait before try number `attempt + 1`: what the server asked for, else twice as long each time. */
export const waitBefore = (attempt: number, retryAfterMs?: number): number => retryAfterMs ?? Math.min(longestWaitMs, 500 * 2 ** attempt)

/** The header Retry-After in milliseconds. RFC 9110 section 10.2.3: seconds, or a date. */
export function retryAfter(value: string | string[] | undefined, now: number): number | undefined {
  if (typeof value !== 'string') return undefined
  const wait = /^\d{1,6}$/.test(value) ? Number(value) * 1000 : Date.parse(value) - now
  return Number.isNaN(wait) ? undefined : Math.max(0, wait)
}
