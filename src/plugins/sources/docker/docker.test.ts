import { gunzipSync, gzipSync } from 'node:zlib'
import { mkdir, mkdtemp, readdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { archiveOf, savedFiles, tarOf } from '../../../../test/archives.ts'
import { writeDockerStore } from '../../../../test/docker-store.ts'
import { extractLayers } from '../../../core/extraction/index.ts'
import { folderCache } from '../../../kit/folder-cache.ts'
import type { Cache } from '../../../model/seams.ts'
import { npm } from '../../ecosystems/npm/index.ts'
import { image } from '../image/index.ts'
import { docker } from './index.ts'

const scope = { account: '000000000000', region: 'us-east-1' }
const both = ['pkg:npm/left-pad@1.3.0', 'pkg:npm/right-pad@1.3.0']
let root: string
let layers: readonly Buffer[]
let id: string
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'oi-docker-'))
  layers = [
    await tarOf([
      ...packageOf('left-pad'),
      { name: 'app/noise', content: Buffer.alloc(600_000, 'noise') },
      { name: 'link', symlink: 'app' },
    ]),
    await tarOf([...packageOf('right-pad'), { name: 'app/.wh.noise' }]),
  ]
  id = await writeDockerStore(root, layers, ['shop:1', 'shop:latest'])
})
afterEach(async () => {
  await rm(root, { recursive: true })
})

const packageOf = (name: string) => [
  { name: 'app/' },
  { name: `app/node_modules/${name}/package.json`, content: JSON.stringify({ name, version: '1.3.0' }) },
]

async function scan(name: string, cache?: Cache) {
  const opened = await docker.open({ scheme: 'docker', value: `${name}?root=${root}` }, { ...scope, ...(cache && { cache }) })
  const collected = await opened.collect()
  const { occurrences, gaps } = await extractLayers(collected.layers, npm.extractors, cache ? { cache } : {})
  return { resource: opened.resource, watch: opened.watch, purls: occurrences.map(({ component }) => component.purl), gaps }
}
/** Of the first layer. */
async function splitPath(): Promise<string> {
  const places = join(root, 'image/overlay2/layerdb/sha256')
  for (const place of await readdir(places))
    if ((await readFile(join(places, place, 'cache-id'), 'utf8')) === 'layer0') return join(places, place, 'tar-split.json.gz')
  throw new Error('no such layer')
}
async function changeSplit(change: (text: string) => string): Promise<void> {
  const path = await splitPath()
  await writeFile(path, gzipSync(change(gunzipSync(await readFile(path)).toString())))
}

it('all images of a store are those with a name, and those on which none was built', async () => {
  const at = (...steps: string[]) => join(root, 'image/overlay2/imagedb', ...steps)
  const [step, top, lost] = ['a', 'b', 'c'].map((letter) => letter.repeat(64))
  for (const hex of [step!, top!]) await writeFile(at('content/sha256', hex), '{}')
  // As Docker's old builder leaves them: the named image upon a step, and another that lost its name upon the named one.
  for (const [hex, parent] of [
    [id.slice(7), `sha256:${step}`],
    [top!, id],
  ]) {
    await mkdir(at('metadata/sha256', hex!), { recursive: true })
    await writeFile(at('metadata/sha256', hex!, 'parent'), parent!)
  }
  const names = join(root, 'image/overlay2/repositories.json')
  const { Repositories } = JSON.parse(await readFile(names, 'utf8'))
  await writeFile(names, JSON.stringify({ Repositories: { ...Repositories, odd: { 'odd:1': 'no id', 'odd:2': `sha256:${lost}` } } }))
  const where = `?root=${root}`
  expect(['', where].map(docker.several.has)).toEqual([true, true])
  expect(['shop', `shop${where}`, id].map(docker.several.has)).toEqual([false, false, false])
  expect(await docker.several.list(where)).toEqual({
    values: ['odd:1', id, `sha256:${top}`, `sha256:${lost}`].sort().map((name) => name + where),
    watch: [names],
  })
  await expect(docker.several.list(`${where}/absent`)).rejects.toThrow('expected a store of Docker')
  await expect(docker.several.list('?x=1')).rejects.toThrow('or nothing for all images, each also with ?root=PATH')
})

