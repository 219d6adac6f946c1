import { mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { fixtureDisk } from '../../../test/disk-images.ts'
import { openDisk } from './open-disk.ts'

let folder: string
beforeEach(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'oi-disk-')))
})
afterEach(async () => {
  await rm(folder, { recursive: true })
})

const put = async (name: string, content: string | Buffer) => {
  await writeFile(join(folder, name), content)
  return join(folder, name)
}

/** As VMware writes it: where the tables lie stands in a copy of the head at the end. */
function streamed(): Buffer {
  const image = fixtureDisk('stream.vmdk')
  const footer = Buffer.concat([Buffer.alloc(512), image.subarray(0, 512), Buffer.alloc(512)])
  return Buffer.concat([Buffer.from(image).fill(0xff, 56, 64), footer])
}

/** All of a disk, in pieces of a size that fits nothing. */
async function contentOf(path: string): Promise<Buffer> {
  const disk = await openDisk(path)
  try {
    const pieces: Buffer[] = []
    for (let at = 0; at < disk.size; at += 77_777) pieces.push(await disk.read(at, Math.min(77_777, disk.size - at)))
    return Buffer.concat(pieces)
  } finally {
    await disk.close()
  }
}

describe('what a disk is packed in', () => {
  it.each(['mbr.img', 'zlib.qcow2', 'zstd.qcow2', 'parts.qcow2', 'sparse.vmdk', 'stream.vmdk'])('%s holds the same disk', async (name) => {
    const path = await put('disk', fixtureDisk(name))
    const want = fixtureDisk('mbr.img')
    expect((await contentOf(path)).equals(want)).toBe(true)
    const disk = await openDisk(path)
    expect((await disk.read(0, disk.size)).equals(want)).toBe(true)
    expect([disk.files, disk.doubts]).toEqual([[path], []])
    await expect(disk.read(disk.size - 1, 2)).rejects.toThrow('expected 2 bytes at 3145727')
    await disk.close()
  })

  it('a stream that tells at its end where its tables lie', async () => {
    expect((await contentOf(await put('disk.vmdk', streamed()))).equals(fixtureDisk('mbr.img'))).toBe(true)
  })

  it('an image above another holds what was changed', async () => {
    const path = await put('above.qcow2', fixtureDisk('above.qcow2'))
    await put('mbr.img', fixtureDisk('mbr.img'))
    const want = fixtureDisk('mbr.img')
      .fill(0x5a, 2560 << 10, 2564 << 10)
      .fill(0, 256 << 10, 320 << 10)
    expect((await contentOf(path)).equals(want)).toBe(true)
    const disk = await openDisk(path)
    expect(disk.files).toEqual([path, join(folder, 'mbr.img')])
    await disk.close()
  })

  it('a descriptor joins files beside it', async () => {
    const want = fixtureDisk('mbr.img')
    await put('first flat.vmdk', Buffer.concat([Buffer.alloc(512), want.subarray(0, 1 << 20)]))
    await put('second.vmdk', fixtureDisk('sparse.vmdk'))
    const path = await put(
      'disk.vmdk',
      '# Disk DescriptorFile\nversion=1\nCID=1\nparentCID=ffffffff\ncreateType="custom"\n' +
        'RW 2048 FLAT "first flat.vmdk" 1\nRW 64 ZERO\nRW 6144 SPARSE "second.vmdk"\n',
    )
    const expected = Buffer.concat([want.subarray(0, 1 << 20), Buffer.alloc(32_768), want])
    expect((await contentOf(path)).equals(expected)).toBe(true)
  })

  it('a name that ends in .raw is never taken for more', async () => {
    const image = fixtureDisk('zlib.qcow2')
    expect((await contentOf(await put('disk.raw', image))).equals(image)).toBe(true)
  })
})

