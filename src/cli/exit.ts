import { endCodes, type EndSignal, Interrupted } from '../kit/interruption.ts'
import { AppError, type ErrorCode } from '../model/errors.ts'

/** Exit codes, the same for every command. A failed check (1) is never mixed with data that is stale or incomplete (3). */
export const exit = { ok: 0, failed: 1, usage: 2, incomplete: 3, denied: 4, internal: 5 } as const
export type ExitCode = (typeof exit)[keyof typeof exit] | (typeof endCodes)[EndSignal]

const byError: Readonly<Record<ErrorCode, ExitCode>> = {
  invalid: exit.usage,
  missing: exit.usage,
  conflict: exit.usage,
  unsupported: exit.usage,
  denied: exit.denied,
  limited: exit.internal,
  quota: exit.internal,
  upstream: exit.internal,
}

/** The exit code of anything thrown; what is neither an AppError nor somebody's wish is a bug, and internal. */
export function exitOf(thrown: unknown): ExitCode {
  if (thrown instanceof Interrupted) return endCodes[thrown.signal]
  return thrown instanceof AppError ? byError[thrown.code] : exit.internal
}
