import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { isLoopback, readConfig, reachedBy } from './config.ts'

let data: string
beforeEach(async () => {
  data = await mkdtemp(join(tmpdir(), 'oi-config-'))
})
afterEach(() => rm(data, { recursive: true, force: true }))

describe('readConfig', () => {
  it('has a default for everything', async () => {
    expect(await readConfig({ data }, {})).toEqual({
      role: 'all',
      port: 7480,
      host: '127.0.0.1',
      data,
      watch: ['host'],
      account: '000000000000',
      region: 'us-east-1',
      logLevel: 'info',
    })
  })

  it('takes a flag before the environment, and that before the file', async () => {
    await writeFile(join(data, 'config.json'), JSON.stringify({ port: 1, region: 'eu-west-1', account: '111111111111' }))
    const config = await readConfig({ data, port: '3' }, { OI_PORT: '2', OI_REGION: 'eu-central-1', OI_WATCH: 'host,dir:/srv' })
    expect(config).toMatchObject({ port: 3, region: 'eu-central-1', account: '111111111111', watch: ['host', 'dir:/srv'] })
    const lines = await readConfig({ data }, { OI_WATCH: 'host\n lambda:/srv/code.zip,/srv/layer.zip \n\n' })
    expect(lines.watch).toEqual(['host', 'lambda:/srv/code.zip,/srv/layer.zip'])
  })

  it.each([
    [{ port: '70000' }, {}, '--port: Too big: expected number to be <=65535, got "70000".'],
    [{}, { OI_ROLE: 'boss' }, 'OI_ROLE: Invalid option: expected one of "all"|"api"|"worker", got "boss".'],
    [{}, { DATABASE_URL: 'mysql://u:secret@db/x' }, 'DATABASE_URL: expected postgres://..., got another address.'],
  ])('refuses %j %j in words', async (flags, env, message) => {
    await expect(readConfig({ data, ...flags }, env)).rejects.toThrow(message)
  })

  it.each([
    ['https://oi.example.org', 'https://oi.example.org'],
    ['https://OI.example.org:8443/', 'https://oi.example.org:8443'],
    ['http://[::1]:80', 'http://[::1]'],
  ])('takes the public URL %s as an origin', async (publicUrl, origin) => {
    expect((await readConfig({ data }, { OI_PUBLIC_URL: publicUrl })).publicUrl).toBe(origin)
  })

  it.each([
    'oi.example.org',
    'ftp://oi.example.org',
    'https://oi.example.org/inspector',
    'https://u:p@oi.example.org',
    'https://oi.example.org/?',
    '',
  ])('refuses the public URL %j', async (publicUrl) => {
    await expect(readConfig({ data, publicUrl }, {})).rejects.toThrow('--public-url: expected https://HOST or http://HOST')
  })

  it.each(['[]', '{"port":', '{"prot":1}'])('refuses the file %s', async (text) => {
    await writeFile(join(data, 'config.json'), text)
    await expect(readConfig({ data }, {})).rejects.toMatchObject({ code: 'invalid' })
  })

  it('makes a feeds folder absolute and leaves addresses alone', async () => {
    expect((await readConfig({ data, feeds: 'https://mirror.example/x' }, {})).feeds).toBe('https://mirror.example/x')
    expect((await readConfig({ data, feeds: 'off' }, {})).feeds).toBe('off')
    expect((await readConfig({ data, feeds: 'mirror' }, {})).feeds).toBe(join(process.cwd(), 'mirror'))
  })
})

it.each([
  ['127.0.0.1', true],
  ['127.8.0.1', true],
  ['::1', true],
  ['localhost', true],
  ['0.0.0.0', false],
  ['10.0.0.1', false],
  ['127.0.0.1.example.org', false],
])('isLoopback(%s) is %s', (host, expected) => expect(isLoopback(host)).toBe(expected))

it.each([
  [{ host: '127.0.0.1' }, { hostNames: [] }],
  [{ host: '0.0.0.0' }, {}],
  [
    { host: '127.0.0.1', publicUrl: 'https://oi.example.org:8443' },
    { origin: 'https://oi.example.org:8443', hostNames: ['oi.example.org'] },
  ],
  [
    { host: 'Box', publicUrl: 'http://[2001:db8::1]' },
    { origin: 'http://[2001:db8::1]', hostNames: ['2001:db8::1', 'box'] },
  ],
])('reachedBy(%j) is %j', (config, expected) => expect(reachedBy(config)).toEqual(expected))
