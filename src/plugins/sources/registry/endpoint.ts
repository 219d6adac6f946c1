import { setTimeout as sleep } from 'node:timers/promises'
import { longestWaitMs, Passing, passingStatuses, retryAfter, waitBefore } from '../../../kit/passing.ts'
import { AppError, reasonOf } from '../../../model/errors.ts'
import { type Challenge, parseChallenges } from './challenge.ts'
import type { Ask, Connection, Reply } from './connection.ts'
import { basic, type Known } from './credentials.ts'
import { isReadable } from './settings.ts'
import { isTrusted, realmOf, TOKEN_BYTES, tokenIn, tokenQuestion } from './token.ts'

/** The clock, so that tests need not wait. */
export type Clock = { readonly now: () => number; readonly sleep: (milliseconds: number, signal: AbortSignal | undefined) => Promise<void> }
export const systemClock: Clock = {
  now: Date.now,
  sleep: async (milliseconds, signal) => await sleep(milliseconds, undefined, signal ? { signal } : {}),
}

export type EndpointOptions = {
  readonly base: URL
  /** The repository to be read: tokens are for it alone. */
  readonly repository: string
  readonly realms: readonly string[]
  /** Credentials may be sent without TLS off this machine, too. */
  readonly credentialsWithoutTls: boolean
  readonly connection: Connection
  /** Found out when the server asks, and not before. */
  readonly known: () => Promise<Known>
  readonly clock: Clock
  readonly signal?: AbortSignal | undefined
}

/** One server that speaks the distribution protocol: a registry, or a mirror of one. */
export type Endpoint = {
  readonly base: URL
  /** The answer, authorized and redirected: 200, or 206 where a range was asked for; undefined: 404. Throws AppError. */
  get(path: string, headers?: Readonly<Record<string, string>>): Promise<Reply | undefined>
  /** undefined also where the server does not answer such questions. */
  head(path: string, headers?: Readonly<Record<string, string>>): Promise<Reply | undefined>
  /** Does it again after a passing fault, a little later each time. */
  retrying<T>(work: () => Promise<T>): Promise<T>
}

const RETRIES = 4
const REDIRECTS = 5
/** Of servers that only hand things out: nobody can ask them what they have (RFC 9110 sections 15.5.6 and 15.6.2). */
const unasked: ReadonlySet<number> = new Set([405, 501])
const moved: ReadonlySet<number> = new Set([301, 302, 303, 307, 308])

