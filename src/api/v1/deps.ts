import type { FastifyInstance, FastifyRequest, RawReplyDefaultExpression, RawRequestDefaultExpression, RawServerDefault } from 'fastify'
import type { FastifyBaseLogger } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import type { FeedAge, Knowledge as Known } from '../../core/coverage/index.ts'
import type { Join } from '../../core/findings/index.ts'
import type { Alongside, Recording } from '../../core/inventory/index.ts'
import type { SbomFormat, SbomSubject } from '../../model/sbom.ts'
import type { Scope } from '../../model/scope.ts'
import type { Db, Store } from '../../store/connection.ts'
import { allow, type Action } from '../auth/allow.ts'
import { scopeOf } from '../auth/allow.ts'
import { signInFirst } from '../errors.ts'
import type { SignedIn } from '../auth/session.ts'
import type { Changes } from './changes.ts'
import type { Evaluating, FeedState, Knowledge, VerifyResult, Watched, WatchedSeveral } from './contract.ts'

/** What the routes work with; the app hands in what needs units. */
export type V1Deps = {
  readonly store: Store
  readonly join: Join
  readonly now: () => Date
  readonly homeRegion: string
  readonly version: string
  /** Origin by which browsers reach us, when that is not the address we listen on; where it is https, cookies are Secure. */
  readonly origin?: string
  /** Host names beside loopback by which we are reached; undefined: any. */
  readonly hostNames?: readonly string[]
  readonly knowledge: () => Promise<Known>
  /** Changes that have yet to reach findings, and looks that are due or under way and may bring more. */
  readonly pending: () => Promise<{ readonly changes: number; readonly looks: number }>
  readonly watching: {
    /** What is written alongside is written in the transaction of the change. */
    add(target: string, alongside: (trx: Db, watched: Watched) => Promise<unknown>): Promise<Watched | WatchedSeveral>
    collect(arn: string, alongside: Alongside): Promise<void>
    remove(arn: string, alongside: Alongside): Promise<void>
  }
  /** With what is looked up for a component, for inventories that come from outside. */
  readonly recording: Recording
  /** An inventory as a document for other programs. */
  readonly writeSbom: (subject: SbomSubject, format: SbomFormat) => string
  /** Hears of an inventory that came, to notice ecosystems nobody had before. */
  readonly onCollected: () => void
  /** Queues a load of the feeds named, or of all. Throws AppError `missing` for a name nobody knows. */
  readonly syncFeeds: (names: readonly string[] | undefined, alongside: Alongside) => Promise<void>
  readonly verify: () => Promise<VerifyResult>
}

/** Set once the caller is known; the routes read it through `callerMay`. */
declare module 'fastify' {
  interface FastifyRequest {
    signedIn?: SignedIn
  }
}

export type V1 = FastifyInstance<
  RawServerDefault,
  RawRequestDefaultExpression,
  RawReplyDefaultExpression,
  FastifyBaseLogger,
  ZodTypeProvider
>
export type Routes = (app: V1, deps: V1Deps & { readonly changes: Changes }) => void

/** The one way from a request to a scope: the caller is signed in, and may do this. */
export function callerMay(request: FastifyRequest, action: Action): Scope {
  const { signedIn } = request
  if (signedIn === undefined) throw signInFirst('Sign in first.')
  allow(signedIn.caller, action)
  return scopeOf(signedIn.caller)
}

/** Every feed, as the API shows it. */
export const shownKnowledge = ({ state, feeds }: Known): Knowledge => ({ state, feeds: feeds.map(shownFeed) })

function shownFeed({ state, loading, checkedAgeHours, publishedAgeHours, ...feed }: FeedAge): FeedState {
  return { ...feed, state: loading && state !== 'fresh' ? 'loading' : state }
}

/** What answers say of what they rest on. */
export async function standing({ knowledge, pending }: Pick<V1Deps, 'knowledge' | 'pending'>) {
  const [{ state, feeds }, left] = await Promise.all([knowledge(), pending()])
  const loaded = feeds.flatMap(({ loadedAt }) => loadedAt ?? []).toSorted()
  const [oldest, newest] = [loaded[0], loaded.at(-1)]
  return {
    knowledge: { state, ...(oldest !== undefined && { oldest }), ...(newest !== undefined && { newest }) },
    evaluating: evaluating(left),
  }
}

/** Work between what is and what is answered. */
export const evaluating = ({ changes, looks }: Awaited<ReturnType<V1Deps['pending']>>): Evaluating => ({ pending: changes + looks, looks })
