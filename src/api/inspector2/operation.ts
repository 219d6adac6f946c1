import type * as sdk from '@aws-sdk/client-inspector2'
import type { Join } from '../../core/findings/index.ts'
import type { Caller, Scope } from '../../model/scope.ts'
import type { Db } from '../../store/connection.ts'
import type { Action } from '../auth/allow.ts'

type Commands = typeof sdk
/** Names of the service's operations: those the official client has a command for. */
export type OperationName = keyof { [Key in keyof Commands as Key extends `${infer Name}Command` ? Name : never]: true } & string

type CommandOf<Name extends OperationName> = `${Name}Command` extends keyof Commands
  ? Commands[`${Name}Command`] extends abstract new (
      ...input: never[]
    ) => infer Made
    ? Made
    : never
  : never
export type InputOf<Name extends OperationName> = CommandOf<Name> extends { readonly input: infer Input } ? Input : never
type Handler<Name extends OperationName> = CommandOf<Name> extends { resolveMiddleware(...args: never[]): infer Made } ? Made : never
type Result<Name extends OperationName> = Handler<Name> extends (...args: never[]) => Promise<{ output: infer Output }> ? Output : never
export type OutputOf<Name extends OperationName> = Omit<Result<Name>, '$metadata'>

/** What an operation works with. `scope` is the caller's account in the signed Region. */
export type OperationContext = {
  readonly caller: Caller
  readonly region: string
  readonly scope: Scope
  readonly join: Join
  /** `join.store.db` */
  readonly db: Db
  /** For what only reads. */
  readonly reads: Db
  readonly now: () => Date
}

/** One operation that we answer. */
export type Operation = {
  readonly name: OperationName & Action
  readonly anywhere: boolean
  run(input: object, context: OperationContext): Promise<object>
}

/** `input` has passed every check of the model. `anywhere`: also answered in a Region where nothing is enabled. */
export function operation<const Name extends OperationName & Action>(
  name: Name,
  run: (input: InputOf<Name>, context: OperationContext) => Promise<OutputOf<Name>>,
  { anywhere = false }: { readonly anywhere?: boolean } = {},
): Operation {
  return { name, anywhere, run: (input, context) => run(input as InputOf<Name>, context) }
}
