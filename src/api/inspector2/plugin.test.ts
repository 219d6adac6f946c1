import { connect } from 'node:net'
import { once } from 'node:events'
import { request as httpRequest } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gzipSync } from 'node:zlib'
import * as sdk from '@aws-sdk/client-inspector2'
import { Sha256 } from '@smithy/core/checksum'
import { HttpRequest } from '@smithy/core/protocols'
import { SignatureV4 } from '@smithy/signature-v4'
import type { FastifyInstance } from 'fastify'
import { sql } from 'kysely'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { databases, type TestStore } from '../../../test/database.ts'
import { type Served, serveInspector2 } from '../../../test/inspector2-server.ts'
import type { Role } from '../../model/scope.ts'
import { AppError } from '../../model/errors.ts'
import { wireOperations } from './codec.ts'
import { operation } from './operation.ts'
import { operations } from './operations/index.ts'

const account = '000000000012'
let store: TestStore
let served: Served
let app: FastifyInstance
let endpoint: string
const seen: unknown[] = []
const logged: string[] = []

/** Answers whose only purpose is to show how the wire carries them. */
const shown = [
  operation('ListFindings', async (input) => {
    seen.push(input)
    return { findings: [] }
  }),
  operation('ListFilters', async ({ maxResults = 100, nextToken = '0' }) => {
    const first = Number(nextToken)
    const filters = Array.from({ length: Math.min(maxResults, 250 - first) }, (_, n) => ({
      arn: `arn:${first + n}`,
      ownerId: account,
      name: 'n',
      criteria: {},
      action: 'NONE' as const,
      createdAt: new Date(1_767_225_600_500),
      updatedAt: new Date(0),
    }))
    return { filters, ...(first + maxResults < 250 && { nextToken: String(first + maxResults) }) }
  }),
  operation('DeleteFilter', async ({ arn }) => {
    switch (arn) {
      case 'limited':
        throw new AppError('limited', 'slow down', { details: { retryAfterSeconds: 3 } })
      case 'quota':
        throw new AppError('quota', 'no more', { details: { resourceId: 'r' } })
      case 'conflict':
        throw new AppError('conflict', 'not now', { details: { resourceId: 'r', resourceType: 'filter' } })
      case 'bug':
        throw new TypeError('a secret detail')
      default:
        throw new AppError('missing', `no filter ${arn}`)
    }
  }),
]

beforeAll(async () => {
  store = await (databases[0] as (typeof databases)[number]).open()
  const own = new Set<string>(shown.map(({ name }) => name))
  served = await serveInspector2(store, account, {
    operations: [...operations.filter(({ name }) => !own.has(name)), ...shown],
    log: (line) => void logged.push(line),
  })
  ;({ app, endpoint } = served)
})
afterAll(async () => {
  await served.close()
  await store.close()
})

const credentialsOf = (role: Role = 'admin') => served.keys[role]
type ClientOptions = { role?: Role; region?: string; attempts?: number; credentials?: sdk.Inspector2ClientConfig['credentials'] }
const client = ({ role = 'admin', region = 'us-east-1', attempts = 1, credentials }: ClientOptions = {}): sdk.Inspector2 =>
  served.client(role, { region, maxAttempts: attempts, ...(credentials !== undefined && { credentials }) })
const failure = (promise: Promise<unknown>): Promise<sdk.Inspector2ServiceException & Record<string, unknown>> =>
  promise.then(
    () => Promise.reject(new Error('expected an error')),
    (thrown: unknown) => thrown as sdk.Inspector2ServiceException & Record<string, unknown>,
  )

/** A signed request with any body and headers, as a hostile holder of a key could send it. */
async function raw(path: string, body: string | Uint8Array, headers: Record<string, string> = {}, method = 'POST') {
  const signer = new SignatureV4({ credentials: credentialsOf(), region: 'us-east-1', service: 'inspector2', sha256: Sha256 })
  const [bare = '', text = ''] = path.split('?')
  const query: Record<string, string[]> = {}
  for (const [name, value] of new URLSearchParams(text)) (query[name] ??= []).push(value)
  const host = endpoint.slice(7)
  const signed = await signer.sign(new HttpRequest({ method, hostname: 'x', path: bare, query, headers: { host, ...headers }, body }))
  const answer = await fetch(endpoint + path, { method, headers: signed.headers, ...(body.length > 0 && { body: Buffer.from(body) }) })
  return {
    status: answer.status,
    type: answer.headers.get('x-amzn-errortype'),
    id: answer.headers.get('x-amzn-requestid'),
    knowledge: answer.headers.get('x-openinspector-knowledge'),
    body: await answer.text(),
  }
}

