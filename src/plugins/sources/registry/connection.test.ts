import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { startRegistry, type TestRegistry } from '../../../../test/registry-server.ts'
import { connection, type ConnectionOptions } from './connection.ts'

const fixture = (name: string) => readFileSync(join(import.meta.dirname, 'fixtures', name), 'utf8')
const ca = fixture('loopback-certificate.pem')
let server: TestRegistry
beforeEach(async () => {
  server = await startRegistry('none', { cert: ca, key: fixture('loopback-key.pem') })
  server.first = (_, response) => (response.end('hello'), true)
})
afterEach(() => server.close())

async function ask(options: ConnectionOptions): Promise<string> {
  const connected = connection(options)
  try {
    const reply = await connected.ask({ method: 'GET', url: new URL(server.url) })
    return `${reply.status} ${(await reply.bytes(5)).toString()}`
  } finally {
    await connected.close()
  }
}

it('trusts a certificate that is given to it, and no other', async () => {
  expect(await ask({ reach: 'private', ca })).toBe('200 hello')
  await expect(ask({ reach: 'private' })).rejects.toThrow('self-signed certificate')
})

it('connects to no private address', async () => {
  await expect(ask({ reach: 'public', ca })).rejects.toThrow('127.0.0.1 is an address of a private network')
})

it('reads no more than it may', async () => {
  server.first = (_, response) => (response.end('hello!'), true)
  await expect(ask({ reach: 'private', ca })).rejects.toThrow(`${server.host} sends more than 5 bytes`)
})