describe('an image in the store of Docker', () => {
  it.each(['shop', 'shop:1', 'docker.io/library/shop:1', 'sha256'])('is found by %s, and is what docker save writes', async (name) => {
    const found = await scan(name === 'sha256' ? id : name)
    expect(found).toEqual({
      resource: {
        arn: `urn:openinspector:image:${id}`,
        id: 'shop:1',
        type: 'OPENINSPECTOR_CONTAINER_IMAGE',
        ...scope,
        tags: {},
        facts: {
          ...{ imageDigest: id, imageNames: ['shop:1', 'shop:latest'], imageCreatedAt: '2026-01-02T03:04:05Z' },
          ...{ platform: 'linux', arch: 'amd64' },
        },
      },
      watch: [join(root, 'image/overlay2/repositories.json')],
      purls: both,
      gaps: [],
    })
    await writeFile(join(root, 'saved.tar'), await archiveOf(savedFiles(layers, ['shop:1'])))
    const saved = await image.open({ scheme: 'image', value: join(root, 'saved.tar') }, scope)
    expect(saved.resource.arn).toBe(found.resource.arn)
    await saved.close()
  })

  it('is put together to the byte, and not read again', async () => {
    const opened = await docker.open({ scheme: 'docker', value: `shop?root=${root}` }, scope)
    const contents: Buffer[] = []
    for (const layer of (await opened.collect()).layers) contents.push(Buffer.concat(await Array.fromAsync(await layer.open())))
    expect(contents.map((content, i) => content.equals(layers[i]!))).toEqual([true, true])
    const cache = folderCache(join(root, 'cache'))
    const cold = await scan('shop', cache)
    await rm(join(root, 'overlay2/layer0/diff/app'), { recursive: true })
    // Docker's own folder changed with it, so that it is looked at anew.
    await expect(scan('shop', cache)).rejects.toThrow('is not there, or is a link')
    expect(cold.purls).toEqual(both)
  })

  it('is told by the others when it is not there', async () => {
    await expect(scan('other')).rejects.toThrow(`docker: ${root} has no image other; it has shop:1, shop:latest`)
    await rm(join(root, 'image'), { recursive: true })
    await expect(scan('shop')).rejects.toThrow("expected a store of Docker's driver overlay2")
    await expect(docker.open({ scheme: 'docker', value: 'shop?tag=1' }, scope)).rejects.toThrow('docker: expected NAME[:TAG]')
  })
})

describe('a store that was tampered with', () => {
  it('with a file that is not what it was', async () => {
    await writeFile(join(root, 'overlay2/layer0/diff/app/noise'), Buffer.alloc(600_000, 'other'))
    await expect(scan('shop')).rejects.toThrow('uncompressed content is damaged')
  })

  it('with a file that is shorter', async () => {
    await writeFile(join(root, 'overlay2/layer0/diff/app/noise'), 'short')
    await expect(scan('shop')).rejects.toThrow('app/noise has 5 bytes, its layer says 600000')
  })

  it('with links that lead out', async () => {
    const diff = join(root, 'overlay2/layer0/diff')
    await rename(join(diff, 'app'), join(root, 'elsewhere'))
    await symlink(join(root, 'elsewhere'), join(diff, 'app'))
    await expect(scan('shop')).rejects.toThrow('is not there, or is a link')
    await rm(join(diff, 'app'))
    await mkdir(join(diff, 'app'))
    await symlink(join(root, 'elsewhere/noise'), join(diff, 'app/noise'))
    await rename(join(root, 'elsewhere/node_modules'), join(diff, 'app/node_modules'))
    await expect(scan('shop')).rejects.toThrow('app/noise cannot be read: ELOOP')
  })

  it.each([
    [
      'names that lead out',
      (text: string) => text.replace(/"name":"[^"]*"/, '"name":"../../../etc/passwd"'),
      'names a file that leads out of its layer',
    ],
    ['lines that are none', () => 'hello\n', 'is no entry of a tar-split file'],
    ['sizes that are none', (text: string) => text.replace(/"size":\d+/, '"size":-1'), 'is no entry of a tar-split file'],
    ['a line without end', () => 'x'.repeat(17 << 20), 'has a line of more than 16777216 bytes'],
    ['lines left out', (text: string) => text.split('\n').slice(0, 2).join('\n'), /is damaged|is not a whole tar archive/],
  ])('with %s', async (_, change, words) => {
    await changeSplit(change)
    await expect(scan('shop')).rejects.toThrow(words)
  })

  it('with another configuration', async () => {
    await writeFile(join(root, 'image/overlay2/imagedb/content/sha256', id.slice(7)), '{}')
    await expect(scan('shop')).rejects.toThrow('the configuration of shop is damaged')
  })

  it('with a folder that is none of its own', async () => {
    await writeFile(join(await splitPath(), '../cache-id'), '../../etc')
    await expect(scan('shop')).rejects.toThrow('expected the name of a folder in cache-id')
  })
})
