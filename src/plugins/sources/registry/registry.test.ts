import { writeFile } from 'node:fs/promises'
import { arch } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { layoutFiles, sha256, writeFiles, type ImageParts } from '../../../../test/archives.ts'
import { registryWorld } from '../../../../test/registry-scan.ts'
import { startRegistry, type TestRegistry } from '../../../../test/registry-server.ts'
import { folderCache } from '../../../kit/folder-cache.ts'
import { image } from '../image/index.ts'

const ours = arch() === 'x64' ? 'amd64' : arch()
const machine = { os: 'linux', architecture: ours }
const scope = { account: '000000000000', region: 'us-east-1' }
let world: Awaited<ReturnType<typeof registryWorld>>
let server: TestRegistry
let folder: string
let layers: readonly Buffer[]
beforeEach(async () => {
  world = await registryWorld()
  ;({ server, folder, layers } = world)
})
afterEach(() => world.close())

const scan: typeof world.scan = (target, means) => world.scan(target, means)
const target = (reference: string) => `${server.host}/shop/app${reference}`
const parts = (given: Partial<ImageParts> = {}): ImageParts => ({ layers, ...given })
const questions = () => server.asked.map(({ what }) => what.replace('/v2/shop/app/', ''))
const both = ['pkg:npm/left-pad@1.3.0', 'pkg:npm/right-pad@1.3.0']
const user = { OI_REGISTRY_USER: 'ann', OI_REGISTRY_PASSWORD: 'hunter2' }
const annBasic = `Basic ${Buffer.from('ann:hunter2').toString('base64')}`

describe('an image in a registry', () => {
  it('is read by its tag, and is what it is in a layout', async () => {
    const [manifest] = server.push('1.0', [parts()])
    const { resource, purls, gaps } = await scan(target(':1.0'))
    expect(resource).toEqual({
      arn: `urn:openinspector:image:${manifest}`,
      id: `${server.host}/shop/app:1.0`,
      type: 'OPENINSPECTOR_CONTAINER_IMAGE',
      account: '000000000000',
      region: 'us-east-1',
      tags: {},
      facts: {
        ...{ imageDigest: manifest, imageNames: [`${server.host}/shop/app:1.0`], imageCreatedAt: '2026-01-02T03:04:05Z' },
        ...{ platform: 'linux', arch: 'amd64' },
      },
    })
    expect([purls, gaps]).toEqual([both, []])
    const layout = await image.open({ scheme: 'image', value: await writeFiles(join(folder, 'layout'), layoutFiles([parts()])) }, scope)
    expect(layout.resource.arn).toBe(resource.arn)
    await layout.close()
    // Streamed once each, and nothing else asked for.
    expect(questions().filter((what) => what.includes('blobs'))).toHaveLength(3)
  })

  it.each(['none', 'gzip', 'zstd'] as const)('has layers in %s', async (compression) => {
    server.push('1.0', [parts({ compression })])
    expect((await scan(target(':1.0'))).purls).toEqual(both)
  })

  it('is read by its digest, with and without a tag', async () => {
    const [manifest] = server.push('1.0', [parts()])
    const found = await scan(target(`@${manifest}`))
    expect([found.resource.id, found.resource.facts.imageNames, found.purls]).toEqual([`${server.host}/shop/app@${manifest}`, [], both])
    expect((await scan(target(`:other@${manifest}`))).resource.facts.imageNames).toEqual([`${server.host}/shop/app:other`])
  })

  it('is the one for this machine, or for the platform asked for', async () => {
    const other = { os: 'linux', architecture: 's390x' }
    const [theirs, mine] = server.push('1.0', [
      parts({ layers: [layers[0]!], platform: other }),
      parts({ layers: [layers[1]!], platform: machine }),
      parts({ layers: [layers[0]!], platform: { os: 'unknown', architecture: 'unknown' } }),
    ])
    const found = await scan(target(':1.0'))
    expect([found.resource.facts.imageDigest, found.purls, found.gaps]).toEqual([mine, [both[1]], []])
    const asked = await scan(target(':1.0?platform=linux/s390x'))
    expect([asked.resource.facts.imageDigest, asked.resource.facts.arch, asked.purls]).toEqual([theirs, 's390x', [both[0]]])
    await expect(scan(target(':1.0?platform=windows/amd64'))).rejects.toThrow(
      `${server.host}/shop/app:1.0 has no image for windows/amd64; it has linux/s390x, linux/${ours}`,
    )
  })

  it('for another machine only is read, and the others of its index are told', async () => {
    server.push('1.0', [
      parts({ layers: [layers[0]!], platform: { os: 'linux', architecture: 's390x' } }),
      parts({ layers: [layers[1]!], platform: { os: 'linux', architecture: 'riscv64' } }),
    ])
    const { purls, gaps } = await scan(target(':1.0'))
    expect([purls, gaps.map(({ reason }) => reason.slice(0, 62))]).toEqual([
      [both[0]],
      ['another image of the index, not looked at: linux/riscv64, sha2'],
    ])
  })

  it('of one platform is refused where another was asked for', async () => {
    server.push('1.0', [parts({ platform: machine })])
    await expect(scan(target(':1.0?platform=linux/s390x'))).rejects.toThrow(`is an image for linux/${ours}, not for linux/s390x`)
  })
})

