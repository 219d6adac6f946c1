import { gzipSync, zstdCompressSync } from 'node:zlib'
import { mkdtemp, open, rename, rm, stat, truncate, utimes, writeFile } from 'node:fs/promises'
import { arch, tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { archiveOf, configOf, layoutFiles, savedFiles, sha256, tarOf, writeFiles } from '../../../test/archives.ts'
import { limits, type Limits } from '../../kit/limits.ts'
import type { Cache } from '../../model/seams.ts'
import type { Carrier } from './carrier.ts'
import type { Choice } from './choose.ts'
import { imagesIn, readImage } from './image.ts'
import { checkedLayer } from './layer.ts'
import { openCarrier } from './open-carrier.ts'

let folder: string
let layers: Buffer[]
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'oi-image-'))
  layers = [await tarOf([{ name: 'a', content: 'first' }]), await tarOf([{ name: 'b', content: 'second' }])]
})
afterEach(async () => {
  await rm(folder, { recursive: true })
})

const path = (name: string) => join(folder, name)
async function put(name: string, bytes: Uint8Array): Promise<string> {
  await writeFile(path(name), bytes)
  return path(name)
}

/** Reads the image at a path and all its layers to their ends. */
async function read(at: string, cache?: Cache) {
  const carrier = await openCarrier(at, limits)
  try {
    const { layers: stored, ...image } = await readImage(carrier, limits)
    const contents: Buffer[] = []
    for (const one of stored) contents.push(Buffer.concat(await Array.fromAsync(await checkedLayer(one, cache, limits).open())))
    return { ...image, contents }
  } finally {
    await carrier.close()
  }
}

describe('an image is read the same', () => {
  it.each(['none', 'gzip', 'zstd'] as const)('from an OCI layout with layers in %s, as a folder and as an archive', async (compression) => {
    const files = layoutFiles([{ layers, compression, name: 'demo:1' }])
    const image = await read(await writeFiles(path('layout'), files))
    const manifest = JSON.parse(files.get('index.json')!.toString()).manifests[0].digest
    expect(image).toEqual({
      digest: manifest,
      names: ['demo:1'],
      createdAt: '2026-01-02T03:04:05Z',
      os: 'linux',
      arch: 'amd64',
      gaps: [],
      contents: layers,
    })
    expect(await read(await put('layout.tar', await archiveOf(files)))).toEqual(image)
    expect(await read(await put('layout.tar.gz', gzipSync(await archiveOf(files))))).toEqual(image)
  })

  it('from docker save', async () => {
    const archive = await archiveOf(savedFiles(layers, ['demo:1', 'demo:latest']))
    expect(await read(await put('saved.tar', archive))).toEqual({
      digest: sha256(configOf(layers)),
      names: ['demo:1', 'demo:latest'],
      createdAt: '2026-01-02T03:04:05Z',
      os: 'linux',
      arch: 'amd64',
      gaps: [],
      contents: layers,
    })
  })

  it('from docker save with a layer that is a link to another', async () => {
    const files = savedFiles([layers[0]!, layers[0]!], ['demo'])
    const [name] = [...files.keys()]
    const manifest = JSON.parse(files.get('manifest.json')!.toString())
    manifest[0].Layers[1] = 'again/layer.tar'
    const entries = [...files].map(([entry, content]) => ({
      name: entry,
      content: entry === 'manifest.json' ? JSON.stringify(manifest) : content,
    }))
    const archive = await tarOf([...entries, { name: 'again/layer.tar', symlink: `../${name!}` }])
    expect((await read(await put('saved.tar', archive))).contents).toEqual([layers[0], layers[0]])
  })
})

