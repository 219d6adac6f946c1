import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { sha256, type ImageParts } from '../../../../test/archives.ts'
import { registryWorld } from '../../../../test/registry-scan.ts'
import type { TestRegistry } from '../../../../test/registry-server.ts'

const manifestType = 'application/vnd.oci.image.manifest.v1+json'
const indexType = 'application/vnd.oci.image.index.v1+json'
const both = ['pkg:npm/left-pad@1.3.0', 'pkg:npm/right-pad@1.3.0']
let world: Awaited<ReturnType<typeof registryWorld>>
let server: TestRegistry
beforeEach(async () => {
  world = await registryWorld()
  ;({ server } = world)
})
afterEach(() => world.close())

const scan = (reference = ':1.0') => world.scan(`${server.host}/shop/app${reference}`)
const push = (given: Partial<ImageParts> = {}) => server.push('1.0', [{ layers: world.layers, ...given }])[0]!
/** Blobs of layers, gzip, in the order in which they were pushed. */
const layerBlobs = () => [...server.blobs].filter(([, bytes]) => bytes[0] === 0x1f)
/** Puts a document under a tag as it is. */
function put(value: unknown, type = manifestType, tag = '1.0'): string {
  const bytes = Buffer.from(typeof value === 'string' ? value : JSON.stringify(value))
  server.manifests.set(tag, { bytes, type }).set(sha256(bytes), { bytes, type })
  return sha256(bytes)
}
const changed = (digest: string, change: (manifest: { config: object; layers: Record<string, unknown>[] }) => object) =>
  put(change(JSON.parse(server.blobs.get(digest)!.toString()) as never))

describe('a blob that breaks off', () => {
  it('is read on from there', async () => {
    push()
    const [digest, bytes] = layerBlobs()[0]!
    const ranges: (string | undefined)[] = []
    server.first = ({ url, headers, method }, response) => {
      if (method !== 'GET' || !url?.endsWith(digest)) return false
      ranges.push(headers.range)
      const from = Number(/\d+/.exec(headers.range ?? '0')![0])
      const part = bytes.subarray(from, ranges.length < 3 ? from + 1000 : undefined)
      response.writeHead(from === 0 ? 200 : 206, {
        'content-length': bytes.length - from,
        ...(from > 0 && { 'content-range': `bytes ${from}-${bytes.length - 1}/${bytes.length}` }),
      })
      response.write(part, () => (ranges.length < 3 ? response.destroy() : response.end()))
      return true
    }
    expect((await scan()).purls).toEqual(both)
    expect([ranges, world.waits]).toEqual([
      [undefined, 'bytes=1000-', 'bytes=2000-'],
      [1000, 2000],
    ])
  })

  it('is read on also by a server that sends all of it again', async () => {
    push()
    const [digest, bytes] = layerBlobs()[0]!
    let times = 0
    server.first = ({ url, method }, response) => {
      if (method !== 'GET' || !url?.endsWith(digest)) return false
      response.writeHead(200, { 'content-length': bytes.length })
      response.write(times++ === 0 ? bytes.subarray(0, 1000) : bytes, () => (times === 1 ? response.destroy() : response.end()))
      return true
    }
    expect((await scan()).purls).toEqual(both)
    expect(times).toBe(2)
  })

  it('is given up when it never gets on', async () => {
    push()
    const [digest, bytes] = layerBlobs()[0]!
    let times = 0
    server.first = ({ url, headers, method }, response) => {
      if (method !== 'GET' || !url?.endsWith(digest)) return false
      times++
      const from = Number(/\d+/.exec(headers.range ?? '0')![0])
      const range = from === 0 ? {} : { 'content-range': `bytes ${from}-${bytes.length - 1}/${bytes.length}` }
      response.writeHead(from === 0 ? 200 : 206, { ...range, 'content-length': bytes.length - from })
      response.write(bytes.subarray(from, from + 1), () => response.destroy())
      return true
    }
    await expect(scan()).rejects.toThrow(`breaks off blob ${digest} after 5 of ${bytes.length} bytes`)
    expect(times).toBe(5)
  })

  it('is damaged when it ends where its length says, and too soon', async () => {
    push()
    const [digest, bytes] = layerBlobs()[0]!
    server.blobs.set(digest, bytes.subarray(0, bytes.length - 1))
    await expect(scan()).rejects.toThrow(`breaks off blob ${digest} after ${bytes.length - 1} of ${bytes.length} bytes`)
  })

  it('is refused when it goes on past its length', async () => {
    push()
    const [digest, bytes] = layerBlobs()[0]!
    server.blobs.set(digest, Buffer.concat([bytes, Buffer.alloc(10)]))
    await expect(scan()).rejects.toThrow(`sends more than the ${bytes.length} bytes of blob ${digest}`)
  })

  it('is refused when the server sends another part than was asked for', async () => {
    push()
    const [digest, bytes] = layerBlobs()[0]!
    server.first = ({ url, headers, method }, response) => {
      if (method !== 'GET' || !url?.endsWith(digest)) return false
      if (headers.range) response.writeHead(206, { 'content-range': `bytes 0-9/${bytes.length}` }).end(bytes.subarray(0, 10))
      else response.writeHead(200, { 'content-length': bytes.length }).write(bytes.subarray(0, 1000), () => response.destroy())
      return true
    }
    await expect(scan()).rejects.toThrow('asked for bytes from 1000, a registry sends those from 0')
  })
})