describe('every platform of an image', () => {
  const list = async (reference: string) => {
    const path = join(folder, 'registries.json')
    await writeFile(path, JSON.stringify({ [server.host]: { private: true } }))
    const { several } = world.source
    const value = target(reference)
    expect(several.has(value)).toBe(true)
    return await several.list(value, { ...scope, env: { HOME: folder, OI_REGISTRIES: path } })
  }

  it('is a target of its own, by its digest, that stays what it is', async () => {
    const digests = server.push('1.0', [
      parts({ layers: [layers[0]!], platform: { os: 'linux', architecture: 's390x' } }),
      parts({ layers: [layers[1]!], platform: machine }),
      parts({ layers: [layers[0]!], platform: { os: 'unknown', architecture: 'unknown' } }),
    ])
    const { values } = await list(':1.0?platform=all')
    expect(values).toEqual([`${server.host}/shop/app:1.0@${digests[0]}`, `${server.host}/shop/app:1.0@${digests[1]}`])
    server.push('1.0', [parts()])
    const found = await scan(values[0]!)
    expect([found.resource.arn, found.resource.facts.arch, found.resource.facts.imageNames, found.purls, found.gaps]).toEqual([
      ...[`urn:openinspector:image:${digests[0]}`, 's390x', [`${server.host}/shop/app:1.0`], [both[0]], []],
    ])
  })

  it('is the one that there is where there is no index', async () => {
    const [manifest] = server.push('1.0', [parts()])
    expect(await list(`@${manifest}?platform=all`)).toEqual({ values: [`${server.host}/shop/app@${manifest}`] })
    await expect(list(':2.0?platform=all')).rejects.toThrow('has no image shop/app 2.0')
  })

  it('is none of the other targets', () => {
    const { several } = world.source
    expect(['alpine', 'alpine:3', 'alpine?platform=linux/arm64', `alpine@sha256:${'0'.repeat(64)}`].filter(several.has)).toEqual([])
  })
})