describe('files beside it', () => {
  const descriptor = (name: string) => `# Disk DescriptorFile\nRW 8 FLAT "${name}" 0\n`
  it.each(['../secret', '/etc/passwd', 'a/b', '..', 'json:{}', 'nbd:host', 'a\\b'])('are not opened as %s', async (name) => {
    const path = await put('disk.vmdk', descriptor(name))
    await expect(openDisk(path)).rejects.toThrow(`the disk needs ${JSON.stringify(name)}: only files of its own folder are opened`)
  })

  it('are not opened through a link that leads out', async () => {
    await symlink('/etc/passwd', join(folder, 'plain'))
    await expect(openDisk(await put('disk.vmdk', descriptor('plain')))).rejects.toThrow('a link that leads out of its folder')
  })

  it('are told when they are missing, or too short', async () => {
    await expect(openDisk(await put('disk.vmdk', descriptor('absent')))).rejects.toThrow('"absent", which is not in its folder')
    await put('short', 'x')
    await expect(openDisk(await put('disk.vmdk', descriptor('short')))).rejects.toThrow('expected 4096 bytes, got 1')
    await expect(openDisk(await put('above.qcow2', fixtureDisk('above.qcow2')))).rejects.toThrow('"mbr.img", which is not in its folder')
  })

  it('that lead back to the image end', async () => {
    const image = fixtureDisk('above.qcow2')
    const [at, length] = [Number(image.readBigUInt64BE(8)), image.readUInt32BE(16)]
    image.write('.'.padEnd(length, 'q'), at)
    const format = image.indexOf(Buffer.from('e2792aca', 'hex'))
    image.writeUInt32BE(0x12345678, format)
    const path = await put('.'.padEnd(length, 'q'), image)
    await expect(openDisk(path)).rejects.toThrow('more than 16 images, each below the other')
  })
})

describe('refused in words', () => {
  const changed = (name: string, change: (image: Buffer) => void) => {
    const image = fixtureDisk(name)
    change(image)
    return image
  }
  it.each([
    ['an encrypted qcow2', changed('zstd.qcow2', (image) => image.writeUInt32BE(2, 32)), 'is encrypted: it cannot be read without its key'],
    [
      'a qcow2 whose content lies elsewhere',
      changed('zstd.qcow2', (image) => image.writeUInt32BE(12, 76)),
      'keeps its content in another file',
    ],
    ['a qcow2 of version 1', changed('zstd.qcow2', (image) => image.writeUInt32BE(1, 4)), 'qcow2 of version 1: expected 2 or 3'],
    ['a qcow2 with unknown features', changed('zstd.qcow2', (image) => image.writeUInt32BE(1 << 20, 76)), 'features nobody reads here'],
    ['a qcow2 with clusters of 2^63', changed('zstd.qcow2', (image) => image.writeUInt32BE(63, 20)), 'clusters of 2^63 bytes'],
    ['a qcow2 of no length', fixtureDisk('zstd.qcow2').subarray(0, 50), 'a qcow2 image of 50 bytes'],
    ['a VMDK with endless grains', changed('sparse.vmdk', (image) => image.writeUInt32LE(0xffffffff, 20)), 'a VMDK that says grains of'],
    ['a VMDK cut short', streamed().subarray(0, -1024), 'the VMDK has no footer'],
    ['a VMDK of a snapshot', Buffer.from('# Disk DescriptorFile\nparentCID=12345678\nRW 8 ZERO\n'), 'only what changed since a snapshot'],
    ['a VMDK of nothing', Buffer.from('# Disk DescriptorFile\n'), 'names no extent'],
    ['a VHDX', Buffer.from('vhdxfile'.padEnd(512)), 'got a VHDX image: convert it with qemu-img'],
    ['an archive', Buffer.from('1f8b08000000', 'hex'), 'got a gzip file: unpack it first'],
  ])('%s', async (_, image, message) => {
    await expect(openDisk(await put('disk', image))).rejects.toThrow(message)
  })
})

it.each(['zlib.qcow2', 'zstd.qcow2', 'parts.qcow2', 'sparse.vmdk', 'stream.vmdk'])(
  'ends on a damaged %s',
  { timeout: 60_000 },
  async (name) => {
    const image = fixtureDisk(name)
    let seed = 7
    for (let round = 0; round < 40; round++) {
      const damaged = Buffer.from(image)
      for (let change = 0; change < 30; change++) {
        seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31
        damaged.writeUInt8((seed >> 16) & 0xff, seed % Math.min(image.length, 70_000))
      }
      // The first bytes stay: something else is no VMDK or qcow2.
      image.copy(damaged, 0, 0, 4)
      const path = await put('disk', damaged)
      const disk = await openDisk(path).catch(() => undefined)
      for (let at = 0; disk !== undefined && at < Math.min(disk.size, 4 << 20); at += 65_536)
        await disk.read(at, Math.min(65_536, disk.size - at)).catch(() => {})
      await disk?.close()
    }
  },
)