it('carries times and structures both ways', async () => {
  const input = {
    maxResults: 5,
    filterCriteria: {
      severity: [{ comparison: 'EQUALS' as const, value: 'HIGH' }],
      firstObservedAt: [{ startInclusive: new Date('2026-01-01T00:00:00Z'), endInclusive: new Date('2026-06-01T12:00:00.5Z') }],
      vulnerablePackages: [{ name: { comparison: 'PREFIX' as const, value: 'open' }, epoch: { lowerInclusive: 0, upperInclusive: 3 } }],
    },
    sortCriteria: { field: 'SEVERITY' as const, sortOrder: 'DESC' as const },
  }
  expect((await client().listFindings(input)).findings).toEqual([])
  expect(seen.at(-1)).toEqual(input)
  const { filters = [] } = await client().listFilters({ maxResults: 1 })
  expect(filters[0]?.createdAt).toEqual(new Date('2026-01-01T00:00:00.500Z'))
})

it('pages for the paginators of the client', async () => {
  const arns: (string | undefined)[] = []
  for await (const page of sdk.paginateListFilters({ client: client(), pageSize: 99 }, {}))
    arns.push(...(page.filters ?? []).map(({ arn }) => arn))
  expect(arns).toEqual(Array.from({ length: 250 }, (_, n) => `arn:${n}`))
})