describe('what is known is not fetched again', () => {
  it('nothing but one question for an image that did not change', async () => {
    const cache = folderCache(join(folder, 'cache'))
    server.push('1.0', [parts()])
    const cold = await scan(target(':1.0'), { cache })
    server.asked.length = 0
    expect(await scan(target(':1.0'), { cache })).toEqual(cold)
    expect(questions()).toEqual(['HEAD manifests/1.0'])
  })

  it('no layer of a base that another image had', async () => {
    const cache = folderCache(join(folder, 'cache'))
    server.push('base', [parts({ layers: [layers[0]!] })])
    server.push('1.0', [parts()])
    await scan(target(':base'), { cache })
    server.asked.length = 0
    expect((await scan(target(':1.0'), { cache })).purls).toEqual(both)
    const base = [...server.blobs].find(([, bytes]) => bytes[0] === 0x1f)![0]
    expect(questions().filter((what) => what.startsWith('GET blobs'))).toHaveLength(2)
    expect(questions()).not.toContain(`GET blobs/${base}`)
  })

  it('but the layer is when only its content, and not this packing of it, was seen before', async () => {
    const cache = folderCache(join(folder, 'cache'))
    server.push('plain', [parts({ compression: 'none' })])
    await scan(target(':plain'), { cache })
    // Whoever claims the content of a known layer for another blob is not believed.
    const [manifest] = server.push('lie', [parts({ layers: [layers[0]!] })])
    const lie = JSON.parse(server.blobs.get(manifest!)!.toString()) as { layers: { digest: string; size: number }[] }
    const other = Buffer.from(layers[1]!)
    server.blobs.set(sha256(other), other)
    lie.layers[0] = { ...lie.layers[0]!, digest: sha256(other), size: other.length }
    const bytes = Buffer.from(JSON.stringify(lie))
    server.manifests.set('lie', { bytes, type: 'application/vnd.oci.image.manifest.v1+json' })
    await expect(scan(target(':lie'), { cache })).rejects.toThrow('uncompressed content is damaged')
  })
})

