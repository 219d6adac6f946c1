import { createHash, timingSafeEqual } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import { Sha256 } from '@smithy/core/checksum'
import { HttpRequest } from '@smithy/core/protocols'
import { SignatureV4 } from '@smithy/signature-v4'
import type { SigningKeys } from '../../core/access/index.ts'
import type { AppError } from '../../model/errors.ts'
import type { Caller } from '../../model/scope.ts'
import { protocolError } from '../errors.ts'

export type SignedRequest = {
  readonly method: string
  /** Path and query as they came. */
  readonly url: string
  readonly headers: IncomingHttpHeaders
  readonly body: Uint8Array | undefined
}

const algorithm = 'AWS4-HMAC-SHA256'
const skewMs = 5 * 60_000
const doesNotMatch =
  'The request signature we calculated does not match the signature you provided. Check your secret access key and signing method.'

/**
 * Who signed this request, and for which Region (Signature Version 4, header form). Throws AppError `denied` or `invalid`
 * named as AWS names it. A request may be repeated within the five minutes, as on AWS.
 */
export async function verifySignature(
  request: SignedRequest,
  { keys, service, now }: { readonly keys: SigningKeys; readonly service: string; readonly now: () => Date },
): Promise<{ readonly caller: Caller; readonly region: string }> {
  const { credential, signedHeaders, signature } = authorizationOf(request)
  const [accessKeyId = '', day = '', region = '', credentialService, terminator, ...rest] = credential.split('/')
  if (rest.length > 0 || terminator !== 'aws4_request' || !/^\d{8}$/.test(day))
    throw incomplete('Credential must have the form KEY/DATE/REGION/SERVICE/aws4_request.')
  if (credentialService !== service) throw mismatch(`Credential should be scoped to correct service: '${service}'.`)
  if (!/^[a-z][a-z0-9-]{1,39}$/.test(region)) throw mismatch('Credential should be scoped to a valid Region.')
  const signingDate = signingDateOf(request.headers, day, now())
  for (const name of ['host', 'x-amz-date', ...('x-amz-content-sha256' in request.headers ? ['x-amz-content-sha256'] : [])])
    if (!signedHeaders.has(name)) throw mismatch(`The header '${name}' must be a 'SignedHeader' in the Authorization.`)
  // We issue no session credentials: a token beside the key can only be somebody else's.
  const key = 'x-amz-security-token' in request.headers ? undefined : await keys.find(accessKeyId)
  if (key === undefined)
    throw protocolError('denied', 'UnrecognizedClientException', 'The security token included in the request is invalid.')
  checkBodyHash(request)
  const expected = await signatureOf(request, signedHeaders, {
    signingDate,
    region,
    service,
    credentials: { accessKeyId, secretAccessKey: key.secret },
  })
  if (!timingSafeEqual(Buffer.from(expected), Buffer.from(signature))) throw mismatch(doesNotMatch)
  return { caller: key.caller, region }
}

function authorizationOf({ headers, url }: SignedRequest): { credential: string; signedHeaders: ReadonlySet<string>; signature: string } {
  const { authorization } = headers
  if (authorization === undefined) {
    const presigned = /[?&]x-amz-(signature|algorithm)=/i.test(url)
    const message = presigned ? 'Signatures in the query are not accepted: sign the Authorization header.' : 'Missing Authentication Token'
    throw protocolError('denied', 'MissingAuthenticationTokenException', message)
  }
  if (!authorization.startsWith(`${algorithm} `)) throw incomplete(`Authorization must be of the algorithm ${algorithm}.`)
  const parts = authorization
    .slice(algorithm.length)
    .split(',')
    .map((part) => part.trim().split('=', 2))
  const part = (name: string): string => {
    const value = parts.find(([key]) => key === name)?.[1]
    if (value === undefined || value === '') throw incomplete(`Authorization header requires '${name}' parameter.`)
    return value
  }
  const [credential, headerNames, signature] = [part('Credential'), part('SignedHeaders'), part('Signature')]
  if (!/^[0-9a-f]{64}$/.test(signature)) throw incomplete('Signature must be 64 hexadecimal digits in lower case.')
  return { credential, signedHeaders: new Set(headerNames.split(';').map((name) => name.toLowerCase())), signature }
}

function signingDateOf(headers: IncomingHttpHeaders, day: string, now: Date): Date {
  const stamp = headers['x-amz-date']
  const match = typeof stamp === 'string' ? /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(stamp) : null
  if (match === null) throw incomplete("Authorization header requires an 'X-Amz-Date' header of the form YYYYMMDDTHHMMSSZ.")
  const [year = 0, month = 0, date = 0, hour = 0, minute = 0, second = 0] = match.slice(1).map(Number)
  const time = new Date(Date.UTC(year, month - 1, date, hour, minute, second))
  if (compact(time) !== stamp || !stamp.startsWith(day))
    throw mismatch("Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP header 'X-Amz-Date'.")
  const [oldest, newest] = [new Date(now.getTime() - skewMs), new Date(now.getTime() + skewMs)]
  if (time < oldest) throw mismatch(`Signature expired: ${stamp} is now earlier than ${compact(oldest)} (${compact(now)} - 5 min.)`)
  if (time > newest) throw mismatch(`Signature not yet current: ${stamp} is still later than ${compact(newest)} (${compact(now)} + 5 min.)`)
  return time
}

/** The signer believes this header where it is signed, so it must be true. */
function checkBodyHash({ headers, body }: SignedRequest): void {
  const claimed = headers['x-amz-content-sha256']
  if (claimed === undefined) return
  const actual = createHash('sha256')
    .update(body ?? '')
    .digest('hex')
  if (claimed !== actual) throw mismatch("The value of 'X-Amz-Content-Sha256' is not the SHA-256 of the request body.")
}

type Signing = {
  readonly signingDate: Date
  readonly region: string
  readonly service: string
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string }
}

async function signatureOf(
  request: SignedRequest,
  signedHeaders: ReadonlySet<string>,
  { signingDate, ...signing }: Signing,
): Promise<string> {
  const [path = '/', ...query] = request.url.split('?')
  const rebuilt = new HttpRequest({
    method: request.method,
    // Part of no signature: the header host is.
    hostname: 'localhost',
    path,
    query: queryOf(query.join('?')),
    headers: Object.fromEntries([...signedHeaders].map((name) => [name, [request.headers[name] ?? ''].flat().join(',')])),
    ...(request.body !== undefined && request.body.length > 0 && { body: request.body }),
  })
  const signer = new SignatureV4({ ...signing, sha256: Sha256, applyChecksum: false })
  const { headers } = await signer.sign(rebuilt, {
    signingDate,
    signableHeaders: new Set(signedHeaders),
    unsignableHeaders: new Set(),
  })
  return headers['authorization']?.slice(-64) ?? ''
}

function queryOf(text: string): Record<string, string | string[]> {
  const query: Record<string, string[]> = Object.create(null) as Record<string, string[]>
  // A plus is a plus here: clients sign spaces as %20.
  for (const [name, value] of new URLSearchParams(text.replaceAll('+', '%2B'))) (query[name] ??= []).push(value)
  return query
}

const compact = (time: Date): string => time.toISOString().replace(/[-:]|\.\d{3}/g, '')
const incomplete = (message: string): AppError => protocolError('invalid', 'IncompleteSignatureException', message)
const mismatch = (message: string): AppError => protocolError('denied', 'InvalidSignatureException', message)