export function endpoint(options: EndpointOptions): Endpoint {
  const { base, repository, realms, connection, known, clock, signal } = options
  const mayGoTo = (url: URL): boolean => options.credentialsWithoutTls || !isReadable(url)
  let authorization: string | undefined
  let asking: Promise<string | undefined> | undefined
  let unsent: string | undefined

  /** What opens, as the server asks for it. Two that ask at once share one answer. */
  const authorize = async (challenges: readonly Challenge[]): Promise<void> => {
    asking ??= authorizationFor(challenges).finally(() => (asking = undefined))
    authorization = await asking
  }
  async function authorizationFor(challenges: readonly Challenge[]): Promise<string | undefined> {
    const held = await known()
    // A token that they open is as readable on its way to the registry as they are.
    const credentials = mayGoTo(base) ? held.credentials : undefined
    unsent = held.credentials && !credentials ? withoutTls(base) : held.why
    if (credentials?.is === 'bearer') return `Bearer ${credentials.token}`
    const bearer = challenges.find(({ scheme, parameters }) => scheme === 'bearer' && parameters['realm'] !== undefined)
    if (bearer === undefined) {
      const asksBasic = challenges.some(({ scheme }) => scheme === 'basic')
      return asksBasic && credentials?.is === 'password' ? basic(credentials) : undefined
    }
    const realm = realmOf(bearer, base)
    const trusted = isTrusted(realm, base, realms)
    if (credentials && !trusted)
      unsent = `its credentials were not sent to ${realm.url.host}, which it names for tokens; if they may be, list that host under "realms" in the file of OI_REGISTRIES`
    else if (credentials && !mayGoTo(realm.url)) unsent = withoutTls(realm.url)
    const reply = await connection.ask(tokenQuestion(realm, repository, trusted && mayGoTo(realm.url) ? credentials : undefined))
    if (reply.status === 200) return `Bearer ${tokenIn(await reply.bytes(TOKEN_BYTES), realm)}`
    reply.drop()
    throw refusal(reply, realm.url)
  }

  /** Authorization is for this server: whoever it redirects to (a store of blobs) does not get it. */
  async function send(question: Ask): Promise<Reply> {
    let { url } = question
    for (let hops = 0; hops <= REDIRECTS; hops++) {
      const own = url.origin === base.origin && authorization !== undefined
      const reply = await connection.ask({
        ...question,
        url,
        headers: { ...question.headers, ...(own && { authorization: authorization! }) },
      })
      if (!moved.has(reply.status)) return reply
      reply.drop()
      url = redirected(url, reply.header('location'), base)
    }
    throw new AppError('upstream', `${base.host} redirects more than ${REDIRECTS} times`)
  }

  async function exchange(
    method: 'GET' | 'HEAD',
    path: string,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Reply | undefined> {
    const question = { method, url: new URL(path, base), headers }
    const before = authorization
    let reply = await send(question)
    if (reply.status === 401) {
      reply.drop()
      // Somebody beside us may have got a new token meanwhile.
      if (authorization === before) await authorize(parseChallenges(reply.headers('www-authenticate')))
      if (authorization === undefined) throw refusal(reply, base)
      reply = await send(question)
    }
    if (reply.status === 200 || (reply.status === 206 && headers['range'] !== undefined)) return reply
    reply.drop()
    if (reply.status === 404 || (method === 'HEAD' && unasked.has(reply.status))) return undefined
    throw refusal(reply, base)
  }

  function refusal(reply: Reply, { host }: URL): Error {
    const { status } = reply
    const message = `${host} answered ${status}`
    if (passingStatuses.has(status)) return new Passing(message, retryAfter(reply.header('retry-after'), clock.now()))
    if (status !== 401 && status !== 403) return new AppError('upstream', `${message}, expected 200`, { details: { status } })
    const words = unsent ?? 'give OI_REGISTRY_HOST, OI_REGISTRY_USER and OI_REGISTRY_PASSWORD, or use docker login'
    const what = authorization === undefined ? 'it wants to know who asks' : 'what it was told does not open this image'
    return new AppError('denied', `${message} for ${repository}: ${what}; ${words}`, { details: { status } })
  }

  async function retrying<T>(work: () => Promise<T>): Promise<T> {
    for (let attempt = 0; ; attempt++) {
      try {
        return await work()
      } catch (thrown) {
        signal?.throwIfAborted()
        const refused = appError(thrown)
        if (refused) throw refused
        const wait = thrown instanceof Passing ? thrown.retryAfterMs : undefined
        if (attempt >= RETRIES || (wait ?? 0) > longestWaitMs) throw given(thrown, wait, base)
        await clock.sleep(waitBefore(attempt, wait), signal)
      }
    }
  }

  return {
    base,
    get: (path, headers) => exchange('GET', path, headers),
    head: (path, headers) => exchange('HEAD', path, headers),
    retrying,
  }
}

function redirected(from: URL, location: string | undefined, base: URL): URL {
  if (location === undefined || !URL.canParse(location, from.href)) throw new AppError('upstream', `${from.host} redirects to no address`)
  const url = new URL(location, from)
  // An address of a store is signed: its query is a secret for a while.
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && base.protocol === 'http:'))
    throw new AppError('upstream', `${from.host} redirects to ${url.protocol}//${url.host}: redirects stay on https`)
  return url
}

const withoutTls = ({ host }: URL): string =>
  `its credentials were not sent to ${host}, which speaks HTTP without TLS: everybody on the way could read them; if they may be sent, say "credentialsWithoutTls": true of the registry in the file of OI_REGISTRIES`

/** Ours, also where a connection wraps it. */
function appError(thrown: unknown): AppError | undefined {
  if (thrown instanceof AppError) return thrown
  return thrown instanceof Error && thrown.cause instanceof AppError ? thrown.cause : undefined
}

function given(thrown: unknown, wait: number | undefined, { host }: URL): AppError {
  const words = thrown instanceof Passing ? thrown.message : `${host} could not be read: ${reasonOf(thrown)}`
  const limited = words.endsWith(' 429')
  const later = wait === undefined ? '' : `; it asks to come again in ${Math.ceil(wait / 1000)} s`
  return new AppError(limited ? 'limited' : 'upstream', words + later, {
    cause: thrown,
    details: wait === undefined ? {} : { retryAfterMs: wait },
  })
}