describe('who asks', () => {
  it('is told by name and password where the registry wants that, and to nobody else', async () => {
    server.push('1.0', [parts()])
    server.guard = { authorization: annBasic, challenge: 'Basic realm="shop"' }
    const env = { ...user, OI_REGISTRY_HOST: server.host }
    expect((await scan(target(':1.0'), { env })).purls).toEqual(both)
    await expect(scan(target(':1.0'), { env: { ...env, OI_REGISTRY_HOST: 'registry.example.org' } })).rejects.toThrow(
      `${server.host} answered 401 for shop/app: it wants to know who asks; give OI_REGISTRY_HOST, OI_REGISTRY_USER and OI_REGISTRY_PASSWORD, or use docker login`,
    )
    await expect(scan(target(':1.0'), { env: user })).rejects.toThrow(
      'expected OI_REGISTRY_HOST, OI_REGISTRY_USER and OI_REGISTRY_PASSWORD together',
    )
  })

  it('is found in what docker login wrote', async () => {
    server.push('1.0', [parts()])
    server.guard = { authorization: annBasic, challenge: 'Basic realm="shop"' }
    const config = (value: object) => writeFile(join(folder, 'config.json'), JSON.stringify(value))
    const env = { DOCKER_CONFIG: folder }
    await config({ auths: { [server.host]: { auth: Buffer.from('ann:hunter2').toString('base64') } } })
    expect((await scan(target(':1.0'), { env })).purls).toEqual(both)
    await config({ auths: { [server.host]: {} }, credsStore: 'desktop' })
    await expect(scan(target(':1.0'), { env })).rejects.toThrow('the helper docker-credential-desktop, a program, and none is run here')
    await writeFile(join(folder, 'config.json'), '{"auths": hunter2}')
    await expect(scan(target(':1.0'), { env })).rejects.toThrow(/config.json is not JSON$/)
  })

  /** The registry is its own realm, as most are. */
  const withTokens = (answer: (asked: string, body: string) => object) => {
    server.push('1.0', [parts()])
    server.guard = {
      authorization: 'Bearer t0ken',
      challenge: `Bearer realm="${server.url}/token",service="shop",scope="repository:*:push"`,
    }
    server.first = ({ url = '', headers }, response, body) => {
      if (!url.startsWith('/token')) return false
      response.end(JSON.stringify(answer(headers.authorization ?? '', body)))
      return true
    }
  }

  it('gets a token for this repository and no more, anonymously or by name', async () => {
    withTokens((asked) => (asked === '' || asked === annBasic ? { token: 't0ken' } : {}))
    expect((await scan(target(':1.0'))).purls).toEqual(both)
    expect(questions().filter((what) => what.includes('/token'))).toEqual(['GET /token?service=shop&scope=repository%3Ashop%2Fapp%3Apull'])
    expect((await scan(target(':1.0'), { env: { ...user, OI_REGISTRY_HOST: server.host } })).purls).toEqual(both)
    expect(server.asked.filter(({ authorization }) => authorization === annBasic).map(({ what }) => what)).toEqual([
      'GET /token?service=shop&scope=repository%3Ashop%2Fapp%3Apull',
    ])
  })

  it('may hold a refresh token', async () => {
    withTokens((_, body) => (new URLSearchParams(body).get('refresh_token') === 'refresh' ? { access_token: 't0ken' } : {}))
    await writeFile(join(folder, 'config.json'), JSON.stringify({ auths: { [server.host]: { identitytoken: 'refresh' } } }))
    expect((await scan(target(':1.0'), { env: { DOCKER_CONFIG: folder } })).purls).toEqual(both)
    expect(server.asked.find(({ body }) => body !== '')).toMatchObject({
      what: 'POST /token',
      body: 'grant_type=refresh_token&client_id=openinspector&service=shop&scope=repository%3Ashop%2Fapp%3Apull&refresh_token=refresh',
    })
  })

  it('gets a new token when the old one is no longer taken', async () => {
    let issued = 0
    withTokens(() => ({ token: `t${++issued}` }))
    server.guard = { ...server.guard!, authorization: 'Bearer t1' }
    const answer = server.first
    server.first = (request, response, body) => {
      if (request.url?.includes('/blobs/')) server.guard = { ...server.guard!, authorization: 'Bearer t2' }
      return answer(request, response, body)
    }
    expect((await scan(target(':1.0'))).purls).toEqual(both)
    expect(issued).toBe(2)
  })

  it('is not asked for ever', async () => {
    let issued = 0
    withTokens(() => ({ token: `never-${++issued}` }))
    await expect(scan(target(':1.0'))).rejects.toThrow('answered 401 for shop/app: what it was told does not open this image')
    expect(issued).toBe(1)
  })

  it('is not told to a realm that is somebody else', async () => {
    const realm = await startRegistry('none')
    try {
      realm.first = (_, response) => (response.end('{"token":"t0ken"}'), true)
      withTokens(() => ({}))
      const port = realm.host.split(':')[1]!
      server.guard = { authorization: 'Bearer no', challenge: `Bearer realm="http://localhost:${port}/token"` }
      const env = { ...user, OI_REGISTRY_HOST: server.host }
      await expect(scan(target(':1.0'), { env })).rejects.toThrow(
        `its credentials were not sent to localhost:${port}, which it names for tokens; if they may be, list that host under "realms"`,
      )
      expect(realm.asked.map(({ authorization }) => authorization)).toEqual([undefined])
      await expect(
        scan(target(':1.0'), { env, settings: { [server.host]: { private: true, realms: [`localhost:${port}`] } } }),
      ).rejects.toThrow('what it was told does not open')
      expect(realm.asked.at(-1)?.authorization).toBe(annBasic)
    } finally {
      await realm.close()
    }
  })

  it.each([
    ['{"token":"a\\r\\nb"}', 'was asked for a token and sent none'],
    ['[]', 'was asked for a token and sent none'],
    ['not json', 'was asked for a token and sent none'],
    [JSON.stringify({ token: 'x'.repeat(70_000) }), 'sends more than 65536 bytes'],
  ])('hears of a token that is none: %s', async (answer, words) => {
    withTokens(() => ({}))
    const before = server.first
    server.first = (request, response, body) =>
      request.url?.startsWith('/token') ? (response.end(answer), true) : before(request, response, body)
    await expect(scan(target(':1.0'))).rejects.toThrow(words)
  })

  it('is not told to where a blob lies', async () => {
    const store = await startRegistry('shop/app')
    try {
      withTokens(() => ({ token: 't0ken' }))
      for (const [digest, bytes] of server.blobs) store.blobs.set(digest, bytes)
      const answer = server.first
      server.first = (request, response, body) => {
        const { url = '', headers } = request
        if (!url.includes('/blobs/') || headers.authorization === undefined) return answer(request, response, body)
        response.writeHead(307, { location: `${store.url}${url}?signature=secret` }).end()
        return true
      }
      expect((await scan(target(':1.0'))).purls).toEqual(both)
      expect(store.asked.map(({ authorization }) => authorization)).toEqual([undefined, undefined, undefined])
    } finally {
      await store.close()
    }
  })
})

