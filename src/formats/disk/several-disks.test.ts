import { describe, expect, it } from 'vitest'
import { filesOf, fixtureDisk, memoryReader } from '../../../test/disk-images.ts'
import { rootOf } from './root.ts'
import { readVolumes } from './volumes.ts'

const sectors = (image: string, from: number, count: number): Buffer => fixtureDisk(image).subarray(from * 512, (from + count) * 512)

async function read(...disks: readonly Buffer[]) {
  const { tree, volumes } = await rootOf(await readVolumes(...disks.map(memoryReader)), {})
  const { files, gaps } = await filesOf(tree)
  return {
    volumes: volumes.map(({ named, disk }) => (disk === undefined ? named : `${named} of ${disk}`)),
    files: files.map(([path]) => path),
    gaps: gaps.map(({ path, reason }) => `${path}: ${reason}`),
  }
}
const files = ['etc/fstab', 'usr/lib/os-release', 'usr/share/nodejs/semver/package.json']

describe('a volume group on two disks', () => {
  const [one, two] = [sectors('lvm.img', 128, 2048), sectors('lvm.img', 2304, 2048)]

  it('is read from both, in whatever order they come', async () => {
    const whole = { volumes: ['vg-one/root', 'vg-one/usr'], files, gaps: [] }
    expect([await read(one, two), await read(two, one)]).toEqual([whole, whole])
  })

  it('is not read from one of them', async () => {
    await expect(read(two)).rejects.toThrow(
      'vg-one/root: a part of it lies on a physical volume that is on no disk at hand (pv0); vg-one/usr: a part of it lies',
    )
  })
})

describe('a system on two disks', () => {
  // As a root and what it mounts at /usr.
  const [root, usr] = [sectors('mbr.img', 1088, 512), sectors('mbr.img', 2048, 512)]
  const mounting = (what: string): Buffer => {
    const image = Buffer.from(root)
    image.write(what.padEnd('LABEL=the\\040rest'.length), image.indexOf('LABEL=the\\040rest'))
    return image
  }
  const other =
    'srv: /etc/fstab mounts UUID=77777777-0000-0000-0000-000000000000 (xfs) here, which was found on no disk at hand: not looked at'

  it.each([
    ['LABEL=the\\040rest', usr, 'disk 2 of 2'],
    ['/dev/sdb', usr, 'disk 2 of 2'],
    ['/dev/nvme1n1', usr, 'disk 2 of 2'],
    ['/dev/vdb6', fixtureDisk('mbr.img'), 'disk 2 partition 6 of 2'],
    ['/dev/mmcblk1p6', fixtureDisk('mbr.img'), 'disk 2 partition 6 of 2'],
  ])('mounts what %s names', async (what, second, named) => {
    const { volumes, files: found } = await read(mounting(what), second)
    expect([volumes, found]).toEqual([['disk 1 of 1', named], files])
  })

  it.each(['/dev/sda', '/dev/sdc', '/dev/sdb1', '/dev/nvme0n1p2', '/dev/zram0'])('does not take another for %s', async (what) => {
    expect(await read(mounting(what), usr)).toEqual({
      volumes: ['disk 1 of 1'],
      files: ['etc/fstab'],
      gaps: [
        ...(what === '/dev/sda' ? [] : [`usr: /etc/fstab mounts ${what} (ext4) here, which was found on no disk at hand: not looked at`]),
        other,
        'disk 2: a file system (ext4) that /etc/fstab mounts nowhere: not looked at',
      ],
    })
  })

  it('tells of which disk it speaks', async () => {
    const damaged = fixtureDisk('gpt.img')
    damaged[512 + 20]! ^= 1
    const { gaps } = await readVolumes(memoryReader(root), memoryReader(damaged))
    expect(gaps.map(({ path }) => path)).toEqual(['disk 2 partition table'])
  })
})