it('says validation errors in the words of the service', async () => {
  const error = await failure(client().listFindings({ maxResults: 101 }))
  expect(error).toBeInstanceOf(sdk.ValidationException)
  expect(error).toMatchObject({
    message:
      "1 validation error detected: Value at 'maxResults' failed to satisfy constraint: Member must have value less than or equal to 100",
    reason: 'FIELD_VALIDATION_FAILED',
    fields: [{ name: 'maxResults', message: 'Member must have value less than or equal to 100' }],
    $metadata: { httpStatusCode: 400, requestId: expect.stringMatching(/^[0-9a-f-]{36}$/) as string },
  })
  const two = await failure(client().listFindings({ maxResults: 0, sortCriteria: { field: 'X' as never, sortOrder: undefined } }))
  expect(two.message).toMatch(
    /^3 validation errors detected: Value at 'maxResults' failed .*; Value at 'sortCriteria.sortOrder' failed to satisfy constraint: Member must not be null; Value at 'sortCriteria.field' failed to satisfy constraint: Member must satisfy enum value set: \[AWS_ACCOUNT_ID, /,
  )
})

it.each<[string, new (...args: never[]) => Error, object]>([
  ['unknown', sdk.ResourceNotFoundException, { message: 'no filter unknown', $metadata: { httpStatusCode: 404 } }],
  ['limited', sdk.ThrottlingException, { message: 'slow down', retryAfterSeconds: 3, $metadata: { httpStatusCode: 429 } }],
  ['quota', sdk.ServiceQuotaExceededException, { message: 'no more', resourceId: 'r', $metadata: { httpStatusCode: 402 } }],
  ['conflict', sdk.ConflictException, { message: 'not now', resourceId: 'r', resourceType: 'filter', $metadata: { httpStatusCode: 409 } }],
  ['bug', sdk.InternalServerException, { message: 'Internal server error', $metadata: { httpStatusCode: 500 } }],
])("answers '%s' with the client's own class", async (arn, kind, members) => {
  const error = await failure(client().deleteFilter({ arn }))
  expect(error).toBeInstanceOf(kind)
  expect(error).toMatchObject(members)
})

it('logs a bug with its stack and request id', () => {
  expect(logged.filter((line) => line.includes('a secret detail') && line.includes('reqId'))).toHaveLength(1)
})

it('says of every other operation that it is not supported, and no client tries again', async () => {
  const known = new Set<string>([...operations, ...shown].map(({ name }) => name))
  const others = wireOperations.filter(({ name }) => !known.has(name))
  expect(wireOperations).toHaveLength(81)
  for (const { name, method, path } of others) {
    const { status, type, body } = await raw(path, method === 'POST' || method === 'PUT' ? '{}' : '', {}, method)
    expect([name, status, type, body]).toEqual([
      name,
      501,
      'UnsupportedOperationException',
      `{"message":"OpenInspector does not support the operation ${name} yet."}`,
    ])
  }
  const error = await failure(client({ attempts: 3 }).listMembers({}))
  expect(error).toMatchObject({
    name: 'UnsupportedOperationException',
    message: 'OpenInspector does not support the operation ListMembers yet.',
    $metadata: { httpStatusCode: 501, attempts: 1 },
  })
})

it('refuses callers it does not know', async () => {
  const unknown = { accessKeyId: 'OIAKNOBODY', secretAccessKey: 'x' }
  expect(await failure(client({ credentials: unknown }).listFindings({}))).toMatchObject({
    name: 'UnrecognizedClientException',
    $metadata: { httpStatusCode: 403 },
  })
  const wrong = { ...credentialsOf(), secretAccessKey: 'x' }
  expect(await failure(client({ credentials: wrong }).listFindings({}))).toMatchObject({
    name: 'InvalidSignatureException',
    $metadata: { httpStatusCode: 403 },
  })
  const unsigned = await fetch(`${endpoint}/findings/list`, { method: 'POST', body: '{}' })
  expect([unsigned.status, unsigned.headers.get('x-amzn-errortype'), await unsigned.text()]).toEqual([
    403,
    'MissingAuthenticationTokenException',
    '{"message":"Missing Authentication Token"}',
  ])
})

it('lets a client whose clock is wrong correct itself', async () => {
  const late = new sdk.Inspector2({
    endpoint,
    region: 'us-east-1',
    maxAttempts: 3,
    credentials: credentialsOf(),
    systemClockOffset: -3_600_000,
  })
  expect((await late.listFindings({})).$metadata).toMatchObject({ httpStatusCode: 200, attempts: 2 })
})

it('gives each role what it may do', async () => {
  expect(await failure(client({ role: 'viewer' }).deleteFilter({ arn: 'a' }))).toMatchObject({
    name: 'AccessDeniedException',
    message: 'viewer is not authorized to perform DeleteFilter: it needs the role operator, and the role here is viewer.',
  })
  expect(await failure(client({ role: 'operator' }).enable({ resourceTypes: ['EC2'] }))).toBeInstanceOf(sdk.AccessDeniedException)
  expect((await client({ role: 'viewer' }).listFindings({})).findings).toEqual([])
})

it('never answers an empty list for a Region where nothing is enabled', async () => {
  const error = await failure(client({ region: 'eu-west-1' }).listFindings({}))
  expect(error).toBeInstanceOf(sdk.AccessDeniedException)
  expect(error.message).toBe(
    'Invoking account does not have access: no scan type is enabled for account 000000000012 in Region eu-west-1. The home Region of this OpenInspector is us-east-1; use that Region, or Enable scanning here.',
  )
})

it('takes hostile bodies for what they are', async () => {
  const refused = async (body: string | Uint8Array, headers: Record<string, string> = {}) => {
    const { status, type, body: text } = await raw('/findings/list', body, headers)
    return [status, type, (JSON.parse(text) as { reason?: string }).reason]
  }
  const cannotParse = [400, 'ValidationException', 'CANNOT_PARSE']
  expect(await refused('{bad')).toEqual(cannotParse)
  expect(await refused('[]')).toEqual(cannotParse)
  expect(await refused('null')).toEqual(cannotParse)
  expect(await refused('"x"')).toEqual(cannotParse)
  expect(await refused('[{"a":'.repeat(300_000))).toEqual(cannotParse)
  expect(await refused(`{"x":${'['.repeat(500_000)}${']'.repeat(500_000)},"maxResults":"5"}`)).toEqual(cannotParse)
  expect(await refused(Uint8Array.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d]))).toEqual(cannotParse)
  expect(await refused(gzipSync('{}'), { 'content-encoding': 'gzip' })).toEqual(cannotParse)
  expect(await refused('{}', { 'content-type': ';;;' })).toEqual(cannotParse)
  expect(await refused('{"maxResults":1e400}')).toEqual(cannotParse)
  expect(await refused('{"maxResults":true}')).toEqual(cannotParse)
  expect(await refused('{"filterCriteria":{"severity":"HIGH"}}')).toEqual(cannotParse)
  expect(await refused('{"filterCriteria":{"severity":[{"comparison":"EQUALS","value":"a\\u0000"}]}}')).toEqual([
    400,
    'ValidationException',
    'FIELD_VALIDATION_FAILED',
  ])
  expect(await refused('{}'.padEnd(10 * 1024 * 1024))).toEqual([413, 'RequestEntityTooLargeException', undefined])
})

it('says in each answer what it rests on', async () => {
  expect((await raw('/findings/list', '{}')).knowledge).toBe('starter')
})

it('ignores what it does not know, as the service does', async () => {
  const { status } = await raw(
    '/findings/list',
    '{"maxResults":7,"unknown":{"a":[1]},"nextToken":null,"__type":"x","__proto__":{"filterCriteria":{}},"constructor":{}}',
  )
  expect(status).toBe(200)
  expect(seen.at(-1)).toEqual({ maxResults: 7 })
  expect(({} as Record<string, unknown>)['filterCriteria']).toBeUndefined()
})

