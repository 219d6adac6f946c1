import { Sha256 } from '@smithy/core/checksum'
import { HttpRequest } from '@smithy/core/protocols'
import { SignatureV4 } from '@smithy/signature-v4'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { startRegistry, type TestRegistry } from '../../../../test/registry-server.ts'
import { connection, type Connection } from './connection.ts'
import { ecrCredentials, ecrRegistryOf } from './ecr.ts'

let service: TestRegistry
let connected: Connection
beforeEach(async () => {
  service = await startRegistry('none')
  connected = connection({ reach: 'private' })
})
afterEach(async () => {
  await connected.close()
  await service.close()
})

const frankfurt = ecrRegistryOf('123456789012.dkr.ecr.eu-central-1.amazonaws.com')!
const now = Date.parse('2026-01-01T00:00:00Z')
const keys = { AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE', AWS_SECRET_ACCESS_KEY: 'secret', AWS_SESSION_TOKEN: 'session' }
const login = (env: Record<string, string> = keys) =>
  ecrCredentials(frankfurt, { AWS_ENDPOINT_URL_ECR: service.url, ...env }, { connection: connected, now, credentialsWithoutTls: false })

it.each([
  ['123456789012.dkr.ecr.eu-central-1.amazonaws.com', ['123456789012', 'eu-central-1', 'aws', false]],
  ['123456789012.dkr.ecr-fips.us-gov-west-1.amazonaws.com', ['123456789012', 'us-gov-west-1', 'aws-us-gov', true]],
  ['123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn', ['123456789012', 'cn-north-1', 'aws-cn', false]],
  ['123456789012.dkr.ecr.eu-central-1.amazonaws.com.example.org', undefined],
  ['public.ecr.aws', undefined],
])('knows whose registry %s is', (host, expected) => {
  const found = ecrRegistryOf(host)
  expect(found && [found.account, found.region, found.partition, found.fips]).toEqual(expected)
})

it('asks for a token with a request that is signed', async () => {
  let signed: Record<string, string> = {}
  service.first = ({ headers }, response) => {
    signed = headers as Record<string, string>
    const authorizationToken = Buffer.from('AWS:pass:word').toString('base64')
    response.end(JSON.stringify({ authorizationData: [{ authorizationToken, expiresAt: 1, proxyEndpoint: 'https://x' }] }))
    return true
  }
  expect(await login()).toEqual({ credentials: { is: 'password', user: 'AWS', password: 'pass:word' } })
  expect(service.asked).toMatchObject([{ what: 'POST /', body: '{}' }])
  expect(signed).toMatchObject({
    'content-type': 'application/x-amz-json-1.1',
    'x-amz-target': 'AmazonEC2ContainerRegistry_V20150921.GetAuthorizationToken',
    'x-amz-date': '20260101T000000Z',
    'x-amz-security-token': 'session',
  })
  // The service's side: sign what came, and compare.
  const named = /SignedHeaders=([^,]+)/.exec(signed['authorization']!)![1]!.split(';')
  expect(named).toContain('host')
  const signer = new SignatureV4({
    credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret' },
    region: 'eu-central-1',
    service: 'ecr',
    sha256: Sha256,
    applyChecksum: false,
  })
  const came = Object.fromEntries(named.map((name) => [name, signed[name]!]))
  const again = await signer.sign(new HttpRequest({ method: 'POST', hostname: 'x', path: '/', headers: came, body: '{}' }), {
    signingDate: new Date(now),
    signableHeaders: new Set(named),
    unsignableHeaders: new Set(),
  })
  expect(again.headers['authorization']).toBe(signed['authorization'])
})

it('says what is missing', async () => {
  expect(await login({})).toEqual({
    why: 'give AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY (and AWS_SESSION_TOKEN; aws configure export-credentials tells them), or use docker login',
  })
  expect(service.asked).toEqual([])
})

it.each([
  [
    400,
    '{"__type":"com.amazonaws#UnrecognizedClientException","message":"secret"}',
    /gave no authorization token: it answered 400 \(UnrecognizedClientException\)$/,
  ],
  [403, 'no json', /it answered 403$/],
  [503, '', /answered 503$/],
  [200, '{}', /was asked for an authorization token and sent none$/],
  [200, '{"authorizationData":[{"authorizationToken":"eHh4"}]}', /sent none$/],
])('tells an answer of %s %s', async (status, body, words) => {
  service.first = (_, response) => (response.writeHead(status).end(body), true)
  await expect(login()).rejects.toThrow(words)
})

it('asks nobody without TLS off this machine, unless that is allowed', async () => {
  const elsewhere = { ...keys, AWS_ENDPOINT_URL_ECR: 'http://192.0.2.1:4566' }
  expect(await login(elsewhere)).toEqual({
    why: 'AWS_ENDPOINT_URL_ECR names http://192.0.2.1:4566, which was not asked for a password: everybody on the way could read it; if they may, say "credentialsWithoutTls": true of the registry in the file of OI_REGISTRIES',
  })
  const asked: string[] = []
  const fake: Connection = {
    ask: async ({ url }) => {
      asked.push(url.href)
      throw new Error('no network')
    },
    close: async () => {},
  }
  await expect(ecrCredentials(frankfurt, elsewhere, { connection: fake, now, credentialsWithoutTls: true })).rejects.toThrow('no network')
  expect(asked).toEqual(['http://192.0.2.1:4566/'])
})

it.each(['localhost:4566', 'ftp://ecr.example.org', '://'])('refuses %s as the address to ask', async (address) => {
  await expect(login({ ...keys, AWS_ENDPOINT_URL_ECR: address })).rejects.toThrow(
    `AWS_ENDPOINT_URL_ECR: expected an https: address, got ${JSON.stringify(address)}`,
  )
})
