import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { tarOf } from '../archives.ts'
import { startRegistry, type TestRegistry } from '../registry-server.ts'
import { oi } from './oi.ts'

const annBasic = `Basic ${Buffer.from('ann:hunter2').toString('base64')}`
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
})
