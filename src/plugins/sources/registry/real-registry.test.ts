import { createHash, createPrivateKey, sign } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer as createHttpServer } from 'node:http'
import { type AddressInfo, connect, createServer, type Server } from 'node:net'
import { arch, tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { layoutFiles, sha256, tarOf, writeFiles } from '../../../../test/archives.ts'
import { lacking, type RealRegistry, startRealRegistry } from '../../../../test/real-registry.ts'
import { extractLayers } from '../../../core/extraction/index.ts'
import { folderCache } from '../../../kit/folder-cache.ts'
import { npm } from '../../ecosystems/npm/index.ts'
import { registryWith } from './index.ts'

const certificate = join(import.meta.dirname, 'fixtures/loopback-certificate.pem')
const key = join(import.meta.dirname, 'fixtures/loopback-key.pem')
const platforms = [arch() === 'x64' ? 'amd64' : arch(), 's390x']
const [ours, theirs] = ['pkg:npm/left-pad@1.3.0', 'pkg:npm/right-pad@1.3.0']
const scope = { account: '000000000000', region: 'us-east-1' }
const source = registryWith({ now: Date.now, sleep: async () => {} })
const ann = { OI_REGISTRY_USER: 'ann', OI_REGISTRY_PASSWORD: 'hunter2' }

let folder: string
let layout: string
const closing: (() => Promise<unknown>)[] = []
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'oi-real-'))
  const layers = await Promise.all(['left-pad', 'right-pad'].map(layerWith))
  const files = layoutFiles(layers.map((layer, at) => ({ layers: [layer], platform: { os: 'linux', architecture: platforms[at]! } })))
  const index = files.get('index.json')!
  const top = { mediaType: 'application/vnd.oci.image.index.v1+json', digest: sha256(index), size: index.length }
  const annotations = { 'org.opencontainers.image.ref.name': 'shop' }
  files.set(`blobs/${top.digest.replace(':', '/')}`, index)
  files.set('index.json', Buffer.from(JSON.stringify({ schemaVersion: 2, manifests: [{ ...top, annotations }] })))
  layout = await writeFiles(join(folder, 'layout'), files)
})
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
  await rm(folder, { recursive: true })
})

/** With some megabytes that do not compress away, so that it comes in many pieces. */
const layerWith = (name: string) =>
  tarOf([
    {
      name: 'noise',
      content: Buffer.concat(Array.from({ length: 100_000 }, (_, at) => createHash('sha256').update(`${name}${at}`).digest())),
    },
    { name: `app/node_modules/${name}/package.json`, content: JSON.stringify({ name, version: '1.3.0' }) },
  ])

async function started(sections: Parameters<typeof startRealRegistry>[0] = {}, ...options: readonly string[]): Promise<RealRegistry> {
  const server = await startRealRegistry(sections)
  closing.push(server.close)
  await server.push(layout, 'shop', 'shop/app:1.0', ...options)
  return server
}

async function environment(settings: object, env: Record<string, string>): Promise<Record<string, string>> {
  const path = join(folder, 'registries.json')
  await writeFile(path, JSON.stringify(settings))
  return { HOME: folder, OI_REGISTRIES: path, ...env }
}

/** Opens an image and reads all of it. */
async function scan(host: string, reference: string, settings: object = {}, env: Record<string, string> = {}) {
  const means = { ...scope, env: await environment({ [host]: { private: true, ...settings } }, env) }
  const opened = await source.open({ scheme: 'registry', value: `${host}/shop/app${reference}` }, means)
  try {
    const { layers, gaps } = await opened.collect()
    const { occurrences } = await extractLayers(layers, npm.extractors, { cache: folderCache(join(folder, 'cache')) })
    expect(gaps).toEqual([])
    return occurrences.map(({ component }) => component.purl)
  } finally {
    await opened.close()
  }
}

/** Whatever the registry holds under a digest is another content of the same length. */
async function damage({ data }: RealRegistry, digest: string): Promise<void> {
  const hex = digest.slice(7)
  const path = join(data, 'docker/registry/v2/blobs/sha256', hex.slice(0, 2), hex, 'data')
  const bytes = await readFile(path)
  bytes[bytes.length >> 1]! ^= 0xff
  await writeFile(path, bytes)
}

/** Digests of what the layout holds. */
async function blobs(kind: 'configurations' | 'layers'): Promise<readonly string[]> {
  const at = join(layout, 'blobs/sha256')
  const found: string[] = []
  for (const hex of await readdir(at)) {
    const bytes = await readFile(join(at, hex))
    if (kind === 'layers' ? bytes[0] === 0x1f : bytes.includes('"diff_ids"')) found.push(`sha256:${hex}`)
  }
  return found
}

