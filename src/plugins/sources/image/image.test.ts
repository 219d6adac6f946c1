import { gunzipSync, gzipSync } from 'node:zlib'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { archiveOf, layoutFiles, savedFiles, sha256, tarOf, writeFiles } from '../../../../test/archives.ts'
import { extractLayers } from '../../../core/extraction/index.ts'
import { folderCache } from '../../../kit/folder-cache.ts'
import type { Occurrence } from '../../../model/component.ts'
import type { Cache } from '../../../model/seams.ts'
import { ecosystems } from '../../ecosystems/index.ts'
import { image } from './index.ts'

const extractors = ecosystems.flatMap((ecosystem) => ecosystem.extractors)
let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'oi-source-'))
})
afterEach(async () => {
  await rm(folder, { recursive: true })
})

async function scan(path: string, cache?: Cache) {
  const opened = await image.open(
    { scheme: 'image', value: path },
    { account: '000000000000', region: 'us-east-1', ...(cache && { cache }) },
  )
  try {
    const { layers, gaps } = await opened.collect()
    const inventory = await extractLayers(layers, extractors, { ...(cache && { cache }) })
    return { resource: opened.resource, ...inventory, gaps: [...gaps, ...inventory.gaps] }
  } finally {
    await opened.close()
  }
}

const stanza = (name: string, version: string) =>
  `Package: ${name}\nStatus: install ok installed\nArchitecture: amd64\nVersion: ${version}\n\n`

/** A small Debian: merged /usr, a package in the first layer, another and an npm package of its own in the second. */
async function debianLayers(): Promise<Buffer[]> {
  const bash = stanza('bash', '5.2-1')
  return [
    await tarOf([
      { name: './' },
      { name: './lib', symlink: 'usr/lib' },
      { name: './etc/os-release', symlink: '../usr/lib/os-release' },
      { name: './usr/lib/os-release', content: 'ID=debian\nVERSION_ID="12"\n' },
      { name: './var/lib/dpkg/status', content: bash },
    ]),
    await tarOf([
      { name: 'var/lib/dpkg/status', content: bash + stanza('node-semver', '7.3-1') },
      { name: 'var/lib/dpkg/info/node-semver.list', content: '/.\n/usr\n/usr/share/nodejs/semver/package.json\n' },
      { name: 'usr/share/nodejs/semver/package.json', content: '{"name":"semver","version":"7.3.0"}' },
      { name: 'app/node_modules/left-pad/package.json', content: '{"name":"left-pad","version":"1.3.0"}' },
    ]),
  ]
}
const short = ({ component: c, at, ownedBy }: Occurrence) => [c.purl, c.distro, at.path, at.layer, ownedBy]

describe('an image of Debian with npm packages', () => {
  it('gives the same inventory from every carrier', async () => {
    const layers = await debianLayers()
    const layout = layoutFiles([{ layers, name: 'demo:1' }])
    const { resource, occurrences, gaps, os } = await scan(await writeFiles(join(folder, 'layout'), layout))
    const manifest = JSON.parse(layout.get('index.json')!.toString()).manifests[0].digest
    expect(resource).toEqual({
      arn: `urn:openinspector:image:${manifest}`,
      id: 'demo:1',
      type: 'OPENINSPECTOR_CONTAINER_IMAGE',
      account: '000000000000',
      region: 'us-east-1',
      tags: {},
      facts: {
        ...{ path: join(folder, 'layout'), imageDigest: manifest, imageNames: ['demo:1'], imageCreatedAt: '2026-01-02T03:04:05Z' },
        ...{ platform: 'linux', arch: 'amd64' },
      },
    })
    const config = JSON.parse([...layout.values()].find((bytes) => bytes.includes('diff_ids'))!.toString())
    const [first, second] = config.rootfs.diff_ids
    expect([gaps, os]).toEqual([[], { id: 'debian', version: '12' }])
    expect(occurrences.map(short)).toEqual([
      ['pkg:deb/debian/bash@5.2-1?arch=amd64', 'debian:12', 'var/lib/dpkg/status', first, undefined],
      ['pkg:deb/debian/node-semver@7.3-1?arch=amd64', 'debian:12', 'var/lib/dpkg/status', second, undefined],
      ['pkg:npm/left-pad@1.3.0', undefined, 'app/node_modules/left-pad/package.json', second, undefined],
      ['pkg:npm/semver@7.3.0', undefined, 'usr/share/nodejs/semver/package.json', second, 'node-semver'],
    ])
    const archive = await archiveOf(layout)
    await writeFile(join(folder, 'layout.tar'), archive)
    await writeFile(join(folder, 'layout.tar.gz'), gzipSync(archive))
    await writeFile(join(folder, 'saved.tar'), await archiveOf(savedFiles(layers, ['demo:1'])))
    for (const name of ['layout.tar', 'layout.tar.gz', 'saved.tar'])
      expect((await scan(join(folder, name))).occurrences).toEqual(occurrences)
  })

  it('is the same from the cache, in another carrier too', async () => {
    const layers = await debianLayers()
    const cache = folderCache(join(folder, 'cache'))
    await writeFile(join(folder, 'saved.tar'), await archiveOf(savedFiles(layers, ['demo:1'])))
    const cold = await scan(join(folder, 'saved.tar'), cache)
    expect(await scan(join(folder, 'saved.tar'), cache)).toEqual(cold)
    const records = (await readdir(join(folder, 'cache'))).length
    const other = await scan(await writeFiles(join(folder, 'layout'), layoutFiles([{ layers }])), cache)
    expect(other.occurrences).toEqual(cold.occurrences)
    // Two layers verified, each as this file and as these stored bytes; no layer extracted again.
    expect((await readdir(join(folder, 'cache'))).length).toBe(records + 4)
  })
})

