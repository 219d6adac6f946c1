import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { filesOf, fixtureDisk, layOutSample, memoryReader, sampleFiles, survives } from '../../../test/disk-images.ts'
import { extOf, mke2fs } from '../../../test/disk-tools.ts'
import { crc32c } from './crc32c.ts'
import type { FileSystem } from './file-system.ts'
import { rootOf } from './root.ts'
import { volumeTree } from './volume-tree.ts'
import { readVolumes } from './volumes.ts'

const treeOf = async (image: Buffer) => (await rootOf(await readVolumes(memoryReader(image)), {})).tree

describe.each(['ext4.img', 'ext2.img'])('%s', (name) => {
  it('gives every file as it is', async () => {
    expect(await filesOf(await treeOf(fixtureDisk(name)))).toEqual({ files: sampleFiles, gaps: [] })
  })

  it('follows links as the system inside would, and reads parts', async () => {
    const tree = await treeOf(fixtureDisk(name))
    const text = async (path: string) => (await tree.open(path))?.text()
    expect(await text('etc/os-release')).toBe('ID=debian\nVERSION_ID="12"\n')
    expect(await text('srv/absolute/a-name-that-is-rather-long-07')).toBe('07')
    expect(await text('../../etc/../etc/hostname')).toBe('sample-host\n')
    for (const path of ['etc', 'absent', 'etc/hostname/x', 'etc/absent/x', '']) expect(await tree.open(path)).toBe(undefined)
    const islands = await tree.open('srv/islands')
    expect(Buffer.from(await islands!.range(59_998, 12)).toString()).toBe('\0\0island 12\0')
    expect((await islands!.range(120_830, 100)).length).toBe(2)
    expect((await islands!.range(500_000, 100)).length).toBe(0)
  })
})

it('keeps permission bits and hidden names out of sight', async () => {
  const tree = await treeOf(fixtureDisk('ext4.img'))
  const file = await tree.open('etc/hostname')
  expect([file?.size, file?.mode]).toEqual([12, 0o644])
})

describe('damage', () => {
  it('in the superblock is told, and its copy is read', async () => {
    const image = fixtureDisk('ext4.img')
    image.writeUInt8(image.readUInt8(1024 + 0x90) ^ 1, 1024 + 0x90)
    await expect(treeOf(image)).rejects.toThrow('disk: the superblock does not have its checksum, and no copy of it was found')
    const large = Buffer.concat([image, Buffer.alloc(8 << 20)])
    fixtureDisk('ext4.img').copy(large, 8193 * 1024, 1024, 2048)
    const { gaps, files } = await filesOf(await treeOf(large))
    expect([gaps, files.length]).toEqual([
      [{ path: 'disk', reason: 'the superblock does not have its checksum: read by a copy of it' }],
      sampleFiles.length,
    ])
  })

  it('in an inode is a gap of that file alone', async () => {
    const image = fixtureDisk('ext4.img')
    const inode = image.indexOf('sample-host') - 0x28
    image.writeUInt8(0x41, inode + 0x28)
    const { files, gaps } = await filesOf(await treeOf(image))
    expect(gaps).toEqual([{ path: 'etc/hostname', reason: expect.stringMatching(/^inode \d+ does not have its checksum$/) }])
    expect(files).toEqual(sampleFiles.filter(([path]) => path !== 'etc/hostname'))
  })

  it('in a folder is a gap of that block alone', async () => {
    const image = fixtureDisk('ext4.img')
    const name = image.indexOf('a-name-that-is-rather-long-40')
    image.writeUInt8(0x5a, name)
    const { files, gaps } = await filesOf(await treeOf(image))
    expect(gaps).toEqual([{ path: 'srv/many', reason: expect.stringContaining('does not have its checksum: names in it were not read') }])
    expect(files.length).toBeGreaterThan(sampleFiles.length / 2)
  })

  it('in a list of extents is told to whoever reads the file', async () => {
    const image = fixtureDisk('ext4.img')
    const inode = image.indexOf(Buffer.from('0af3010004000100', 'hex'))
    const block = image.readUInt32LE(inode + 16) * 1024
    image.writeUInt8(image.readUInt8(block + 14) ^ 1, block + 14)
    const tree = await treeOf(image)
    await expect((await tree.open('srv/islands'))!.bytes()).rejects.toThrow('a node of extents does not have its checksum')
  })

  it('in a folder that is asked for by name is a gap of that folder', async () => {
    const image = fixtureDisk('ext4.img')
    const head = await readVolumes(memoryReader(image))
    const { system } = head.volumes[0]!
    const number = async (folder: number, name: string) =>
      (await system.children(folder, () => {})).find((child) => child.name === name)!.id
    const lib = await number(await number(system.top, 'var'), 'lib')
    const damaged: FileSystem = {
      ...system,
      children: (id, onGap) => (id === lib ? Promise.reject(new Error('gone')) : system.children(id, onGap)),
    }
    const { files, gaps } = await filesOf(volumeTree([{ at: '', system: damaged }], { starts: ['', 'var/lib/dpkg'] }))
    expect(gaps).toEqual([
      { path: 'var/lib', reason: 'cannot list: gone' },
      { path: 'var/lib/dpkg', reason: 'cannot list: gone' },
    ])
    expect(files).toEqual(sampleFiles.filter(([path]) => !path.startsWith('var/')))
  })

  it('that cuts the disk is told where it is met', async () => {
    const { gaps } = await filesOf(await treeOf(fixtureDisk('ext2.img').subarray(0, 1 << 20))).catch((thrown: Error) => ({
      gaps: [{ path: '', reason: thrown.message }],
    }))
    expect(gaps[0]?.reason).toBe('the file system has 2097152 bytes, the volume 1048576: what lies past its end cannot be read')
  })
})