it.each([
  ['no body', '/findings/list', '', {}],
  ['a trailing slash', '/findings/list/', '{}', {}],
  ["curl's content type", '/findings/list', '{}', { 'content-type': 'application/x-www-form-urlencoded' }],
  ['an old content type', '/findings/list', '{}', { 'content-type': 'application/x-amz-json-1.1' }],
  ['a text with a byte order mark', '/findings/list', '\ufeff{}', {}],
])('takes %s', async (_title, path, body, headers) => {
  expect(await raw(path, body, headers)).toMatchObject({ status: 200, type: null, body: '{"findings":[]}' })
})

it('survives requests that are cut off or are no HTTP', async () => {
  const { port } = app.server.address() as AddressInfo
  const cut = httpRequest({ port, method: 'POST', path: '/findings/list', headers: { 'content-length': 100 } })
  cut.on('error', () => {})
  cut.write('{"maxResults"')
  await once(cut, 'socket')
  cut.destroy()
  const socket = connect(port, '127.0.0.1')
  socket.on('error', () => {})
  socket.resume().end('\0\0\0 / NOPE\r\n\r\n')
  await once(socket, 'close')
  expect((await raw('/tags/%E0%A4%A', '', {}, 'GET')).status).toBe(400)
  expect((await raw(`/tags/${'x'.repeat(1012)}`, '', {}, 'GET')).body).toContain('Member must have length less than or equal to 1011')
  expect((await client().listFindings({})).findings).toEqual([])
})

it('leaves the rest of the app alone', async () => {
  expect(await (await fetch(`${endpoint}/findings`)).json()).toEqual({ page: 'console' })
  const echo = await fetch(`${endpoint}/api/v1/echo`, { method: 'POST', body: '{"a":1}', headers: { 'content-type': 'application/json' } })
  expect(await echo.json()).toEqual({ a: 1 })
  expect((await fetch(`${endpoint}/findings/list`)).status).toBe(404)
})

it('turns scanning on and off in any Region, and leaves an audit row for each', async () => {
  const eu = client({ region: 'eu-central-1' })
  const all = (on: string[]) =>
    Object.fromEntries(
      ['ec2', 'ecr', 'lambda', 'lambdaCode', 'codeRepository'].map((type) => [
        type,
        { status: on.includes(type) ? 'ENABLED' : 'DISABLED' },
      ]),
    )
  const stateOf = async () => (await eu.batchGetAccountStatus({})).accounts
  expect(await stateOf()).toEqual([{ accountId: account, state: { status: 'DISABLED' }, resourceState: all([]) }])
  const enabled = await eu.enable({ resourceTypes: ['EC2', 'EC2'], accountIds: [account, '999999999999'] })
  expect(enabled).toMatchObject({
    accounts: [{ accountId: account, status: 'ENABLED', resourceStatus: { ec2: 'ENABLED', ecr: 'DISABLED', lambda: 'DISABLED' } }],
    failedAccounts: [{ accountId: '999999999999', errorCode: 'ACCESS_DENIED' }],
  })
  await eu.enable({ resourceTypes: ['EC2'] })
  expect(await stateOf()).toEqual([{ accountId: account, state: { status: 'ENABLED' }, resourceState: all(['ec2']) }])
  expect((await eu.listFindings({})).findings).toEqual([])
  expect(await failure(eu.enable({ resourceTypes: ['LAMBDA'] }))).toMatchObject({
    name: 'AccessDeniedException',
    message: 'Scan types LAMBDA are not offered by this OpenInspector; it offers EC2, ECR.',
  })
  const off = await eu.disable({})
  expect(off.accounts).toMatchObject([{ accountId: account, status: 'DISABLED' }])
  expect((await eu.disable({ resourceTypes: ['LAMBDA', 'CODE_REPOSITORY'] })).accounts).toMatchObject([{ status: 'DISABLED' }])
  expect(await failure(eu.listFindings({}))).toBeInstanceOf(sdk.AccessDeniedException)
  const { rows } =
    await sql`select principal, action, object, before, after from audit where action in ('Enable', 'Disable') order by id`.execute(
      store.db,
    )
  const object = `enablement/${account}/eu-central-1`
  expect(rows).toEqual([
    { principal: 'admin', action: 'Enable', object, before: [], after: ['EC2'] },
    { principal: 'admin', action: 'Disable', object, before: ['EC2'], after: [] },
  ])
})

it('lists what the caller may switch', async () => {
  const permissions = [
    { service: 'EC2', operation: 'ENABLE_SCANNING' },
    { service: 'EC2', operation: 'DISABLE_SCANNING' },
    { service: 'ECR', operation: 'ENABLE_SCANNING' },
    { service: 'ECR', operation: 'DISABLE_SCANNING' },
  ]
  expect((await client().listAccountPermissions({})).permissions).toEqual(permissions)
  expect((await client().listAccountPermissions({ service: 'ECR' })).permissions).toEqual(permissions.slice(2))
  expect((await client({ role: 'viewer' }).listAccountPermissions({})).permissions).toEqual([])
})