describe('other bytes than their digest', () => {
  it('of a layer', async () => {
    push()
    const [digest, bytes] = layerBlobs()[0]!
    server.blobs.set(digest, Buffer.concat([bytes.subarray(0, -1), Buffer.from([bytes.at(-1)! ^ 1])]))
    await expect(scan()).rejects.toThrow(`layer ${digest}`)
  })

  it('of a configuration', async () => {
    const digest = push()
    const { config } = JSON.parse(server.blobs.get(digest)!.toString()) as { config: { digest: string; size: number } }
    server.blobs.set(config.digest, Buffer.alloc(config.size, ' '))
    await expect(scan()).rejects.toThrow(`blobs/${config.digest.replace(':', '/')} is damaged`)
  })

  it('of a manifest asked for by digest', async () => {
    const digest = push()
    server.manifests.set(digest, { bytes: Buffer.from('{}'), type: manifestType })
    await expect(scan(`@${digest}`)).rejects.toThrow(
      `is damaged: the registry sends a manifest with the digest ${sha256(Buffer.from('{}'))}`,
    )
  })

  it('of a manifest that an index names', async () => {
    const [digest] = server.push('1.0', [{ layers: world.layers }, { layers: world.layers.slice(1) }])
    server.manifests.set(digest!, { bytes: Buffer.from('{}'), type: manifestType })
    await expect(scan()).rejects.toThrow(`blobs/${digest!.replace(':', '/')} is damaged`)
  })
})

describe('a busy server', () => {
  const answering = (statuses: readonly number[], headers: Record<string, string> = {}) => {
    const rest = [...statuses]
    server.first = (_, response) => {
      const status = rest.shift()
      if (status !== undefined) response.writeHead(status, headers).end()
      return status !== undefined
    }
  }
  it('is asked again, a little later each time', async () => {
    push()
    answering([503, 502, 500])
    expect((await scan()).purls).toEqual(both)
    expect(world.waits).toEqual([500, 1000, 2000])
  })

  it('is asked again when it wants to be', async () => {
    push()
    answering([429, 429], { 'retry-after': '7' })
    expect((await scan()).purls).toEqual(both)
    expect(world.waits).toEqual([7000, 7000])
  })

  it('is not waited for longer than a minute', async () => {
    push()
    answering([429], { 'retry-after': '3600' })
    await expect(scan()).rejects.toMatchObject({ code: 'limited', message: `${server.host} answered 429; it asks to come again in 3600 s` })
    expect(world.waits).toEqual([])
  })

  it('is not asked for ever', async () => {
    push()
    answering(Array.from({ length: 50 }, () => 503))
    await expect(scan()).rejects.toMatchObject({ code: 'upstream', message: `${server.host} answered 503` })
    expect(world.waits).toEqual([500, 1000, 2000, 4000])
  })

  it('is given up when it redirects in circles, or nowhere', async () => {
    push()
    server.first = ({ url }, response) => (response.writeHead(307, { location: url }).end(), true)
    await expect(scan()).rejects.toThrow('redirects more than 5 times')
    server.first = (_, response) => (response.writeHead(307).end(), true)
    await expect(scan()).rejects.toThrow('redirects to no address')
    server.first = (_, response) => (response.writeHead(307, { location: 'ftp://store.example.org/x?secret' }).end(), true)
    await expect(scan()).rejects.toThrow(/redirects to ftp:\/\/store.example.org: redirects stay on https$/)
  })
})