it('says that the journal may hold what was written last', async () => {
  const image = fixtureDisk('ext2.img')
  image.writeUInt32LE(image.readUInt32LE(1024 + 0x60) | 4, 1024 + 0x60)
  expect((await filesOf(await treeOf(image))).gaps).toEqual([
    { path: 'disk', reason: 'it was not unmounted: what was written last may still wait in the journal, which is not read' },
  ])
})

it('lists a folder that is its own grandchild once', async () => {
  const image = fixtureDisk('ext2.img')
  const entry = image.indexOf('left-pad') - 8
  image.writeUInt32LE(2, entry)
  const { gaps } = await filesOf(await treeOf(image))
  expect(gaps).toEqual([
    { path: 'srv/node_modules/left-pad', reason: 'inode 2 is the folder of another path too: it is listed there only' },
  ])
})

it.each([
  ['a block size of 2^70', 0x18, 60, 'the superblock says blocks of 2^70 bytes'],
  ['unknown features', 0x60, 0x80000002, 'ext file system with features nobody reads here: 0x80000000'],
  ['no inodes in a group', 0x28, 0, 'says groups of nothing'],
  ['more inodes than a group can have', 0x28, 0xffffffff, 'inodes, 4294967295 a group'],
  ['inodes larger than a block', 0x58, 0x4000, 'inodes of 16384 bytes'],
])('refuses %s', async (_, at, value, message) => {
  const image = fixtureDisk('ext2.img')
  image.writeUInt32LE(value, 1024 + at)
  await expect(treeOf(image)).rejects.toThrow(message)
})

it('ends on whatever bytes are wrong', { timeout: 60_000 }, async () => {
  // Without checksums, so that what is wrong is believed.
  await survives(fixtureDisk('ext2.img'), 60)
})

it('has the checksum of the standard', () => {
  expect((~crc32c(~0, Buffer.from('123456789')) >>> 0).toString(16)).toBe('e3069283')
})

describe.skipIf(mke2fs === undefined)('file systems that mke2fs makes here', () => {
  let folder: string
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'oi-ext-'))
    await layOutSample(join(folder, 'root'))
  })
  afterAll(async () => {
    await rm(folder, { recursive: true })
  })

  it.each([
    ['ext3', '-t ext3 -b 2048'],
    ['ext4 with blocks of 4 KiB', '-t ext4 -b 4096 -O metadata_csum,64bit'],
    ['descriptors beside their groups', '-t ext4 -b 1024 -g 1024 -O meta_bg,^resize_inode,^flex_bg,64bit,metadata_csum'],
    ['two copies of the superblock', '-t ext4 -b 1024 -O sparse_super2,metadata_csum'],
    ['clusters', '-t ext4 -b 1024 -C 8192 -O bigalloc,metadata_csum'],
    ['a checksum of its own seed', '-t ext4 -O metadata_csum,metadata_csum_seed,large_dir,casefold'],
    ['checksums of descriptors alone', '-t ext4 -O ^metadata_csum,uninit_bg'],
    ['the first revision', '-t ext2 -r 0 -O none -b 1024'],
  ])('%s', { timeout: 30_000 }, async (_, options) => {
    const image = join(folder, 'image')
    await extOf(join(folder, 'root'), image, options.split(' '))
    expect(await filesOf(await treeOf(await readFile(image)))).toEqual({ files: sampleFiles, gaps: [] })
  })
})
