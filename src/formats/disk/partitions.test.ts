import { crc32 } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { filesOf, fixtureDisk, memoryReader, sampleFiles, sparseReader } from '../../../test/disk-images.ts'
import { readPartitions } from './partitions.ts'
import { rootOf } from './root.ts'
import { readVolumes } from './volumes.ts'

const tableOf = async (image: Buffer) => {
  const table = await readPartitions(memoryReader(image))
  return table && { ...table, partitions: table.partitions.map(({ reader, ...one }) => ({ ...one, size: reader.size })) }
}
const gpt = [
  {
    number: 1,
    name: '',
    uuid: '0a0a0a0a-0000-4000-8000-000000000002',
    type: 'c12a7328-f81f-11d2-ba4b-00a0c93ec93b',
    size: 131_072,
  },
  {
    number: 2,
    name: 'system',
    uuid: '0a0a0a0a-0000-4000-8000-000000000003',
    type: '0fc63daf-8483-4772-8e79-3d69d8477de4',
    size: 2_097_152,
  },
  {
    number: 3,
    name: '',
    uuid: '0a0a0a0a-0000-4000-8000-000000000004',
    type: '0657fd6d-a4ab-43c4-84e5-0933c84b4f4f',
    size: 131_072,
  },
]

describe('a GUID partition table', () => {
  it('names its partitions', async () => {
    expect(await tableOf(fixtureDisk('gpt.img'))).toEqual({ partitions: gpt, gaps: [] })
  })

  it.each([
    ['header', 512 + 40, 'the GUID partition table does not have its checksum'],
    ['list', 1024 + 56, 'the list of the GUID partition table does not have its checksum'],
  ])('is read from its copy when its %s is damaged', async (_, at, what) => {
    const image = fixtureDisk('gpt.img')
    image.writeUInt8(image.readUInt8(at) ^ 1, at)
    expect(await tableOf(image)).toEqual({ partitions: gpt, gaps: [`${what}: its copy at the end of the disk was read`] })
  })

  it('is read from its copy when it was wiped', async () => {
    const image = fixtureDisk('gpt.img').fill(0, 512, 16_896)
    expect(await tableOf(image)).toEqual({ partitions: gpt, gaps: [] })
  })

  it('that is gone is no disk without partitions', async () => {
    const image = fixtureDisk('gpt.img')
      .fill(0, 512, 16_896)
      .subarray(0, 3 << 20)
    expect(await tableOf(image)).toEqual({
      partitions: [],
      gaps: ['a GUID partition table was expected, but neither it nor its copy at the end of the disk is whole'],
    })
  })

  it('does not lead out of the disk, nor ask for more than there is', async () => {
    const forged = (change: (head: Buffer) => void) => {
      const image = fixtureDisk('gpt.img').subarray(0, 3 << 20)
      const head = image.subarray(512, 604)
      change(head)
      head.writeUInt32LE(0, 16)
      head.writeUInt32LE(crc32(head), 16)
      return tableOf(image)
    }
    expect((await forged((head) => head.writeUInt32LE(0xffffffff, 80)))?.gaps).toEqual([
      'the GUID partition table says 4294967295 entries of 128 bytes',
    ])
    expect((await forged((head) => head.writeUInt32LE(0xffffffff, 76)))?.gaps).toEqual([
      'the list of the GUID partition table lies outside of the disk',
    ])
  })
})

describe('the table of a PC', () => {
  it('names primary and logical partitions', async () => {
    expect(await tableOf(fixtureDisk('mbr.img'))).toEqual({
      partitions: [
        { number: 1, name: '', uuid: '1a2b3c4d-01', type: '83', size: 262_144 },
        { number: 5, name: '', uuid: '1a2b3c4d-05', type: '83', size: 262_144 },
        { number: 6, name: '', uuid: '1a2b3c4d-06', type: '83', size: 262_144 },
      ],
      gaps: [],
    })
  })

  it('whose logical partitions go round in circles ends', async () => {
    const image = fixtureDisk('mbr.img')
    const next = image.readUInt32LE(1024 * 512 + 462 + 8)
    image.writeUInt32LE(next, (1024 + next) * 512 + 462 + 8)
    image.writeUInt8(5, (1024 + next) * 512 + 462 + 4)
    image.writeUInt32LE(1, (1024 + next) * 512 + 462 + 12)
    const table = await tableOf(image)
    expect([table?.partitions.length, table?.gaps]).toEqual([3, ['the chain of logical partitions does not end: some may be missing']])
  })

  it('whose chain leads out of the disk says so', async () => {
    const image = fixtureDisk('mbr.img')
    image.writeUInt32LE(0x7fffffff, 1024 * 512 + 462 + 8)
    expect((await tableOf(image))?.gaps).toEqual(['the chain of logical partitions breaks off at sector 2147484671: some may be missing'])
  })
})

