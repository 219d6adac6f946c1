import { describe, expect, it } from 'vitest'
import { filesOf, fixtureDisk, memoryReader, survives } from '../../../test/disk-images.ts'
import { parseLvmText } from './lvm-text.ts'
import { logicalVolumes } from './lvm.ts'
import { rootOf } from './root.ts'
import { readVolumes } from './volumes.ts'

it('reads volumes in stripes and in pieces, mounted by their names', async () => {
  const { tree, volumes } = await rootOf(await readVolumes(memoryReader(fixtureDisk('lvm.img'))), {})
  expect(volumes.map(({ named, lvm }) => [named, lvm])).toEqual([
    ['vg-one/root', { group: 'vg-one', name: 'root' }],
    ['vg-one/usr', { group: 'vg-one', name: 'usr' }],
  ])
  const { files, gaps } = await filesOf(tree)
  expect([files.map(([path]) => path), gaps]).toEqual([['etc/fstab', 'usr/lib/os-release', 'usr/share/nodejs/semver/package.json'], []])
  expect(await (await tree.open('etc/os-release'))?.text()).toBe('ID=debian\nVERSION_ID="12"\n')
})

describe('damage', () => {
  const gapsOf = async (change: (image: Buffer) => void) => {
    const image = fixtureDisk('lvm.img')
    change(image)
    return (await readVolumes(memoryReader(image))).gaps.map(({ path, reason }) => `${path}: ${reason}`)
  }
  const flip = (image: Buffer, at: number) => image.writeUInt8(image.readUInt8(at) ^ 1, at)

  it('of a label is a gap of the partition, and of the volumes that need it', async () => {
    expect(await gapsOf((image) => flip(image, image.indexOf('LABELONE') + 40))).toEqual([
      'vg-one/root: a part of it lies on a physical volume that is on no disk at hand (pv0)',
      'vg-one/usr: a part of it lies on a physical volume that is on no disk at hand (pv0)',
      'vg-one/between: a part of it lies on a physical volume that is on no disk at hand (pv0)',
      'partition 1: the label of a physical volume of LVM does not have its checksum',
    ])
  })

  it('of one copy of the text is a gap, and the other is read', async () => {
    expect(await gapsOf((image) => flip(image, image.lastIndexOf('vg-one {', 1 << 20) + 20))).toEqual([
      expect.stringContaining('vg-one/root: a part of it lies on a physical volume'),
      expect.stringContaining('vg-one/usr: a part of it lies on a physical volume'),
      expect.stringContaining('vg-one/between: a part of it lies on a physical volume'),
      'partition 1: a physical volume of LVM without what it says of its group: the text of a volume group does not have its checksum',
    ])
  })
})

describe('the text of a group', () => {
  it('is sections of values', () => {
    const text = '# made by hand\nvg {\n\tid = "a\\"b" # why\n\tsize = 12\n\tlist = ["x", 3, ]\n\tnone = []\n}\nversion = 1\n\0'
    expect(parseLvmText(text)).toEqual(
      new Map<string, unknown>([
        [
          'vg',
          new Map<string, unknown>([
            ['id', 'a"b'],
            ['size', 12],
            ['list', ['x', 3]],
            ['none', []],
          ]),
        ],
        ['version', 1],
      ]),
    )
  })

  it.each([
    ['vg {', 'no name'],
    ['}', 'an end of no section'],
    ['a = {', 'no value'],
    ['a = [ "x"', 'no value'],
    ['a "b"', 'neither a section nor a value'],
    ['a = "open', 'something else'],
    ['vg { '.repeat(100), 'sections more than 16 deep'],
    ['\t#'.repeat(50_000), 'is nothing'],
  ])('%.20j is refused, or is nothing', (text, what) => {
    if (what === 'is nothing') expect(parseLvmText(text)).toEqual(new Map())
    else expect(() => parseLvmText(text)).toThrow(what)
  })

  it.each([
    ['a thin volume', 'type = "thin"', 'a logical volume of type "thin": only linear and striped ones are read'],
    [
      'a size that is none',
      'type = "striped" start_extent = 0 extent_count = -4 stripe_count = 1 stripes = ["pv0", 0]',
      'expected a number as extent_count, got -4',
    ],
    [
      'a gap between segments',
      'type = "striped" start_extent = 9 extent_count = 1 stripe_count = 1 stripes = ["pv0", 0]',
      'its segments do not join at byte 36864',
    ],
    [
      'stripes that are missing',
      'type = "striped" start_extent = 0 extent_count = 1 stripe_count = 70000 stripes = ["pv0", 0]',
      '2 words for 70000 stripes',
    ],
  ])('%s is a gap', (_, segment, reason) => {
    const text = `vg { extent_size = 8 physical_volumes { pv0 { id = "a-b" pe_start = 8 } } logical_volumes { one { status = ["VISIBLE"] segment1 { ${segment} } } } }`
    const physical = { named: 'disk', id: 'ab', text, reader: memoryReader(Buffer.alloc(4096)) }
    expect(logicalVolumes([physical])).toEqual({ volumes: [], gaps: [{ path: 'vg/one', reason }] })
  })

  it('that puts a volume past the end of the disk is told when it is read', async () => {
    const text =
      'vg { extent_size = 8 physical_volumes { pv0 { id = "a-b" pe_start = 8 } } logical_volumes { one { status = ["VISIBLE"] segment1 { type = "striped" start_extent = 0 extent_count = 9000000000 stripe_count = 1 stripes = ["pv0", 0] } } } }'
    const { volumes } = logicalVolumes([{ named: 'disk', id: 'ab', text, reader: memoryReader(Buffer.alloc(8192)) }])
    expect(volumes.map(({ reader }) => reader.size)).toEqual([9_000_000_000 * 4096])
    expect((await volumes[0]!.reader.read(10, 4000)).length).toBe(4000)
    await expect(volumes[0]!.reader.read(5000, 4000)).rejects.toThrow('memory ends at byte 8192')
  })
})

it('ends on whatever bytes are wrong', { timeout: 60_000 }, async () => {
  await survives(fixtureDisk('lvm.img'), 40)
})
