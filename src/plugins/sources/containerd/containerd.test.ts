import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { arch, tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { layoutFiles, sha256, tarOf, writeFiles } from '../../../../test/archives.ts'
import { containerdStore } from '../../../../test/containerd-store.ts'
import { extractLayers } from '../../../core/extraction/index.ts'
import { npm } from '../../ecosystems/npm/index.ts'
import { containerd } from './index.ts'

const scope = { account: '000000000000', region: 'us-east-1' }
let root: string
let manifests: readonly string[]
let index: string
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'oi-containerd-'))
  const layer = await tarOf([{ name: 'app/node_modules/left-pad/package.json', content: '{"name":"left-pad","version":"1.3.0"}' }])
  const files = layoutFiles([
    { layers: [await tarOf([])], platform: { os: 'linux', architecture: 's390x' } },
    { layers: [layer], platform: { os: 'linux', architecture: arch() === 'x64' ? 'amd64' : arch() } },
  ])
  const bytes = files.get('index.json')!
  manifests = (JSON.parse(bytes.toString()) as { manifests: { digest: string }[] }).manifests.map(({ digest }) => digest)
  index = sha256(bytes)
  files.set(`blobs/${index.replace(':', '/')}`, bytes)
  // There is none in a content store; whoever puts one there is not asked.
  files.set('index.json', Buffer.from('{}'))
  await writeFiles(join(root, 'io.containerd.content.v1.content'), files)
})
afterEach(async () => {
  await rm(root, { recursive: true })
})

const open = (digest: string) => containerd.open({ scheme: 'containerd', value: `${digest}?root=${root}` }, scope)

it('reads an image by the digest of its index, or of its manifest', async () => {
  for (const digest of [index, manifests[1]!]) {
    const opened = await open(digest)
    const { layers, gaps } = await opened.collect()
    const { occurrences } = await extractLayers(layers, npm.extractors)
    expect([opened.resource.arn, opened.resource.facts.imageDigest]).toEqual([`urn:openinspector:image:${manifests[1]}`, manifests[1]])
    expect([occurrences.map(({ component }) => component.purl), gaps]).toEqual([['pkg:npm/left-pad@1.3.0'], []])
  }
  expect((await open(manifests[0]!)).resource.facts.arch).toBe('s390x')
})

it('all images of a store are the manifests that are there, of every platform', async () => {
  const blob = async (content: string | Buffer) => {
    const digest = sha256(Buffer.from(content))
    await writeFile(join(root, 'io.containerd.content.v1.content/blobs', digest.replace(':', '/')), content)
    return digest
  }
  const oci = 'application/vnd.oci.image'
  const manifestOf = (config: string, layer: string) => JSON.stringify({ config: { mediaType: config }, layers: [{ mediaType: layer }] })
  await blob(manifestOf('application/vnd.cncf.helm.config.v1+json', `${oci}.layer.v1.tar+gzip`))
  await blob(manifestOf(`${oci}.config.v1+json`, 'application/vnd.in-toto+json'))
  await blob(Buffer.alloc(9 << 20, '{'))
  await blob('')
  const damaged = await blob('{"config":')
  const where = `?root=${root}`
  expect(['', where].map(containerd.several.has)).toEqual([true, true])
  expect([index, `${index}${where}`].map(containerd.several.has)).toEqual([false, false])
  const values = [...manifests, damaged].sort().map((digest) => digest + where)
  expect(await containerd.several.list(where)).toEqual({
    values,
    watch: [join(root, 'io.containerd.content.v1.content/blobs/sha256'), join(root, 'io.containerd.metadata.v1.bolt/meta.db')],
  })
  await expect(open(damaged)).rejects.toThrow('is not JSON')
  await expect(containerd.several.list(`${where}/absent`)).rejects.toThrow('expected a content store of containerd')
})

it('says what is not there, and what is damaged', async () => {
  const unknown = `sha256:${'0'.repeat(64)}`
  await expect(open(unknown)).rejects.toThrow(`has no ${unknown}`)
  await expect(open('alpine:3.20')).rejects.toThrow('meta.db, where names are, cannot be read (ENOENT)')
  await expect(containerd.open({ scheme: 'containerd', value: `${index}?root=${root}/absent` }, scope)).rejects.toThrow(
    'expected a content store of containerd',
  )
  await writeFile(join(root, 'io.containerd.content.v1.content/blobs', index.replace(':', '/')), '{"manifests":[]}')
  await expect(open(index)).rejects.toThrow('is damaged: its digest is')
})

describe('a store that containerd wrote', () => {
  const digests = [
    'sha256:6057e16bb862bac584dcedce7ff8e8e6621c931f31d9340fd44d7d07b9c72938',
    'sha256:6c1f136b0e03aef95bd55988907187bb9491967aa88fb192629c8868942d5dd7',
  ]
  let real: string
  beforeEach(async () => {
    real = join(root, 'real')
    await containerdStore(real)
  })
  const named = (value: string) => containerd.open({ scheme: 'containerd', value }, scope)

  it('has its images by their names, of any namespace or one', async () => {
    for (const value of [
      `example.org/shop:1?root=${real}`,
      `example.org/shop:stable?root=${real}`,
      `example.org/shop:1?root=${real}&namespace=default`,
      `example.org/shop:1@${digests[0]}?root=${real}`,
    ]) {
      const { resource } = await named(value)
      const name = value.replace(/[@?].*/s, '')
      expect([resource.id, resource.facts.imageNames]).toEqual([name, [name]])
      expect(digests).toContain(resource.facts.imageDigest)
    }
    await expect(named(`example.org/shop:stable?root=${real}&namespace=default`)).rejects.toThrow(
      `containerd: ${real} has no image example.org/shop:stable; it has example.org/shop:1`,
    )
    await expect(named(`shop?root=${real}`)).rejects.toThrow(/has no image shop; it has example\.org\/shop:1, .* and 42 more$/)
  })

  it('lists them under the name by which a person knows them', async () => {
    const { values } = await containerd.several.list(`?root=${real}`)
    expect(values).toEqual(digests.map((digest) => `example.org/shop:1@${digest}?root=${real}`))
    expect((await containerd.several.list(`?namespace=default&root=${real}`)).values).toHaveLength(2)
    expect((await containerd.several.list(`?namespace=other&root=${real}`)).values).toEqual([])
  })

  it('has images without names where names cannot be read, but none of a namespace', async () => {
    await writeFile(join(real, 'io.containerd.metadata.v1.bolt/meta.db'), 'rubbish')
    expect((await containerd.several.list(`?root=${real}`)).values).toEqual(digests.map((digest) => `${digest}?root=${real}`))
    await expect(containerd.several.list(`?root=${real}&namespace=default`)).rejects.toThrow('is no bolt database as expected')
    await expect(named(`example.org/shop:1?root=${real}`)).rejects.toThrow('is no bolt database as expected')
  })
})

it.each(['?', '?root=', '?x=1', 'shop?root=/a&root=/b', `${'x'.repeat(600)}`])('refuses %.20s', async (value) => {
  await expect(containerd.open({ scheme: 'containerd', value }, scope)).rejects.toThrow(
    'containerd: expected NAME[:TAG], sha256:<64 hex digits>',
  )
})