it.each(['estargz.tar.gz', 'estargz-prefetch.tar.gz'])(
  'takes what eStargz adds to a layer (%s) for no software, nor for a gap or an unknown program',
  async (name) => {
    const stored = await readFile(join(import.meta.dirname, 'fixtures', name))
    const layers = [gunzipSync(stored)]
    expect(layers[0]!.toString('latin1')).toMatch(/\.(?:no\.)?prefetch\.landmark.*stargz\.index\.json/s)
    const layout = await writeFiles(join(folder, 'layout'), layoutFiles([{ layers, press: () => stored }]))
    const { resource: _, occurrences, ...rest } = await scan(layout)
    expect(occurrences.map(short)).toEqual([
      ['pkg:deb/debian/bash@5.2-1?arch=amd64', 'debian:12', 'var/lib/dpkg/status', sha256(layers[0]!), undefined],
      ['pkg:npm/left-pad@1.3.0', undefined, 'app/node_modules/left-pad/package.json', sha256(layers[0]!), undefined],
    ])
    expect(rest).toEqual({ gaps: [], os: { id: 'debian', version: '12' } })
  },
)

it('reads an image of several by its platform or digest, and lists all', async () => {
  const layer = async (name: string) => tarOf([{ name: 'package.json', content: JSON.stringify({ name, version: '1.0.0' }) }])
  const files = layoutFiles([
    { layers: [await layer('one')], platform: { os: 'linux', architecture: 's390x' } },
    { layers: [await layer('two')], platform: { os: 'linux', architecture: 'riscv64' } },
  ])
  const [one, two] = JSON.parse(files.get('index.json')!.toString()).manifests.map(({ digest }: { digest: string }) => digest)
  const at = await writeFiles(join(folder, 'layout'), files)
  const digestAt = async (value: string) => {
    const { resource, gaps } = await scan(value)
    return [resource.facts.imageDigest, resource.facts.path, gaps]
  }
  expect(await digestAt(`${at}?platform=linux/riscv64`)).toEqual([two, at, []])
  expect(await digestAt(`${at}?digest=${one}`)).toEqual([one, at, []])
  await expect(scan(`${at}?platform=linux/arm64/v8`)).rejects.toThrow('has no image for linux/arm64/v8; it has linux/s390x, linux/riscv64')
  await expect(scan(`${at}?platform=arm64`)).rejects.toThrow(`there is nothing readable at ${at}?platform=arm64`)
  expect(image.several.has(`${at}?platform=all`)).toBe(true)
  expect([at, `${at}?platform=linux/arm64`, `${at}?digest=${one}`, `${at}?platform=all?`].filter(image.several.has)).toEqual([])
  expect(await image.several.list(`${at}?platform=all`, { account: '000000000000', region: 'us-east-1' })).toEqual({
    values: [`${at}?digest=${one}`, `${at}?digest=${two}`],
    watch: [at],
  })
})

it('does not unpack a compressed archive again that it has read', async () => {
  const cache = folderCache(join(folder, 'cache'))
  const path = join(folder, 'saved.tar.gz')
  await writeFile(path, gzipSync(await archiveOf(savedFiles(await debianLayers(), ['demo:1']))))
  const cold = await scan(path, cache)
  // Nothing can be unpacked where there is no folder for it.
  const held = process.env['TMPDIR']
  process.env['TMPDIR'] = join(folder, 'absent')
  try {
    expect(await scan(path, cache)).toEqual(cold)
    await expect(scan(path)).rejects.toThrow('ENOENT')
  } finally {
    if (held === undefined) delete process.env['TMPDIR']
    else process.env['TMPDIR'] = held
  }
  await writeFile(path, gzipSync(await archiveOf(savedFiles([await tarOf([])], ['other:1']))))
  expect((await scan(path, cache)).resource.id).toBe('other:1')
})

it('leaves no temporary copy behind', async () => {
  const before = (await readdir(tmpdir())).filter((name) => name.startsWith('openinspector-image-'))
  await writeFile(join(folder, 'broken.tar.gz'), gzipSync(await archiveOf(new Map([['index.json', Buffer.from('{}')]]))))
  await expect(scan(join(folder, 'broken.tar.gz'))).rejects.toThrow('index.json is not as expected')
  await writeFile(join(folder, 'cut.tar.gz'), gzipSync(Buffer.alloc(100_000, 'x')).subarray(0, 60))
  await expect(scan(join(folder, 'cut.tar.gz'))).rejects.toThrow('is not whole gzip data')
  const after = (await readdir(tmpdir())).filter((name) => name.startsWith('openinspector-image-'))
  expect(after).toEqual(before)
})