describe('manifests that are none', () => {
  it('missing', async () => {
    await expect(scan()).rejects.toMatchObject({ code: 'missing', message: `${server.host} has no image shop/app 1.0` })
  })

  it('of schema 1', async () => {
    put({ schemaVersion: 1, fsLayers: [] }, 'application/vnd.docker.distribution.manifest.v1+prettyjws')
    await expect(scan()).rejects.toThrow("is an image of Docker's schema 1, which nobody has written since 2016")
  })

  it('of no type at all', async () => {
    put('hello', 'text/plain')
    await expect(scan()).rejects.toThrow('cannot read a manifest of type text/plain')
  })

  it('of a server that only holds files is read by its own word', async () => {
    const digest = push()
    const manifest = JSON.parse(server.blobs.get(digest)!.toString()) as object
    put({ ...manifest, mediaType: manifestType }, 'application/json')
    expect((await scan()).purls).toEqual(both)
  })

  it.each([405, 501])('of a server that answers %i to whoever asks what it has are read all the same', async (status) => {
    push()
    server.first = ({ method }, response) => method === 'HEAD' && (response.writeHead(status).end(), true)
    expect((await scan()).purls).toEqual(both)
  })

  it('that are no image', async () => {
    changed(push(), (manifest) => ({ ...manifest, config: { ...manifest.config, mediaType: 'application/vnd.cncf.helm.config.v1+json' } }))
    await expect(scan()).rejects.toThrow('holds no container image but application/vnd.cncf.helm.config.v1+json')
  })

  it('that are index and manifest at once', async () => {
    const digest = push()
    changed(digest, (manifest) => ({ ...manifest, manifests: [] }))
    await expect(scan()).rejects.toThrow('an image index and an image manifest at once')
  })

  it('larger than any honest one', async () => {
    server.first = ({ method, url }, response) => {
      if (!url?.includes('/manifests/')) return false
      response.writeHead(200, { 'content-type': manifestType })
      if (method === 'HEAD') response.end()
      else {
        const more = (): void => void (response.destroyed || response.write(Buffer.alloc(1 << 20, ' '), () => setImmediate(more)))
        more()
      }
      return true
    }
    await expect(scan()).rejects.toThrow(`${server.host} sends more than 8388608 bytes`)
  })

  it('of a configuration that says it is huge', async () => {
    changed(push(), (manifest) => ({ ...manifest, config: { ...manifest.config, size: 2 ** 40 } }))
    await expect(scan()).rejects.toThrow('has 1099511627776 bytes, at most 8388608 of such a file are read')
  })

  it('of a layer that says it is huge', async () => {
    changed(push(), (manifest) => ({ ...manifest, layers: manifest.layers.map((layer) => ({ ...layer, size: 2 ** 50 })) }))
    await expect(scan()).rejects.toThrow('has 1125899906842624 bytes, at most 68719476736 are read')
  })

  it('nested in indexes without end', async () => {
    let digest = push()
    for (let depth = 0; depth < 8; depth++)
      digest = put({ manifests: [{ mediaType: depth === 0 ? manifestType : indexType, digest, size: 1 }] }, indexType)
    await expect(scan()).rejects.toThrow('nests image indexes more than 4 deep')
  })
})

it('takes a foreign layer where it is, and tells it where it is not', async () => {
  const foreign = 'application/vnd.docker.image.rootfs.foreign.diff.tar.gzip'
  changed(push(), (manifest) => ({
    ...manifest,
    layers: manifest.layers.map((layer, i) => (i === 0 ? { ...layer, mediaType: foreign, urls: ['http://169.254.169.254/'] } : layer)),
  }))
  expect(await scan()).toMatchObject({ purls: both, gaps: [] })
  const [digest] = layerBlobs()[0]!
  server.blobs.delete(digest)
  expect(await scan()).toMatchObject({
    purls: [both[1]],
    gaps: [
      {
        path: `blobs/${digest.replace(':', '/')}`,
        extractor: 'image',
        reason:
          'a layer that may not be passed on (foreign, non-distributable) and is not there: what it holds was not looked at; its manifest says it can be had from http://169.254.169.254/',
      },
    ],
  })
})
