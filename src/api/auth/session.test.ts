import { expect, it } from 'vitest'
import type { Caller } from '../../model/scope.ts'
import { statusOf } from '../errors.ts'
import { allow, scopeOf, type Action } from './allow.ts'
import { authenticate, checkHost, checkSameOrigin, sessionCookie } from './session.ts'
import { afterAll, beforeAll } from 'vitest'
import { databases, type TestStore } from '../../../test/database.ts'
import { createLink, createPrincipal, createToken, redeemLink } from '../../core/access/index.ts'

const caller = (role: Caller['role']): Caller => ({ principalId: 1, name: 'ann', role, account: '000000000012' })

it.each<[Action, Caller['role'][]]>([
  ['read', ['viewer', 'operator', 'admin']],
  ['ListFindings', ['viewer', 'operator', 'admin']],
  ['CreateFilter', ['operator', 'admin']],
  ['resources.write', ['operator', 'admin']],
  ['Enable', ['admin']],
  ['Disable', ['admin']],
])('lets do %s only %j', (action, roles) => {
  for (const role of ['viewer', 'operator', 'admin'] as const) {
    if (roles.includes(role)) allow(caller(role), action)
    else expect(() => allow(caller(role), action)).toThrow(`ann is not authorized to perform ${action}: it needs the role ${roles[0]}`)
  }
})

it('narrows the scope to the account, and to the signed Region', () => {
  expect(scopeOf(caller('admin'), 'eu-west-1')).toEqual({ caller: caller('admin'), accounts: ['000000000012'], regions: ['eu-west-1'] })
  expect(scopeOf(caller('admin')).regions).toBe('all')
})

const sameOrigin = { origin: 'http://localhost:8080', host: 'localhost:8080', 'sec-fetch-site': 'same-origin' }
it.each<[string, string, Record<string, string>, boolean]>([
  ['our own page', 'POST', sameOrigin, true],
  ['our own page in an older browser', 'POST', { origin: 'http://localhost:8080', host: 'localhost:8080' }, true],
  ['a look from elsewhere', 'GET', { ...sameOrigin, 'sec-fetch-site': 'cross-site', origin: 'http://evil' }, true],
  ['another site', 'POST', { ...sameOrigin, 'sec-fetch-site': 'cross-site' }, false],
  ['another port of this machine', 'POST', { ...sameOrigin, 'sec-fetch-site': 'same-site', origin: 'http://localhost:1' }, false],
  ['another origin', 'DELETE', { origin: 'http://evil', host: 'localhost:8080' }, false],
  ['an origin withheld', 'POST', { origin: 'null', host: 'localhost:8080' }, false],
  ['nobody who says', 'POST', { host: 'localhost:8080' }, false],
])('judges a write with a session by where it comes from: %s', (_title, method, headers, good) => {
  const check = (): void => checkSameOrigin({ method, headers })
  if (good) check()
  else expect(check).toThrow('made by another site')
})

it('knows our pages by the origin that is configured, whatever Host a proxy puts, and no other', () => {
  const by = (origin: string, ours?: string) => checkSameOrigin({ method: 'POST', headers: { host: '127.0.0.1:7480', origin } }, { ours })
  by('https://inspector.example', 'https://inspector.example')
  for (const origin of ['http://inspector.example', 'https://inspector.example:8443', 'https://inspector.example.evil.example', 'null'])
    expect(() => by(origin, 'https://inspector.example')).toThrow('another site')
  expect(() => by('https://inspector.example')).toThrow('another site')
})

it('lets programs exchange a link, and no other site', () => {
  checkSameOrigin({ method: 'POST', headers: { host: 'localhost' } }, { programs: true })
  expect(() => checkSameOrigin({ method: 'POST', headers: { host: 'localhost', origin: 'http://evil' } }, { programs: true })).toThrow(
    'another site',
  )
})

it.each<[string, boolean]>([
  ['localhost:8080', true],
  ['LOCALHOST', true],
  ['127.0.0.1:8080', true],
  ['127.9.9.9', true],
  ['[::1]:8080', true],
  ['inspector.example:443', true],
  ['evil.example', false],
  ['localhost.evil.example', false],
  ['127.0.0.1.evil.example', false],
  ['10.0.0.1', false],
  ['', false],
])('judges the host name %s', (host, good) => {
  const check = (): void => checkHost({ headers: { host } }, ['inspector.example'])
  if (good) check()
  else expect(check).toThrow('does not answer to the host name')
})

it('writes the cookie out of reach of scripts and other sites', () => {
  expect(sessionCookie('ois_x', { secure: true })).toBe('oi_session=ois_x; Path=/; HttpOnly; SameSite=Strict; Max-Age=43200; Secure')
  expect(sessionCookie(undefined, { secure: false })).toBe('oi_session=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0')
})

let store: TestStore
beforeAll(async () => void (store = await (databases[1] ?? databases[0])!.open()))
afterAll(() => store.close())

it('knows who asks by token or cookie, and says 401 otherwise', async () => {
  const at = new Date('2026-03-01T10:00:00Z')
  const ann = await createPrincipal(store.db, { name: 'ann', kind: 'user', role: 'viewer', account: '000000000012' }, { by: 'x', at })
  const token = await createToken(store.db, ann, { name: 'ci' }, { by: 'x', at })
  const { session } = await redeemLink(store.db, await createLink(store.db, ann, { by: 'x', at }), at)
  const ask = (headers: Record<string, string>, method = 'GET') => authenticate({ method, headers }, { db: store.db, now: () => at })
  expect(await ask({ authorization: `Bearer ${token}` }, 'POST')).toEqual({ caller: caller('viewer'), via: 'token', token })
  expect(await ask({ cookie: `a=b; oi_session=${session}; c` })).toEqual({ caller: caller('viewer'), via: 'cookie', token: session })
  expect(await ask({ ...sameOrigin, cookie: `oi_session=${session}` }, 'POST')).toMatchObject({ via: 'cookie' })
  for (const headers of [
    {},
    { cookie: 'x=y' },
    { cookie: `oi_session=${token}` },
    { authorization: `Bearer ${session}` },
    { authorization: 'Bearer x' },
  ])
    expect(statusOf(await ask(headers as Record<string, string>).catch((thrown: unknown) => thrown))).toBe(401)
  const forged = await ask({ cookie: `oi_session=${session}`, host: 'localhost', origin: 'http://evil' }, 'POST').catch(
    (thrown: unknown) => thrown,
  )
  expect(statusOf(forged)).toBe(403)
})