describe('layers', () => {
  /** An image whose one layer is stored as given, under a media type. */
  async function layoutWith(layer: Buffer, stored: Buffer, mediaType: string, urls?: unknown): Promise<string> {
    const files = layoutFiles([{ layers: [layer] }])
    const index = JSON.parse(files.get('index.json')!.toString())
    const manifest = JSON.parse(files.get(`blobs/${index.manifests[0].digest.replace(':', '/')}`)!.toString())
    manifest.layers = [{ mediaType, digest: sha256(stored), size: stored.length, urls }]
    const bytes = Buffer.from(JSON.stringify(manifest))
    index.manifests = [{ ...index.manifests[0], digest: sha256(bytes), size: bytes.length }]
    files.set('index.json', Buffer.from(JSON.stringify(index)))
    files.set(`blobs/${sha256(bytes).replace(':', '/')}`, bytes)
    files.set(`blobs/${sha256(stored).replace(':', '/')}`, stored)
    return await writeFiles(path('layout'), files)
  }
  const gzipType = 'application/vnd.oci.image.layer.v1.tar+gzip'

  it('in eStargz: a gzip member for each file, and a table of contents at the end', async () => {
    const toc = JSON.stringify({ version: 1, entries: [{ name: 'a', type: 'reg', size: 5, digest: sha256(Buffer.from('first')) }] })
    const whole = await tarOf([
      { name: '.no.prefetch.landmark', content: '\x0f' },
      { name: 'a', content: 'first' },
      { name: 'stargz.index.json', content: toc },
    ])
    // Members end where entries do; the last is an empty one with the offset of the table in its extra field.
    const cuts = [0, 1024, 2048, whole.length]
    const members = cuts.slice(1).map((end, i) => gzipSync(whole.subarray(cuts[i], end)))
    const extra = Buffer.from('SG\x16\x00' + '0000000000000400' + 'STARGZ', 'latin1')
    const footer = Buffer.concat([
      Buffer.from([0x1f, 0x8b, 8, 4, 0, 0, 0, 0, 0, 0xff, extra.length, 0]),
      extra,
      Buffer.from([1, 0, 0, 0xff, 0xff, 0, 0, 0, 0, 0, 0, 0, 0]),
    ])
    const layout = await layoutWith(whole, Buffer.concat([...members, footer]), gzipType)
    expect((await read(layout)).contents).toEqual([whole])
  })

  it('in zstd of several frames, some of them skipped', async () => {
    const [layer] = layers
    const table = Buffer.concat([Buffer.from([0x50, 0x2a, 0x4d, 0x18, 3, 0, 0, 0]), Buffer.from('toc')])
    const stored = Buffer.concat([zstdCompressSync(layer!.subarray(0, 700)), table, zstdCompressSync(layer!.subarray(700)), table])
    const layout = await layoutWith(layer!, stored, 'application/vnd.oci.image.layer.v1.tar+zstd')
    expect((await read(layout)).contents).toEqual([layer])
  })

  it('by what they are, whatever they are said to be', async () => {
    const [layer] = layers
    expect((await read(await layoutWith(layer!, layer!, gzipType))).contents).toEqual([layer])
  })

  it.each([
    'application/vnd.oci.image.layer.nondistributable.v1.tar+gzip',
    'application/vnd.oci.image.layer.nondistributable.v1.tar',
    'application/vnd.docker.image.rootfs.foreign.diff.tar.gzip',
  ])('that may not be passed on (%s) are read where they are there, and told where not', async (mediaType) => {
    const [layer] = layers
    const stored = gzipSync(layer!)
    const layout = await layoutWith(layer!, stored, mediaType, ['https://layers.example.org/1'])
    expect(await read(layout)).toMatchObject({ contents: [layer], gaps: [] })
    const name = `blobs/${sha256(stored).replace(':', '/')}`
    await rm(join(layout, name))
    const reason = `${absent}; its manifest says it can be had from https://layers.example.org/1`
    expect(await read(layout)).toMatchObject({ contents: [], gaps: [{ path: name, extractor: 'image', reason }] })
  })

  const absent = 'a layer that may not be passed on (foreign, non-distributable) and is not there: what it holds was not looked at'
  it.each([
    ['no address', undefined, absent],
    ['what is no list', 'https://layers.example.org/1', absent],
    ['what is no address', ['', '../etc', 'not an address'], absent],
    [
      'secrets, and tricks of terminals',
      ['https://ann:hunter2@layers.example.org/1\u001b[2J?key=hunter2#hunter2'],
      `${absent}; its manifest says it can be had from https://layers.example.org/1%1B[2J`,
    ],
    [
      'more than a person reads',
      Array.from({ length: 10_000 }, (_, i) => `https://layers.example.org/${i}/${'x'.repeat(500)}`),
      `${absent}; its manifest says it can be had from ${[0, 1, 2].map((i) => `https://layers.example.org/${i}/`.padEnd(200, 'x')).join(', ')}`,
    ],
  ])('that may not be passed on, and have as their addresses %s', async (_, urls, reason) => {
    const stored = gzipSync(layers[0]!)
    const layout = await layoutWith(layers[0]!, stored, 'application/vnd.docker.image.rootfs.foreign.diff.tar.gzip', urls)
    await rm(join(layout, `blobs/${sha256(stored).replace(':', '/')}`))
    expect((await read(layout)).gaps.map((gap) => gap.reason)).toEqual([reason])
  })
})

