import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import type { Told } from '../../test/own-program.ts'
import { type OwnProcess, type OwnProcessOptions, startOwnProcess } from './own-process.ts'

const program = new URL('../../test/own-program.ts', import.meta.url)
const started: OwnProcess[] = []
const start = (options: Partial<OwnProcessOptions> = {}) => {
  const child = startOwnProcess(program, { memory: 64, env: {}, ...options })
  started.push(child)
  return { ...child, send: (told: Told) => child.send(told) }
}
afterEach(async () => {
  for (const child of started.splice(0)) {
    child.kill()
    await child.ended
  }
})

describe('messages', () => {
  it('come in order, as they were', async () => {
    const child = start()
    const values = [new Map([['a', new Set([1n])]]), new Uint8Array([0, 255]), { at: new Date(0), nothing: undefined }, 'last']
    for (const value of values) child.send({ is: 'echo', value })
    for (const value of values) expect(await child.next()).toEqual(value)
  })

  it('that were sent before the end are still heard, and then there are none', async () => {
    const child = start()
    child.send({ is: 'echo', value: 'first' })
    child.send({ is: 'echo', value: 'second' })
    child.send({ is: 'end', words: '', code: 0 })
    expect(await child.ended).toEqual({ how: 'exit', words: '' })
    expect([await child.next(), await child.next(), await child.next(), await child.next()]).toEqual([
      'first',
      'second',
      undefined,
      undefined,
    ])
    child.send({ is: 'echo', value: 'nobody hears this' })
    expect(await child.next()).toBeUndefined()
  })

  it('are waited for, also for one that never comes', async () => {
    const child = start()
    const waiting = child.next()
    child.send({ is: 'end', words: '', code: 0 })
    expect(await waiting).toBeUndefined()
  })
})

describe('the end', () => {
  it.each<[string, Told, object]>([
    ['by itself', { is: 'end', words: 'all is well\n', code: 0 }, { how: 'exit', words: 'all is well' }],
    ['with a code', { is: 'end', words: 'no such feed\n', code: 3 }, { how: 'crash', words: 'exit code 3: no such feed' }],
    ['without a word', { is: 'end', words: '', code: 3 }, { how: 'crash', words: 'exit code 3' }],
    [
      'by an error',
      { is: 'throw', words: 'not a zip' },
      { how: 'crash', words: expect.stringMatching(/^exit code 1: [^]*Error: not a zip/) },
    ],
    ['by a fault', { is: 'signal', name: 'SIGSEGV' }, { how: 'crash', words: 'SIGSEGV' }],
    ['for want of memory', { is: 'eat' }, { how: 'memory', words: expect.stringContaining('out of memory') }],
    ['by the system, which has no memory left', { is: 'signal', name: 'SIGKILL' }, { how: 'memory', words: '' }],
    ['by Ctrl-C', { is: 'signal', name: 'SIGINT' }, { how: 'interrupted', signal: 'SIGINT', words: 'SIGINT' }],
    ['by kill', { is: 'signal', name: 'SIGTERM' }, { how: 'interrupted', signal: 'SIGTERM', words: 'SIGTERM' }],
    ['with its terminal', { is: 'signal', name: 'SIGHUP' }, { how: 'interrupted', signal: 'SIGHUP', words: 'SIGHUP' }],
  ])('%s is told as what it is', async (_, told, end) => {
    const child = start()
    child.send(told)
    expect(await child.ended).toEqual(end)
  })

  it('of a program that is not there is one, too', async () => {
    const child = startOwnProcess(new URL('absent.ts', import.meta.url), { memory: 64, env: {} })
    expect(await child.next()).toBeUndefined()
    expect(await child.ended).toMatchObject({ how: 'crash', words: expect.stringContaining('absent.ts') })
  })

  it('keeps the last of what was said, and not more', async () => {
    const child = start()
    child.send({ is: 'end', words: `${'x'.repeat(1_000_000)}the reason`, code: 3 })
    expect(await child.ended).toEqual({ how: 'crash', words: `exit code 3: ${'x'.repeat(8_182)}the reason` })
  })

  it('comes at once when it is killed, whatever it does', async () => {
    const child = start()
    child.send({ is: 'loop' })
    expect(await child.next()).toBe('looping')
    child.kill()
    await child.ended
    expect(await child.next()).toBeUndefined()
  })

  it('of its starter is its own', async () => {
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    const child = start()
    child.send({ is: 'start', port: (server.address() as AddressInfo).port })
    const [grandchild] = (await once(server, 'connection')) as [Socket]
    const closed = once(grandchild.resume(), 'close')
    child.kill()
    await closed
    server.close()
  })
})

it('has our environment and what is added, but not the secrets', async () => {
  const secrets = { DATABASE_URL: 'postgres://oi:secret@db/oi', OI_SECRET_KEY: 'secret', OI_TOKEN: 'oit_secret' }
  Object.assign(process.env, secrets, { OI_TEST_SETTING: 'kept' })
  try {
    const child = start({ env: { TMPDIR: '/scratch' } })
    child.send({ is: 'environment' })
    const environment = (await child.next()) as NodeJS.ProcessEnv
    expect(environment).toMatchObject({ PATH: process.env['PATH'], OI_TEST_SETTING: 'kept', TMPDIR: '/scratch' })
    expect(JSON.stringify(environment)).not.toContain('secret')
  } finally {
    for (const name of [...Object.keys(secrets), 'OI_TEST_SETTING']) delete process.env[name]
  }
})

it.runIf(process.platform === 'linux')('counts processor time, and dies before its starter where memory is short', async () => {
  const child = start()
  child.send({ is: 'work', seconds: 0.5 })
  expect(await child.next()).toBe('worked')
  // The system counts in hundredths, user and system apart.
  expect(await child.seconds()).toBeGreaterThan(0.47)
  child.send({ is: 'score' })
  expect(await child.next()).toBe('500')
})
