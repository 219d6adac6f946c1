import * as z from 'zod'
import { AppError } from '../../../model/errors.ts'
import type { Challenge } from './challenge.ts'
import type { Ask } from './connection.ts'
import { basic, type Credentials } from './credentials.ts'

const Token = z.string().regex(/^[\x21-\x7e]+$/, 'expected a token')
const TokenAnswer = z.object({ token: Token.optional(), access_token: Token.optional() })

/** Bytes of an answer with a token: no header could carry more. */
export const TOKEN_BYTES = 64 << 10

/** Who hands out tokens for a registry. */
export type Realm = { readonly url: URL; readonly service: string | undefined }

/** Throws AppError `upstream` for a realm that is no address, or one without TLS where the registry itself has it. */
export function realmOf({ parameters }: Challenge, registry: URL): Realm {
  const text = parameters['realm'] ?? ''
  const url = URL.canParse(text) ? new URL(text) : undefined
  const safe = url?.protocol === 'https:' || (url?.protocol === 'http:' && registry.protocol === 'http:')
  if (url === undefined || !safe || url.username !== '' || url.password !== '')
    throw new AppError('upstream', `${registry.host} asks for a token of ${JSON.stringify(text.slice(0, 200))}; expected an https: address`)
  return { url, service: parameters['service'] }
}

/**
 * Whether a registry's credentials may be handed to its realm: the same host, one above it (`gitlab.com` for
 * `registry.gitlab.com`), Docker Hub's, or one that a setting names. Any other could be anybody's.
 */
export function isTrusted({ url }: Realm, registry: URL, realms: readonly string[]): boolean {
  const { hostname, host } = url
  if (hostname === registry.hostname || realms.includes(host) || realms.includes(hostname)) return true
  if (registry.hostname === 'registry-1.docker.io' && hostname === 'auth.docker.io') return true
  return hostname.includes('.') && !/^[\d.]+$/.test(hostname) && registry.hostname.endsWith(`.${hostname}`)
}

/**
 * What to ask a realm for leave to read one repository (distribution: "Token Authentication Specification", "Authenticate via OAuth").
 * The scope is ours and not the registry's words: nothing but pulling this repository.
 */
export function tokenQuestion({ url, service }: Realm, repository: string, credentials: Credentials | undefined): Ask {
  const scope = `repository:${repository}:pull`
  if (credentials?.is === 'identity') {
    const form = {
      grant_type: 'refresh_token',
      client_id: 'openinspector',
      service: service ?? '',
      scope,
      refresh_token: credentials.token,
    }
    return {
      method: 'POST',
      url,
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: String(new URLSearchParams(form)),
    }
  }
  const asked = new URL(url)
  if (service !== undefined) asked.searchParams.set('service', service)
  asked.searchParams.set('scope', scope)
  return { method: 'GET', url: asked, headers: credentials?.is === 'password' ? { authorization: basic(credentials) } : {} }
}

/** Throws AppError `upstream` when there is no token in the answer. Its words never quote it. */
export function tokenIn(bytes: Buffer, { url }: Realm): string {
  let value: unknown
  try {
    value = JSON.parse(bytes.toString('utf8'))
  } catch {
    value = undefined
  }
  const { data } = TokenAnswer.safeParse(value)
  const token = data?.token ?? data?.access_token
  if (token === undefined) throw new AppError('upstream', `${url.host} was asked for a token and sent none`)
  return token
}
