import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer, type IncomingMessage } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Duplex } from 'node:stream'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { tarOf } from '../archives.ts'
import { startRegistry, type TestRegistry } from '../registry-server.ts'
import { oi } from './oi.ts'

const annBasic = `Basic ${Buffer.from('ann:hunter2').toString('base64')}`
const fixtures = join(import.meta.dirname, '../../src/plugins/sources/registry/fixtures')
let server: TestRegistry
let folder: string
beforeEach(async () => {
  server = await startRegistry('shop/app')
  folder = await mkdtemp(join(tmpdir(), 'oi-e2e-registry-'))
  const layer = await tarOf([{ name: 'app/node_modules/left-pad/package.json', content: '{"name":"left-pad","version":"1.3.0"}' }])
  server.push('1.0', [{ layers: [layer] }])
})
afterEach(async () => {
  await server.close()
  await rm(folder, { recursive: true, force: true })
})

const settingsOf = async (settings: object) => {
  const path = join(folder, 'registries.json')
  await writeFile(path, JSON.stringify(settings))
  return path
}
/** As a user runs it, with a cache of its own. */
const sbom = (host: string, env: NodeJS.ProcessEnv) =>
  oi(['sbom', `registry:${host}/shop/app:1.0`, '--data', join(folder, 'data'), '--cache', join(folder, 'cache')], { HOME: folder, ...env })
const purls = (text: string) => (JSON.parse(text) as { components: { purl: string }[] }).components.map(({ purl }) => purl)

describe('the command line', { timeout: 30_000 }, () => {
  it('reads an image as the environment says, cold and again', async () => {
    server.guard = { authorization: annBasic, challenge: 'Basic realm="shop"' }
    const env = {
      OI_REGISTRIES: await settingsOf({ [server.host]: { private: true } }),
      OI_REGISTRY_HOST: server.host,
      OI_REGISTRY_USER: 'ann',
      OI_REGISTRY_PASSWORD: 'hunter2',
    }
    for (const _ of ['cold', 'again']) {
      const { code, out } = await sbom(server.host, env)
      expect([code, purls(out)]).toEqual([0, ['pkg:npm/left-pad@1.3.0']])
    }
  })

  it('says what the environment lacks', async () => {
    const refused = await sbom(server.host, {})
    expect([refused.code, refused.out]).toEqual([4, ''])
    expect(refused.err).toContain('127.0.0.1 is an address of a private network')
    server.guard = { authorization: annBasic, challenge: 'Basic realm="shop"' }
    const unknown = await sbom(server.host, { OI_REGISTRIES: await settingsOf({ [server.host]: { private: true } }) })
    expect([unknown.code, unknown.out]).toEqual([4, ''])
    expect(unknown.err).toContain('give OI_REGISTRY_HOST, OI_REGISTRY_USER and OI_REGISTRY_PASSWORD, or use docker login')
  })

  it('reads an image of Amazon ECR with keys of the environment, through a proxy', async () => {
    const host = '123456789012.dkr.ecr.eu-central-1.amazonaws.com'
    const [cert, key] = await Promise.all(['ecr-certificate.pem', 'ecr-key.pem'].map((name) => readFile(join(fixtures, name))))
    const ecr = await startRegistry('shop/app', { cert: cert!, key: key! })
    const service = await startRegistry('none')
    const proxy = await startProxy(ecr.host)
    try {
      const [digest] = ecr.push('1.0', [
        { layers: [await tarOf([{ name: 'node_modules/left-pad/package.json', content: '{"name":"left-pad","version":"1.3.0"}' }])] },
      ])
      ecr.guard = {
        authorization: `Basic ${Buffer.from('AWS:for-twelve-hours').toString('base64')}`,
        challenge: `Basic realm="https://${host}/",service="ecr.amazonaws.com"`,
      }
      const authorizationToken = Buffer.from('AWS:for-twelve-hours').toString('base64')
      service.first = (_, response) => (response.end(JSON.stringify({ authorizationData: [{ authorizationToken }] })), true)
      const env = {
        HTTPS_PROXY: proxy.url,
        NO_PROXY: '127.0.0.1',
        AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
        AWS_SECRET_ACCESS_KEY: 'secret',
        AWS_ENDPOINT_URL_ECR: service.url,
        OI_REGISTRIES: await settingsOf({ [host]: { private: true, ca: join(fixtures, 'ecr-certificate.pem') } }),
      }
      const { code, out } = await sbom(host, env)
      expect([code, purls(out)]).toEqual([0, ['pkg:npm/left-pad@1.3.0']])
      expect(JSON.parse(out).metadata.component.name).toContain(`arn:aws:ecr:eu-central-1:123456789012:repository/shop/app/${digest}`)
      expect(service.asked.map(({ what }) => what)).toContain('POST /')
      expect(new Set(proxy.asked)).toEqual(new Set([`${host}:443`]))
    } finally {
      await Promise.all([proxy.close(), ecr.close(), service.close()])
    }
  })
})

/** A proxy that has one answer to every name: the server at `to`. */
async function startProxy(to: string) {
  const asked: string[] = []
  const sockets = new Set<Duplex>()
  const server = createServer()
  server.on('connect', ({ url = '' }: IncomingMessage, near: Duplex) => {
    asked.push(url)
    const far = connect(Number(to.split(':')[1]), '127.0.0.1', () => {
      near.write('HTTP/1.1 200 Connection Established\r\n\r\n')
      far.pipe(near).pipe(far)
    })
    for (const one of [near, far]) sockets.add(one.on('error', () => {}))
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return {
    asked,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      for (const one of sockets) one.destroy()
      await new Promise((done) => server.close(done))
    },
  }
}
