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

/** What the system refused of a file or folder that somebody named: no bug of ours. Memory and places on disk are nobody's wish. */
export type Refused = NodeJS.ErrnoException & { readonly code: string; readonly path: string }
const refusals: Readonly<Record<string, ExitCode>> = {
  ...{ ENOENT: exit.usage, ENOTDIR: exit.usage, EISDIR: exit.usage, EEXIST: exit.usage, ENAMETOOLONG: exit.usage },
  ...{ EACCES: exit.denied, EPERM: exit.denied, EROFS: exit.denied, ENOSPC: exit.internal, EDQUOT: exit.internal },
}
export const isRefused = (thrown: unknown): thrown is Refused =>
  thrown instanceof Error && 'path' in thrown && 'code' in thrown && typeof thrown.code === 'string' && Object.hasOwn(refusals, thrown.code)

/** The exit code of anything thrown; what is neither an AppError, nor somebody's wish, nor refused by the system is a bug, and internal. */
export function exitOf(thrown: unknown): ExitCode {
  if (thrown instanceof Interrupted) return endCodes[thrown.signal]
  if (isRefused(thrown)) return refusals[thrown.code] ?? exit.internal
  return thrown instanceof AppError ? byError[thrown.code] : exit.internal
}