const skipped = lacking.length === 0 ? '' : ` (skipped: ${lacking.join(' and ')} not on this machine)`
describe.skipIf(lacking.length > 0)(`a registry of distribution${skipped}`, { timeout: 30_000 }, () => {
  it("gives this machine's image, another platform's, and every one", async () => {
    const { host } = await started()
    expect(await scan(host, ':1.0')).toEqual([ours])
    expect(await scan(host, ':1.0?platform=linux/s390x')).toEqual([theirs])
    const { values } = await source.several.list(`${host}/shop/app:1.0?platform=all`, {
      ...scope,
      env: await environment({ [host]: { private: true } }, {}),
    })
    const found: (readonly string[])[] = []
    for (const value of values) found.push(await scan(host, value.slice(`${host}/shop/app`.length)))
    expect(found).toEqual([[ours], [theirs]])
    await expect(scan(host, ':2.0')).rejects.toThrow(`${host} has no image shop/app 2.0`)
  })

  it('that wants a name and a password gets them, and only the right ones open', async () => {
    const users = join(folder, 'htpasswd')
    // `ann:hunter2`, by bcrypt.
    await writeFile(users, 'ann:$2b$04$zk28ItcLhcEWmhg24NA2kOpYapNFEQ3Pl70uyE2co/UzNvum22Zwe\n')
    const { host } = await started({ auth: { htpasswd: { realm: 'shop', path: users } } }, '--dest-creds', 'ann:hunter2')
    expect(await scan(host, ':1.0', {}, { ...ann, OI_REGISTRY_HOST: host })).toEqual([ours])
    await expect(scan(host, ':1.0')).rejects.toThrow('answered 401 for shop/app: it wants to know who asks')
    await expect(scan(host, ':1.0', {}, { ...ann, OI_REGISTRY_HOST: host, OI_REGISTRY_PASSWORD: 'wrong' })).rejects.toThrow(
      'what it was told does not open this image',
    )
  })

  it('that wants a token gets one of its realm, for pulling this repository', async () => {
    const realm = await startRealm()
    const auth = { token: { realm: `${realm.url}/token`, service: 'shop', issuer: 'realm', rootcertbundle: certificate } }
    const { host } = await started({ auth }, '--dest-creds', 'ann:hunter2')
    realm.asked.length = 0
    expect(await scan(host, ':1.0', {}, { ...ann, OI_REGISTRY_HOST: host })).toEqual([ours])
    expect(realm.asked).toEqual(['ann:hunter2 repository:shop/app:pull'])
    await expect(scan(host, ':1.0')).rejects.toThrow('answered 401 for shop/app')
    realm.asked.length = 0
  })

  it('is read on from where the connection broke', async () => {
    const { host } = await started()
    const way = await startBreakingWay(host, 3, 900_000)
    expect(await scan(way.host, ':1.0')).toEqual([ours])
    expect(way.broke()).toBe(3)
  })

  it('is not believed when what it holds is damaged', async () => {
    const server = await started()
    for (const digest of await blobs('layers')) await damage(server, digest)
    await expect(scan(server.host, ':1.0')).rejects.toThrow(
      /layer sha256:[0-9a-f]{64}(?:: stored content is damaged| is not whole gzip data)/,
    )
    for (const digest of await blobs('configurations')) await damage(server, digest)
    await expect(scan(server.host, ':1.0')).rejects.toThrow(/is damaged: its digest is sha256:/)
  })

  it('with a certificate that only a setting trusts is read with that setting', async () => {
    const tls = { certificate, key }
    const { host } = await started({ http: { tls } })
    const [https, ca] = [{ http: false }, { http: false, ca: certificate }]
    expect(await scan(host, ':1.0', ca)).toEqual([ours])
    await expect(scan(host, ':1.0', https)).rejects.toThrow(`${host} could not be read`)
  })

  it('is asked where its mirror does not have it', async () => {
    const [{ host }, mirror] = [await started(), await startRealRegistry()]
    closing.push(mirror.close)
    const settings = { mirrors: [`http://${mirror.host}`] }
    expect(await scan(host, ':1.0', settings)).toEqual([ours])
    await mirror.push(layout, 'shop', 'shop/app:2.0')
    expect(await scan(host, ':2.0', settings)).toEqual([ours])
  })
})

/** Who hands out the tokens that distribution believes: JSON Web Tokens, signed by a key whose certificate it knows. */
async function startRealm() {
  const asked: string[] = []
  const certificates = [(await readFile(certificate, 'utf8')).replaceAll(/-----[^-]+-----|\s/g, '')]
  const signer = createPrivateKey(await readFile(key))
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const server = createHttpServer((request, response) => {
    const { searchParams } = new URL(request.url ?? '', 'http://realm')
    const scopes = searchParams.getAll('scope')
    const user = Buffer.from(request.headers.authorization?.slice('Basic '.length) ?? '', 'base64').toString()
    asked.push(`${user} ${scopes.join(' ')}`)
    const access = (user === 'ann:hunter2' ? scopes : []).map((one) => {
      const [type, name, actions] = one.split(':')
      return { type, name, actions: actions?.split(',') }
    })
    const now = Math.floor(Date.now() / 1_000)
    const claims = { iss: 'realm', sub: 'ann', aud: 'shop', nbf: now - 60, iat: now, exp: now + 300, jti: '1', access }
    const alg = signer.asymmetricKeyType === 'ec' ? 'ES256' : 'RS256'
    const signed = `${part({ typ: 'JWT', alg, x5c: certificates })}.${part(claims)}`
    const signature = sign('sha256', Buffer.from(signed), { key: signer, dsaEncoding: 'ieee-p1363' }).toString('base64url')
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify({ token: `${signed}.${signature}` }))
  })
  return { asked, url: `http://${await listening(server)}` }
}

/** A way to a registry that breaks off some of the connections, each after so many bytes of an answer. */
async function startBreakingWay(to: string, times: number, after: number) {
  let broke = 0
  const server = createServer((near) => {
    const far = connect(Number(to.split(':')[1]), '127.0.0.1')
    let passed = 0
    far.on('data', (bytes) => {
      passed += bytes.length
      if (passed <= after || broke === times) return void near.write(bytes)
      broke++
      near.destroy()
      far.destroy()
    })
    near.on('data', (bytes) => far.write(bytes))
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const)
      one.on('close', () => other.destroy()).on('error', () => other.destroy())
  })
  return { host: await listening(server), broke: () => broke }
}

async function listening(server: Server): Promise<string> {
  await once(server.listen(0, '127.0.0.1'), 'listening')
  closing.push(() => new Promise((done) => server.close(done)))
  return `127.0.0.1:${(server.address() as AddressInfo).port}`
}