it('finds no table where there is none', async () => {
  expect(await tableOf(Buffer.alloc(1 << 20))).toBe(undefined)
  expect(await tableOf(Buffer.alloc(100))).toBe(undefined)
})

describe('the root of a disk', () => {
  it('is the file system that says which system it is', async () => {
    const { tree, volumes } = await rootOf(await readVolumes(memoryReader(fixtureDisk('gpt.img'))), {})
    expect([await filesOf(tree), volumes.map(({ named }) => named)]).toEqual([{ files: sampleFiles, gaps: [] }, ['partition 2']])
  })

  it('has the others below it that its fstab mounts', async () => {
    const { tree, volumes } = await rootOf(await readVolumes(memoryReader(fixtureDisk('mbr.img'))), {})
    const { files, gaps } = await filesOf(tree)
    expect(files.map(([path]) => path)).toEqual(['etc/fstab', 'usr/lib/os-release', 'usr/share/nodejs/semver/package.json'])
    expect(await (await tree.open('etc/os-release'))?.text()).toBe('ID=debian\nVERSION_ID="12"\n')
    expect(volumes.map(({ named, system }) => [named, system.label])).toEqual([
      ['partition 5', 'system'],
      ['partition 6', 'the rest'],
    ])
    expect(gaps).toEqual([
      {
        path: 'srv',
        reason: '/etc/fstab mounts UUID=77777777-0000-0000-0000-000000000000 (xfs) here, which was found on no disk at hand: not looked at',
      },
    ])
  })

  it('is in the partitions, though the head of an older file system is still there', async () => {
    const image = fixtureDisk('mbr.img')
    fixtureDisk('ext2.img').copy(image, 1024, 1024, 2048)
    const { volumes } = await readVolumes(memoryReader(image))
    expect(volumes.map(({ named }) => named)).toEqual(['partition 1', 'partition 5', 'partition 6'])
    const bare = fixtureDisk('ext2.img')
    fixtureDisk('mbr.img').copy(bare, 0, 0, 512)
    expect((await readVolumes(memoryReader(bare))).volumes.map(({ named }) => named)).toEqual(['disk'])
  })

  it('leaves nothing out in silence', async () => {
    const image = fixtureDisk('mbr.img')
    image.write('nowhere-one', image.indexOf('the\\040rest'))
    image.write('LUKS\xba\xbe', 64 * 512, 'latin1')
    image.fill(0, 64 * 512 + 1024, 64 * 512 + 2048)
    const { tree } = await rootOf(await readVolumes(memoryReader(image)), {})
    expect((await filesOf(tree)).gaps.map(({ path, reason }) => `${path}: ${reason}`)).toEqual([
      'partition 1: an encrypted volume (LUKS): cannot be read here',
      'usr: /etc/fstab mounts LABEL=nowhere-one (ext4) here, which was found on no disk at hand: not looked at',
      expect.stringContaining('srv: /etc/fstab mounts UUID=77777777'),
      'partition 6: a file system (ext4) that /etc/fstab mounts nowhere: not looked at',
    ])
  })

  it('is refused in words where nothing can be read', async () => {
    const none = (parts: readonly (readonly [number, Buffer])[]) =>
      readVolumes(sparseReader(1 << 30, parts)).then((disk) => rootOf(disk, {}))
    await expect(none([])).rejects.toThrow('no file system that can be read: expected ext2, ext3, ext4 or XFS, got none that is known')
    await expect(none([[0x10040, Buffer.from('_BHRfS_M')]])).rejects.toThrow('got disk: a btrfs file system: cannot be read here')
  })
})
