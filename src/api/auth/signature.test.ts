import { createHmac, createHash } from 'node:crypto'
import { Sha256 } from '@smithy/core/checksum'
import { HttpRequest } from '@smithy/core/protocols'
import { SignatureV4 } from '@smithy/signature-v4'
import { expect, it } from 'vitest'
import type { SigningKeys } from '../../core/access/index.ts'
import { verifySignature, type SignedRequest } from './signature.ts'

const credentials = { accessKeyId: 'OIAKEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' }
const caller = { principalId: 1, name: 'ann', role: 'viewer' as const, account: '000000000000' }
const keys: SigningKeys = {
  find: async (id) => (id === credentials.accessKeyId ? { secret: credentials.secretAccessKey, caller } : undefined),
  forget: () => {},
}
const now = new Date('2026-03-01T10:00:00Z')
const verify = (request: SignedRequest, at = now, service = 'inspector2') => verifySignature(request, { keys, service, now: () => at })

type Made = { method?: string; path?: string; query?: Record<string, string | string[]>; body?: string; headers?: Record<string, string> }
type SigningOptions = { at?: Date; region?: string; service?: string; secretAccessKey?: string; checksum?: boolean }

/** A request as the official signer makes it. */
async function signed(made: Made = {}, options: SigningOptions = {}): Promise<SignedRequest> {
  const { method = 'POST', path = '/findings/list', query = {}, body = '{}', headers = {} } = made
  const { at = now, region = 'eu-west-1', service = 'inspector2', secretAccessKey = credentials.secretAccessKey, checksum = true } = options
  const signer = new SignatureV4({
    credentials: { ...credentials, secretAccessKey },
    region,
    service,
    sha256: Sha256,
    applyChecksum: checksum,
  })
  const request = new HttpRequest({ method, hostname: 'localhost', path, query, body, headers: { host: 'localhost:1', ...headers } })
  const { headers: out } = await signer.sign(request, { signingDate: at })
  const pairs = Object.entries(query).flatMap(([name, value]) =>
    [value].flat().map((item) => `${encodeURIComponent(name)}=${encodeURIComponent(item)}`),
  )
  return { method, url: pairs.length === 0 ? path : `${path}?${pairs.join('&')}`, headers: out, body: Buffer.from(body) }
}

it.each<[string, Made, SigningOptions]>([
  ['a plain request', {}, {}],
  [
    'no body',
    { method: 'GET', body: '', path: '/encryptionkey/get', query: { scanType: 'CODE', resourceType: 'AWS_LAMBDA_FUNCTION' } },
    {},
  ],
  ['no checksum header', { body: '{"maxResults":5}' }, { checksum: false }],
  ['an encoded ARN in the path', { path: '/tags/arn%3Aaws%3Ainspector2%3Aeu-west-1%3A000000000000%3Aowner%2Fx%2Ffilter%2F1' }, {}],
  ['a plain ARN in the path', { path: '/tags/arn:aws:inspector2:eu-west-1:000000000000:owner/x/filter/1' }, {}],
  ['odd and repeated query values', { method: 'DELETE', body: '', path: '/tags/a', query: { tagKeys: ['b c', 'a+b', 'd/e', 'é&='] } }, {}],
  ['headers with inner spaces', { headers: { 'x-amz-meta': '  a   b  ', 'content-type': 'application/json' } }, {}],
  ['a signer four minutes and 59 seconds late', {}, { at: new Date(now.getTime() - 299_000) }],
  ['a signer four minutes and 59 seconds early', {}, { at: new Date(now.getTime() + 299_000) }],
])('takes %s', async (_title, made, options) => {
  expect(await verify(await signed(made, options))).toEqual({ caller, region: 'eu-west-1' })
})