describe('of several', () => {
  it('shows a hundred names, and none that is no name', async () => {
    const names = Array.from({ length: 150 }, (_, i) => `demo:${i}`)
    const file = await put('many.tar', await archiveOf(savedFiles(layers, ['x'.repeat(513), ...names])))
    expect((await read(file)).names).toEqual(names.slice(0, 100))
  })
  const ours = arch() === 'x64' ? 'amd64' : arch()
  it("takes this machine's platform and tells the others", async () => {
    const files = layoutFiles([
      { layers: [layers[1]!], platform: { os: 'linux', architecture: 's390x' } },
      { layers: [layers[0]!], platform: { os: 'linux', architecture: ours } },
      { layers: [layers[1]!], platform: { os: 'unknown', architecture: 'unknown' } },
    ])
    const [other] = JSON.parse(files.get('index.json')!.toString()).manifests
    const image = await read(await writeFiles(path('layout'), files))
    expect([image.arch, image.contents]).toEqual([ours, [layers[0]]])
    expect(image.gaps).toEqual([
      {
        path: `blobs/${other.digest.replace(':', '/')}`,
        extractor: 'image',
        reason: `another image of the index, not looked at: linux/s390x, ${other.digest}`,
      },
    ])
  })

  it('takes the first of docker save and tells the others', async () => {
    const one = savedFiles([layers[0]!], ['one:1'])
    const two = savedFiles([layers[1]!], ['two:1'])
    const manifests = [one, two].flatMap((files) => JSON.parse(files.get('manifest.json')!.toString()))
    const files = new Map([...one, ...two, ['manifest.json', Buffer.from(JSON.stringify(manifests))] as const])
    const image = await read(await put('saved.tar', await archiveOf(files)))
    expect([image.names, image.contents]).toEqual([['one:1'], [layers[0]]])
    expect(image.gaps.map(({ reason }) => reason)).toEqual(['another image of the archive, not looked at: two:1'])
  })

  const digestsOf = (files: Map<string, Buffer>): string[] =>
    JSON.parse(files.get('index.json')!.toString()).manifests.map(({ digest }: { digest: string }) => digest)
  /** Opens the carrier for one thing. */
  async function using<T>(at: string, use: (carrier: Carrier) => Promise<T>): Promise<T> {
    const carrier = await openCarrier(at, limits)
    try {
      return await use(carrier)
    } finally {
      await carrier.close()
    }
  }
  const list = (at: string, most: Partial<Limits> = {}) => using(at, (carrier) => imagesIn(carrier, { ...limits, ...most }))
  const chosen = (at: string, choice: Choice) => using(at, (carrier) => readImage(carrier, limits, choice))

  it('lists every platform once, those of inner indexes too, and nothing that attests; each is read by its digest', async () => {
    const files = layoutFiles([
      { layers: [layers[0]!], platform: { os: 'linux', architecture: 's390x' } },
      { layers: [layers[1]!], platform: { os: 'linux', architecture: 'riscv64' } },
      { layers: [layers[1]!], platform: { os: 'unknown', architecture: 'unknown' } },
    ])
    const [first, second] = digestsOf(files)
    const inner = files.get('index.json')!
    files.set(`blobs/${sha256(inner).replace(':', '/')}`, inner)
    const { manifests } = JSON.parse(inner.toString())
    const annotations = { 'org.opencontainers.image.ref.name': 'demo:2' }
    const nested = { mediaType: 'application/vnd.oci.image.index.v1+json', digest: sha256(inner), size: inner.length, annotations }
    files.set('index.json', Buffer.from(JSON.stringify({ manifests: [manifests[1], nested, nested] })))
    const at = await writeFiles(path('layout'), files)
    expect(await list(at)).toEqual([second, first])
    expect(await chosen(at, { digest: first })).toMatchObject({ digest: first, names: ['demo:2'], arch: 's390x', gaps: [] })
    await expect(chosen(at, { digest: sha256(Buffer.from('other')) })).rejects.toThrow(/has no image sha256:/)
    await expect(list(at, { images: 2 })).rejects.toThrow('lists more than 2 images and indexes')
    await expect(list(at, { indexDepth: 1 })).rejects.toThrow('nests image indexes more than 1 deep')
  })

  it('lists the images of docker save, and reads each by the digest of its configuration, or by its platform', async () => {
    const one = savedFiles([layers[0]!], ['one:1'])
    const two = savedFiles([layers[1]!], ['two:1'])
    const manifests = [one, one, two].flatMap((files) => JSON.parse(files.get('manifest.json')!.toString()))
    const files = new Map([...one, ...two, ['manifest.json', Buffer.from(JSON.stringify(manifests))] as const])
    const at = await put('saved.tar', await archiveOf(files))
    const digests = [layers[0]!, layers[1]!].map((layer) => sha256(configOf([layer])))
    expect(await list(at)).toEqual(digests)
    expect(await chosen(at, { digest: digests[1] })).toMatchObject({ digest: digests[1], names: ['two:1'], gaps: [] })
    expect(await chosen(at, { wanted: { os: 'linux', architecture: 'amd64' } })).toMatchObject({ names: ['one:1'], gaps: [] })
    await expect(chosen(at, { digest: sha256(layers[0]!) })).rejects.toThrow(/has no image sha256:/)
    await expect(chosen(at, { wanted: { os: 'linux', architecture: 's390x' } })).rejects.toThrow(
      'has no image for linux/s390x; it has linux/amd64',
    )
    await expect(list(at, { images: 2 })).rejects.toThrow('lists more than 2 images')
    await expect(list(await put('none.tar', await archiveOf(new Map())))).rejects.toThrow('is no image: expected index.json')
  })

  it('follows an index in an index, but not for ever', async () => {
    const files = layoutFiles([{ layers }])
    const nest = (times: number) => {
      for (let i = 0; i < times; i++) {
        const inner = files.get('index.json')!
        files.set(`blobs/${sha256(inner).replace(':', '/')}`, inner)
        const manifests = [{ mediaType: 'application/vnd.oci.image.index.v1+json', digest: sha256(inner), size: inner.length }]
        files.set('index.json', Buffer.from(JSON.stringify({ manifests })))
      }
    }
    nest(2)
    expect((await read(await writeFiles(path('twice'), files))).contents).toEqual(layers)
    nest(3)
    await expect(read(await writeFiles(path('often'), files))).rejects.toThrow('nests image indexes more than 4 deep')
  })
})

