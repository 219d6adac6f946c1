import { describe, expect, it } from 'vitest'
import { filesOf, fixtureDisk, memoryReader, sampleFiles, survives } from '../../../test/disk-images.ts'
import { rootOf } from './root.ts'
import { readVolumes } from './volumes.ts'

const treeOf = async (image: Buffer) => (await rootOf(await readVolumes(memoryReader(image)), {})).tree

describe.each(['xfs5.img', 'xfs4.img'])('%s', (name) => {
  it('gives every file as it is', async () => {
    expect(await filesOf(await treeOf(fixtureDisk(name)))).toEqual({ files: sampleFiles, gaps: [] })
  })

  it('follows links as the system inside would, and reads parts', async () => {
    const tree = await treeOf(fixtureDisk(name))
    const text = async (path: string) => (await tree.open(path))?.text()
    expect(await text('etc/os-release')).toBe('ID=debian\nVERSION_ID="12"\n')
    expect(await text('srv/absolute/a-name-that-is-rather-long-07')).toBe('07')
    for (const path of ['etc', 'absent', 'etc/hostname/x', '']) expect(await tree.open(path)).toBe(undefined)
    const islands = await tree.open('srv/islands')
    expect(Buffer.from(await islands!.range(59_998, 12)).toString()).toBe('\0\0island 12\0')
    expect((await islands!.range(120_830, 100)).length).toBe(2)
    expect((await islands!.range(500_000, 100)).length).toBe(0)
  })

  it('is known by its id and label', async () => {
    const { volumes } = await readVolumes(memoryReader(fixtureDisk(name)))
    expect(volumes.map(({ system: { is, uuid, label } }) => [is, uuid, label])).toEqual([
      ['xfs', '11111111-2222-3333-4444-555555555555', 'root'],
    ])
  })
})

/** Flips a bit wherever these bytes are: the journal holds copies. */
function flipped(image: Buffer, bytes: string | Buffer, at: number): Buffer {
  const found: number[] = []
  for (let next = image.indexOf(bytes); next >= 0; next = image.indexOf(bytes, next + 1)) found.push(next + at)
  expect(found).not.toEqual([])
  for (const place of found) image.writeUInt8(image.readUInt8(place) ^ 1, place)
  return image
}

describe('damage', () => {
  it('in the superblock is refused in words', async () => {
    const image = fixtureDisk('xfs5.img')
    image.writeUInt8(image.readUInt8(60) ^ 1, 60)
    await expect(treeOf(image)).rejects.toThrow('disk: the superblock does not have its checksum')
  })

  it('in a folder is a gap of that block alone', async () => {
    const { files, gaps } = await filesOf(await treeOf(flipped(fixtureDisk('xfs5.img'), 'a-name-that-is-rather-long-40', 3)))
    expect(gaps).toEqual([{ path: 'srv/many', reason: 'block 0 of this folder does not have its checksum: names in it may be missing' }])
    expect(files).toEqual(sampleFiles.filter(([path]) => !path.startsWith('srv/many/')))
  })

  it('in a tree of extents is told to whoever reads the file', async () => {
    const tree = await treeOf(flipped(fixtureDisk('xfs5.img'), 'BMA3', 80))
    await expect((await tree.open('srv/islands'))!.bytes()).rejects.toThrow('a node of its tree of extents does not have its checksum')
  })

  it('in an inode is told to whoever asks for it', async () => {
    const image = fixtureDisk('xfs5.img')
    const target = image.indexOf('../usr/lib/os-release')
    const tree = await treeOf(flipped(image, image.subarray(target - 176, target), 100))
    await expect(tree.open('etc/os-release')).rejects.toThrow(/inode \d+ does not have its checksum/)
    expect((await filesOf(tree)).files).toEqual(sampleFiles)
  })
})

it('says that the journal may hold what was written last', async () => {
  const image = fixtureDisk('xfs4.img')
  const start = image.readUInt32BE(52) * 4096
  const record = image.indexOf(Buffer.from('feedbabe', 'hex'), start)
  image.writeUInt8(0, record + 512 + 9)
  expect((await filesOf(await treeOf(image))).gaps).toEqual([
    { path: 'disk', reason: 'it was not unmounted: what was written last may still wait in the journal, which is not read' },
  ])
})

it.each([
  ['a version nobody knows', 100, 0xb4a7, 'XFS of version 7: expected 4 or 5'],
  ['blocks of another size than it says', 6, 0x2000, 'says blocks of 8192 bytes'],
  ['inodes that do not fill a block', 104, 0x0200, 'says inodes of 512 bytes'],
  ['no groups', 90, 0, 'says 4096 blocks in 0 groups'],
  ['sectors of no size', 102, 3, 'says sectors of 3 bytes'],
])('refuses %s', async (_, at, value, message) => {
  const image = fixtureDisk('xfs4.img')
  image.writeUInt16BE(value, at)
  await expect(treeOf(image)).rejects.toThrow(message)
})

it('ends on whatever bytes are wrong', { timeout: 120_000 }, async () => {
  await survives(fixtureDisk('xfs4.img').subarray(0, 16 << 20), 60)
})