it('takes the signature that the specification computes by hand', async () => {
  // Signature Version 4, "Create a signed request", steps 1 to 5, without the official signer.
  const hex = (text: string): string => createHash('sha256').update(text).digest('hex')
  const hmac = (key: string | Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest()
  const canonical = ['POST', '/findings/list', '', 'host:localhost:1', 'x-amz-date:20260301T100000Z', '', 'host;x-amz-date', hex('{}')]
  const scope = '20260301/eu-west-1/inspector2/aws4_request'
  const toSign = ['AWS4-HMAC-SHA256', '20260301T100000Z', scope, hex(canonical.join('\n'))].join('\n')
  const key = ['20260301', 'eu-west-1', 'inspector2', 'aws4_request'].reduce(hmac, Buffer.from(`AWS4${credentials.secretAccessKey}`))
  const authorization = `AWS4-HMAC-SHA256 Credential=OIAKEXAMPLE/${scope},SignedHeaders=host;x-amz-date,Signature=${hmac(key, toSign).toString('hex')}`
  const headers = { host: 'localhost:1', 'x-amz-date': '20260301T100000Z', authorization, 'user-agent': 'anything' }
  expect(await verify({ method: 'POST', url: '/findings/list', headers, body: Buffer.from('{}') })).toEqual({ caller, region: 'eu-west-1' })
})

const doesNotMatch = ['InvalidSignatureException', /^The request signature we calculated does not match/] as const
it.each<[string, (request: SignedRequest) => SignedRequest, string, RegExp]>([
  ['another path', (r) => ({ ...r, url: '/filters/list' }), ...doesNotMatch],
  ['another method', (r) => ({ ...r, method: 'PUT' }), ...doesNotMatch],
  ['a query added', (r) => ({ ...r, url: `${r.url}?a=b` }), ...doesNotMatch],
  ['another host', (r) => ({ ...r, headers: { ...r.headers, host: 'evil' } }), ...doesNotMatch],
  [
    'another body',
    (r) => ({ ...r, body: Buffer.from('{"a":1}') }),
    'InvalidSignatureException',
    /'X-Amz-Content-Sha256' is not the SHA-256/,
  ],
  [
    'a body not signed',
    (r) => ({ ...r, headers: { ...r.headers, 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' } }),
    'InvalidSignatureException',
    /is not the SHA-256/,
  ],
  [
    'a header taken away',
    (r) => ({ ...r, headers: { ...r.headers, 'x-amz-content-sha256': undefined } }),
    'InvalidSignatureException',
    /./,
  ],
  [
    'no signature',
    (r) => ({ ...r, headers: { host: 'localhost' } }),
    'MissingAuthenticationTokenException',
    /^Missing Authentication Token$/,
  ],
  [
    'a signature in the query',
    (r) => ({ ...r, url: '/findings/list?X-Amz-Signature=00', headers: {} }),
    'MissingAuthenticationTokenException',
    /in the query are not accepted/,
  ],
  ['Basic', (r) => change(r, () => 'Basic YTpi'), 'IncompleteSignatureException', /AWS4-HMAC-SHA256/],
  ['no parts', (r) => change(r, () => 'AWS4-HMAC-SHA256 '), 'IncompleteSignatureException', /requires 'Credential'/],
  [
    'hostile parts',
    (r) => change(r, () => `AWS4-HMAC-SHA256 ${'=,'.repeat(5000)}`),
    'IncompleteSignatureException',
    /requires 'Credential'/,
  ],
  ['names of Object', (r) => change(r, (text) => text.replace('SignedHeaders=', 'SignedHeaders=__proto__;constructor;')), ...doesNotMatch],
  ['a short signature', (r) => change(r, (text) => text.slice(0, -1)), 'IncompleteSignatureException', /64 hexadecimal/],
  ['a scope cut short', (r) => change(r, (text) => text.replace('/aws4_request', '')), 'IncompleteSignatureException', /KEY\/DATE\/REGION/],
  [
    'a host not signed',
    (r) => change(r, (text) => text.replace('host;', '')),
    'InvalidSignatureException',
    /'host' must be a 'SignedHeader'/,
  ],
  [
    'a date not signed',
    (r) => change(r, (text) => text.replace(';x-amz-date', '')),
    'InvalidSignatureException',
    /'x-amz-date' must be a 'SignedHeader'/,
  ],
  ['another Region in the scope', (r) => change(r, (text) => text.replace('eu-west-1', 'us-east-1')), ...doesNotMatch],
  ['a Region that is none', (r) => change(r, (text) => text.replace('eu-west-1', 'EU west')), 'InvalidSignatureException', /valid Region/],
  [
    'another service in the scope',
    (r) => change(r, (text) => text.replace('/inspector2/', '/s3/')),
    'InvalidSignatureException',
    /correct service: 'inspector2'/,
  ],
  [
    'another day in the scope',
    (r) => change(r, (text) => text.replace('/20260301/', '/20260302/')),
    'InvalidSignatureException',
    /does not match YYYYMMDD/,
  ],
  [
    'an unknown key',
    (r) => change(r, (text) => text.replace('OIAKEXAMPLE', 'OIAKNOBODY')),
    'UnrecognizedClientException',
    /security token included in the request is invalid/,
  ],
  [
    "somebody's session token",
    (r) => ({ ...r, headers: { ...r.headers, 'x-amz-security-token': 'x' } }),
    'UnrecognizedClientException',
    /./,
  ],
  ['no date', (r) => ({ ...r, headers: { ...r.headers, 'x-amz-date': undefined } }), 'IncompleteSignatureException', /X-Amz-Date/],
  [
    'an impossible date',
    (r) => ({ ...r, headers: { ...r.headers, 'x-amz-date': '20261301T100000Z' } }),
    'InvalidSignatureException',
    /does not match/,
  ],
])('refuses %s', async (_title, spoil, exception, message) => {
  await expect(verify(spoil(await signed()))).rejects.toMatchObject({
    details: { exception },
    message: expect.stringMatching(message) as string,
  })
})
const change = (request: SignedRequest, by: (authorization: string) => string): SignedRequest => ({
  ...request,
  headers: { ...request.headers, authorization: by(request.headers.authorization ?? '') },
})

it('refuses the wrong secret', async () => {
  await expect(verify(await signed({}, { secretAccessKey: 'wrong' }))).rejects.toMatchObject({ details: { exception: doesNotMatch[0] } })
})

it('refuses a clock more than five minutes off, in words that clients correct themselves by', async () => {
  await expect(verify(await signed({}, { at: new Date('2026-03-01T09:54:59Z') }))).rejects.toMatchObject({
    details: { exception: 'InvalidSignatureException' },
    message: 'Signature expired: 20260301T095459Z is now earlier than 20260301T095500Z (20260301T100000Z - 5 min.)',
  })
  await expect(verify(await signed({}, { at: new Date('2026-03-01T10:05:01Z') }))).rejects.toMatchObject({
    details: { exception: 'InvalidSignatureException' },
    message: 'Signature not yet current: 20260301T100501Z is still later than 20260301T100500Z (20260301T100000Z + 5 min.)',
  })
})