describe('refuses in clear words', () => {
  type Files = Map<string, Buffer>
  const change = (files: Files, name: string, to: (bytes: Buffer) => Buffer | undefined) => {
    const changed = to(files.get(name)!)
    if (changed === undefined) files.delete(name)
    else files.set(name, changed)
  }
  /** The blob that has what the others do not have. */
  const blobWith = (files: Files, text: string) => [...files].find(([name, bytes]) => name.startsWith('blobs/') && bytes.includes(text))![0]
  const layerBlob = (files: Files) =>
    `blobs/${JSON.parse(files.get(blobWith(files, '"schemaVersion"'))!.toString()).layers[0].digest.replace(':', '/')}`
  const rewriteManifest = (files: Files, edit: (manifest: { layers: { mediaType: string }[]; config: { mediaType: string } }) => void) => {
    const manifest = JSON.parse(files.get(blobWith(files, '"schemaVersion"'))!.toString())
    edit(manifest)
    const bytes = Buffer.from(JSON.stringify(manifest))
    const index = JSON.parse(files.get('index.json')!.toString())
    index.manifests[0].digest = sha256(bytes)
    files.set(`blobs/${sha256(bytes).replace(':', '/')}`, bytes).set('index.json', Buffer.from(JSON.stringify(index)))
  }
  const cases: readonly [string, (files: Files) => void, RegExp][] = [
    ['no image at all', (files) => files.clear(), /is no image: expected index\.json \(OCI layout\) or manifest\.json \(docker save\)/],
    ['an index that is no JSON', (files) => files.set('index.json', Buffer.from('{')), /index\.json is not JSON/],
    ['an index that lists nothing', (files) => files.set('index.json', Buffer.from('{"manifests":[]}')), /lists no image/],
    [
      'an index with an absurd digest',
      (files) => files.set('index.json', Buffer.from('{"manifests":[{"mediaType":"x","digest":"../../etc","size":1}]}')),
      /index\.json is not as expected/,
    ],
    ['a huge index', (files) => files.set('index.json', Buffer.alloc(9 << 20, 0x20)), /9437184 bytes, at most 8388608/],
    [
      'a missing manifest',
      (files) => change(files, blobWith(files, '"schemaVersion"'), () => undefined),
      /has no blobs\/sha256\/[0-9a-f]{64}, which its application\/vnd\.oci\.image\.manifest/,
    ],
    [
      'a changed manifest',
      (files) => change(files, blobWith(files, '"schemaVersion"'), (bytes) => Buffer.concat([bytes, Buffer.from(' ')])),
      /is damaged: its digest is sha256:/,
    ],
    ['a missing layer', (files) => change(files, layerBlob(files), () => undefined), /a layer of its image/],
    [
      'a layer of another size',
      (files) => change(files, layerBlob(files), (bytes) => bytes.subarray(1)),
      /has \d+ bytes, its manifest says \d+/,
    ],
    [
      'a layer with a changed byte',
      (files) => change(files, layerBlob(files), flipped),
      /layer sha256:[0-9a-f]{64}.* (?:is damaged|is not whole gzip data)/,
    ],
    [
      'a layer of an unknown type',
      (files) =>
        rewriteManifest(files, ({ layers: [first] }) => {
          first!.mediaType = 'application/vnd.oci.image.layer.v1.tar+gzip+encrypted'
        }),
      /cannot read a layer of type .*encrypted/,
    ],
    [
      'an artifact',
      (files) =>
        rewriteManifest(files, ({ config }) => {
          config.mediaType = 'application/vnd.cncf.helm.config.v1+json'
        }),
      /holds no container image but application\/vnd\.cncf\.helm/,
    ],
    [
      'fewer layers than the configuration says',
      (files) =>
        rewriteManifest(files, (manifest) => {
          manifest.layers.pop()
        }),
      /the manifest names 1 layers, the configuration 2/,
    ],
  ]
  it.each(cases)('%s', async (_, damage, message) => {
    const files = layoutFiles([{ layers }])
    damage(files)
    files.set('oci-layout', Buffer.from('{}'))
    await expect(read(await writeFiles(path('layout'), files))).rejects.toThrow(message)
    await expect(read(await put('layout.tar', await archiveOf(files)))).rejects.toThrow(message)
  })

  it('a layer whose content is not what the configuration says', async () => {
    const saved = savedFiles(layers, ['demo'])
    const [name] = [...saved.keys()]
    saved.set(name!, await tarOf([{ name: 'a', content: 'other' }]))
    await expect(read(await put('saved.tar', await archiveOf(saved)))).rejects.toThrow(/uncompressed content is damaged: expected sha256:/)
  })

  it('nothing there, a truncated archive, rubbish', async () => {
    await expect(read(path('absent'))).rejects.toThrow('image: there is nothing readable at')
    const archive = await archiveOf(
      layoutFiles([{ layers: [await tarOf([{ name: 'big', content: 'x'.repeat(5000) }])], compression: 'none' }]),
    )
    await expect(read(await put('cut.tar', archive.subarray(0, archive.length >> 1)))).rejects.toThrow(
      /is truncated: its last entry ends at byte \d+, the file at \d+/,
    )
    await expect(read(await put('saved.tar.xz', Buffer.from('\xfd7zXZ\0', 'latin1')))).rejects.toThrow(
      'is packed with xz: expected an image as it is, in gzip or zstd',
    )
    await expect(read(await put('rubbish.tar', Buffer.alloc(2000, 7)))).rejects.toThrow('is not a whole tar archive')
    await expect(read(await put('empty.tar', Buffer.alloc(0)))).rejects.toThrow('is no image')
    await expect(read(await put('cut.tar.gz', gzipSync(archive).subarray(0, 100)))).rejects.toThrow('is not whole gzip data')
  })
})