describe('where it may be', () => {
  it('is no private network unless a setting allows it', async () => {
    server.push('1.0', [parts()])
    await expect(scan(target(':1.0'), { settings: {} })).rejects.toThrow('127.0.0.1 is an address of a private network')
    await expect(scan(target(':1.0').replace('127.0.0.1', 'localhost'), { settings: {} })).rejects.toThrow(
      'localhost is an address of a private network, and none of those may be reached unless the file that OI_REGISTRIES names says "private" of its registry',
    )
    expect([server.asked, world.waits]).toEqual([[], []])
  })

  it('is never where clouds hand out credentials', async () => {
    server.push('1.0', [parts()])
    server.first = (request, response) =>
      request.url?.includes('/blobs/') ? (response.writeHead(302, { location: 'http://169.254.169.254/latest' }).end(), true) : false
    await expect(scan(target(':1.0'))).rejects.toThrow('169.254.169.254 is an address of a private network')
  })

  it('is a mirror first, and itself where the mirror does not have it', async () => {
    const mirror = await startRegistry('shop/app')
    try {
      server.push('1.0', [parts()])
      const settings = { [server.host]: { private: true, mirrors: [mirror.url] } }
      expect((await scan(target(':1.0'), { settings })).purls).toEqual(both)
      expect(mirror.asked.length).toBeGreaterThan(0)
      mirror.push('1.0', [parts()])
      server.asked.length = 0
      expect((await scan(target(':1.0'), { settings })).purls).toEqual(both)
      expect(server.asked).toEqual([])
      mirror.first = (_, response) => (response.writeHead(500).end(), true)
      expect((await scan(target(':1.0'), { settings })).purls).toEqual(both)
    } finally {
      await mirror.close()
    }
  })

  it('says which setting it does not understand', async () => {
    await expect(scan(target(':1.0'), { settings: { 'a.example.org': { insecure: true } } })).rejects.toThrow(
      /OI_REGISTRIES: .* is not as expected/,
    )
    await expect(scan(target(':1.0'), { env: { OI_REGISTRIES: join(folder, 'absent') } })).rejects.toThrow(
      'OI_REGISTRIES: there is nothing at',
    )
  })
})

describe('an image of Amazon ECR', () => {
  it('has the ARN that Inspector gives it', async () => {
    const [manifest] = server.push('1.0', [parts()])
    const host = '123456789012.dkr.ecr.eu-central-1.amazonaws.com'
    const { resource } = await scan(`${host}/shop/app:1.0`, { settings: { [host]: { mirrors: [server.url] } } })
    const arn = `arn:aws:ecr:eu-central-1:123456789012:repository/shop/app/${manifest}`
    expect(resource).toEqual({
      ...{ arn, id: arn, type: 'AWS_ECR_CONTAINER_IMAGE', account: '000000000000', region: 'us-east-1', tags: {} },
      facts: {
        ...{ imageDigest: manifest, imageNames: [`${host}/shop/app:1.0`], imageCreatedAt: '2026-01-02T03:04:05Z' },
        ...{ platform: 'linux', arch: 'amd64' },
        ecr: { repositoryName: 'shop/app', registry: '123456789012', imageHash: manifest, imageTags: ['1.0'], architecture: 'amd64' },
      },
    })
  })
})
