import { mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { archiveOf, savedFiles, tarOf } from '../../../../test/archives.ts'
import { fixtureDisk, layOutSample, sampleSystem } from '../../../../test/disk-images.ts'
import { extractLayers, extractTree, type Inventory } from '../../../core/extraction/index.ts'
import { ecosystems } from '../../ecosystems/index.ts'
import { image } from '../image/index.ts'
import { rootfs } from '../rootfs/index.ts'
import { disk } from './index.ts'

const extractors = ecosystems.flatMap((ecosystem) => ecosystem.extractors)
const scope = { account: '000000000000', region: 'us-east-1' }
let folder: string
beforeAll(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'oi-disk-')))
  await layOutSample(join(folder, 'root'))
})
afterAll(async () => {
  await rm(folder, { recursive: true })
})

async function scanDisk(path: string) {
  const opened = await disk.open({ scheme: 'disk', value: path }, scope)
  try {
    const { tree } = await opened.collect()
    return { resource: opened.resource, inventory: await extractTree(tree, extractors) }
  } finally {
    await opened.close()
  }
}

/** Without what only layers have. */
const plain = ({ occurrences, ...rest }: Inventory) => ({
  ...rest,
  occurrences: occurrences.map(({ at: { path }, ...occurrence }) => ({ ...occurrence, at: { path } })),
})

it.each(['ext4.img', 'ext2.img', 'gpt.img', 'xfs5.img', 'xfs4.img'])(
  'finds in %s what it finds in the folder and in a layer',
  async (name) => {
    const path = join(folder, name)
    await writeFile(path, fixtureDisk(name))
    const { resource, inventory } = await scanDisk(path)
    expect(resource).toEqual({
      arn: `urn:openinspector:disk:${encodeURIComponent(hostname())}:${path.split('/').map(encodeURIComponent).join('/')}`,
      id: path,
      type: 'OPENINSPECTOR_HOST',
      account: '000000000000',
      region: 'us-east-1',
      tags: {},
      facts: { path, hostname: 'sample-host' },
    })
    expect(inventory.occurrences.map(({ component, at }) => [component.purl, at.path])).toEqual([
      ['pkg:deb/debian/bash@5.2-1?arch=amd64', 'var/lib/dpkg/status'],
      ['pkg:npm/left-pad@1.3.0', 'srv/node_modules/left-pad/package.json'],
    ])
    const { tree } = await (await rootfs.open({ scheme: 'rootfs', value: join(folder, 'root') }, scope)).collect()
    expect(inventory).toEqual(await extractTree(tree, extractors))
    await writeFile(join(folder, 'saved.tar'), await archiveOf(savedFiles([await tarOf(sampleSystem)], ['sample:1'])))
    const saved = await image.open({ scheme: 'image', value: join(folder, 'saved.tar') }, scope)
    expect(plain(inventory)).toEqual(plain(await extractLayers((await saved.collect()).layers, extractors, {})))
    await saved.close()
  },
)

it('reads all disks of a machine', async () => {
  const image = fixtureDisk('lvm.img')
  const paths = ['one.img', 'two.img'].map((name) => join(folder, name))
  for (const [at, sector] of [128, 2304].entries()) await writeFile(paths[at]!, image.subarray(sector * 512, (sector + 2048) * 512))
  const { resource, inventory } = await scanDisk(paths.join(','))
  expect([resource.id, resource.facts.path, resource.arn]).toEqual([
    paths[0],
    paths[0],
    `urn:openinspector:disk:${encodeURIComponent(hostname())}:${paths.join(',')}`,
  ])
  expect(inventory.occurrences.map(({ component }) => component.purl)).toEqual(['pkg:npm/semver@7.3.0'])
  await expect(scanDisk(`${paths[0]},${paths[0]}`)).rejects.toThrow('expected each disk once')
  await expect(scanDisk(`${paths[0]},${join(folder, 'absent')}`)).rejects.toThrow('there is nothing readable at')
  const odd = join(folder, 'one,two.img')
  await writeFile(odd, fixtureDisk('ext2.img'))
  expect((await scanDisk(odd)).resource.id).toBe(odd)
})

it('is known by the path without links', async () => {
  await writeFile(join(folder, 'real.img'), fixtureDisk('ext2.img'))
  await symlink('real.img', join(folder, 'linked.img'))
  expect((await scanDisk(join(folder, 'linked.img'))).resource.id).toBe(join(folder, 'real.img'))
})

it('refuses in words what is no disk', async () => {
  await writeFile(join(folder, 'notes.txt'), 'nothing of the kind')
  await expect(scanDisk(join(folder, 'absent'))).rejects.toThrow('expected a disk image, but there is nothing readable at')
  await expect(scanDisk(folder)).rejects.toThrow('got no regular file')
  await expect(scanDisk(join(folder, 'notes.txt'))).rejects.toThrow('notes.txt: no file system that can be read')
})