const flipped = (bytes: Buffer): Buffer => {
  const changed = Buffer.from(bytes)
  changed[changed.length >> 1]! ^= 0xff
  return changed
}

describe('a layer is verified', () => {
  const memory = (): Cache & { readonly keys: () => readonly string[] } => {
    const held = new Map<string, Uint8Array>()
    return { get: async (key) => held.get(key), set: async (key, value) => void held.set(key, value), keys: () => [...held.keys()] }
  }
  async function verify(at: string, cache: Cache): Promise<void> {
    const carrier = await openCarrier(at, limits)
    try {
      const image = await readImage(carrier, limits)
      for (const one of image.layers) await checkedLayer(one, cache, limits).verify()
    } finally {
      await carrier.close()
    }
  }
  /** Damages a file without changing its size or time of change of content: only the change time tells. */
  async function damage(file: string, at: number): Promise<void> {
    const { mtime, atime, size } = await stat(file)
    const handle = await open(file, 'r+')
    await handle.write(Buffer.from([0xee]), 0, 1, at)
    await handle.close()
    await utimes(file, atime, mtime)
    expect((await stat(file)).size).toBe(size)
  }

  it('by its file being the one that was read, and anew when it is not', async () => {
    const file = await put('saved.tar', await archiveOf(savedFiles(layers, ['demo'])))
    const cache = memory()
    await read(file, cache)
    await verify(file, cache)
    await damage(file, 513)
    await expect(verify(file, cache)).rejects.toThrow('uncompressed content is damaged')
  })

  it('in a layout file by file, and by its stored bytes in another layout', async () => {
    const files = layoutFiles([{ layers }])
    const layout = await writeFiles(path('layout'), files)
    const cache = memory()
    await read(layout, cache)
    await rename(layout, path('moved'))
    await verify(path('moved'), cache)
    const known = cache.keys().length
    await verify(path('moved'), cache)
    expect(cache.keys().length).toBe(known)
    const [name] = [...files.keys()].filter((key) => files.get(key)![0] === 0x1f)
    await damage(join(path('moved'), name!), 20)
    await expect(verify(path('moved'), cache)).rejects.toThrow(/stored content is damaged/)
  })

  it('never by a cache that has not seen it', async () => {
    const files = layoutFiles([{ layers }])
    const layout = await writeFiles(path('layout'), files)
    const [name] = [...files.keys()].filter((key) => files.get(key)![0] === 0x1f)
    await damage(join(layout, name!), 20)
    await expect(verify(layout, memory())).rejects.toThrow(/is damaged|is not whole gzip data/)
  })

  it('against an archive cut short while it is open', async () => {
    const file = await put('saved.tar', await archiveOf(savedFiles(layers, ['demo'])))
    const carrier = await openCarrier(file, limits)
    const image = await readImage(carrier, limits)
    await truncate(file, 600)
    await expect(checkedLayer(image.layers[0]!, memory(), limits).verify()).rejects.toThrow('is truncated')
    await carrier.close()
  })
})
