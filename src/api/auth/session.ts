import type { IncomingHttpHeaders } from 'node:http'
import { isIP } from 'node:net'
import { holderOf, sessionSeconds } from '../../core/access/index.ts'
import { AppError } from '../../model/errors.ts'
import type { Caller } from '../../model/scope.ts'
import type { Db } from '../../store/connection.ts'
import { signInFirst } from '../errors.ts'

/** What the own API shows of a request here. */
export type WebRequest = { readonly method: string; readonly headers: IncomingHttpHeaders }
export type SignedIn = { readonly caller: Caller; readonly via: 'cookie' | 'token'; readonly token: string }

const cookieName = 'oi_session'
const looks = new Set(['GET', 'HEAD', 'OPTIONS'])

/**
 * Who asks, by `Authorization: Bearer` or the session cookie. Throws AppError `denied`: nobody signed in (HTTP 401), or a
 * write by cookie that did not come from our own pages.
 */
export async function authenticate(
  request: WebRequest,
  { db, now, origin }: { readonly db: Db; readonly now: () => Date; readonly origin?: string | undefined },
): Promise<SignedIn> {
  const bearer = /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? '')?.[1]
  const cookie = bearer === undefined ? cookieOf(request.headers.cookie) : undefined
  const token = bearer ?? cookie
  if (token === undefined) throw signInFirst('Sign in first: open a sign-in link, or send Authorization: Bearer TOKEN.')
  const via = bearer === undefined ? 'cookie' : 'token'
  if (via === 'cookie') checkSameOrigin(request, { ours: origin })
  const caller = await holderOf(db, token, via === 'cookie' ? 'session' : 'token', now())
  if (caller === undefined)
    throw signInFirst(via === 'cookie' ? 'The session has ended: sign in again.' : 'The token is unknown, revoked or has expired.')
  return { caller, via, token }
}

/**
 * A browser sends cookies along whoever asked it to; it also says who asked. Writes are taken from our own pages only. Also
 * for the exchange of a link, which brings no cookie yet: there a program, which says neither, is let through. `ours` is
 * the origin our pages have behind a proxy, which may have put another Host.
 */
export function checkSameOrigin(
  { method, headers }: WebRequest,
  { programs = false, ours }: { readonly programs?: boolean; readonly ours?: string | undefined } = {},
): void {
  if (looks.has(method)) return
  const [site, origin] = [headers['sec-fetch-site'], headers.origin]
  if (site === undefined && origin === undefined && programs) return
  const sameSite = site === undefined || site === 'same-origin'
  const sameHost = origin === undefined || origin === ours || hostOfOrigin(origin) === headers.host
  if ((site === undefined && origin === undefined) || !sameSite || !sameHost)
    throw new AppError('denied', 'This request was made by another site: writes with a session are taken from our own pages only.')
}

function hostOfOrigin(origin: string): string | undefined {
  try {
    return new URL(origin).host
  } catch {
    return undefined
  }
}

/**
 * Against DNS rebinding: a page of another name that resolves to this machine must not speak with us. `names` are the hosts
 * this installation is reached by, beside loopback addresses; undefined takes any name (a proxy before us checks).
 */
export function checkHost({ headers }: Pick<WebRequest, 'headers'>, names: readonly string[] | undefined): void {
  if (names === undefined) return
  const host = (headers.host ?? '').toLowerCase()
  const name = host.replace(/:\d{1,5}$/, '').replace(/^\[(.*)\]$/, '$1')
  const loopback = name === 'localhost' || name === '::1' || (isIP(name) === 4 && name.startsWith('127.'))
  if (!loopback && !names.includes(name))
    throw new AppError('denied', `This server does not answer to the host name ${JSON.stringify(host.slice(0, 100))}.`)
}

/** Value of `Set-Cookie` that signs a browser in, or out without a session. */
export function sessionCookie(session: string | undefined, { secure }: { readonly secure: boolean }): string {
  const [value, age] = session === undefined ? ['', 0] : [session, sessionSeconds]
  return `${cookieName}=${value}; Path=/; HttpOnly; SameSite=Strict; Max-Age=${age}${secure ? '; Secure' : ''}`
}

function cookieOf(header: string | undefined): string | undefined {
  for (const pair of header?.split(';') ?? []) {
    const [name, value] = pair.trim().split('=', 2)
    if (name === cookieName && value) return value
  }
  return undefined
}
