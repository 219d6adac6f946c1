import { expect, it } from 'vitest'
import type { Ask, Connection } from './connection.ts'
import { endpoint } from './endpoint.ts'

const known = async () => ({ credentials: { is: 'password', user: 'ann', password: 'hunter2' } }) as const
const annBasic = `Basic ${Buffer.from('ann:hunter2').toString('base64')}`
const clock = { now: Date.now, sleep: async () => {} }

/** A registry that wants to know who asks, and everybody on the way: what was said where. */
async function ask(base: string, challenge: string, allowed: { credentialsWithoutTls?: true; realms?: readonly string[] } = {}) {
  const said: string[] = []
  const connection: Connection = {
    ask: async ({ url, headers }: Ask) => {
      const authorization = headers?.['authorization']
      said.push(`${url.origin} ${authorization ?? '-'}`)
      const token = url.pathname === '/token'
      const status = token || authorization !== undefined ? 200 : 401
      return {
        status,
        header: () => undefined,
        headers: () => [challenge],
        body: (async function* () {})(),
        bytes: async () => Buffer.from('{"token":"t0ken"}'),
        drop: () => {},
      }
    },
    close: async () => {},
  }
  const { realms = [], credentialsWithoutTls = false } = allowed
  const asked = endpoint({ base: new URL(base), repository: 'shop/app', realms, credentialsWithoutTls, connection, known, clock })
  const outcome = await asked.get('/v2/shop/app/manifests/1.0').then(
    (reply) => reply?.status,
    (thrown: Error) => thrown.message,
  )
  return { said, outcome }
}

const refused = (host: string) =>
  `its credentials were not sent to ${host}, which speaks HTTP without TLS: everybody on the way could read them; if they may be sent, say "credentialsWithoutTls": true of the registry in the file of OI_REGISTRIES`

it.each(['https://registry.lan', 'http://127.0.0.1:5000', 'http://localhost:5000', 'http://[::1]:5000'])(
  'tells its credentials to %s',
  async (base) => {
    expect(await ask(base, 'Basic realm="shop"')).toEqual({ outcome: 200, said: [`${base} -`, `${base} ${annBasic}`] })
  },
)

it.each(['http://registry.lan:5000', 'http://10.0.0.7:5000', 'http://localhost.example.org', 'http://127.0.0.1.example.org'])(
  'does not tell them to %s, unless that is allowed',
  async (base) => {
    const { host } = new URL(base)
    expect(await ask(base, 'Basic realm="shop"')).toEqual({
      outcome: `${host} answered 401 for shop/app: it wants to know who asks; ${refused(host)}`,
      said: [`${base} -`],
    })
    expect(await ask(base, 'Basic realm="shop"', { credentialsWithoutTls: true })).toEqual({
      outcome: 200,
      said: [`${base} -`, `${base} ${annBasic}`],
    })
  },
)

it('does not tell them to a realm without TLS either, and gets what token there is for strangers', async () => {
  const [base, realm] = ['http://127.0.0.1:5000', 'http://login.lan']
  const challenge = `Bearer realm="${realm}/token"`
  const token = [`${base} -`, `${realm} -`, `${base} Bearer t0ken`]
  expect(await ask(base, challenge, { realms: ['login.lan'] })).toEqual({ outcome: 200, said: token })
  expect(await ask(base, challenge, { realms: ['login.lan'], credentialsWithoutTls: true })).toEqual({
    outcome: 200,
    said: [`${base} -`, `${realm} ${annBasic}`, `${base} Bearer t0ken`],
  })
})

it('gets no token by name that would then go to a registry without TLS', async () => {
  const [base, realm] = ['http://registry.lan:5000', 'https://registry.lan']
  expect(await ask(base, `Bearer realm="${realm}/token"`)).toEqual({
    outcome: 200,
    said: [`${base} -`, `${realm} -`, `${base} Bearer t0ken`],
  })
})
