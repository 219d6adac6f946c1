import { mkdtemp, readFile, rm, symlink, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { containerdStore } from '../../test/containerd-store.ts'
import { AppError } from '../model/errors.ts'
import { type BoltBucket, readBolt } from './bolt.ts'

let folder: string
let path: string
let whole: Buffer
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'oi-bolt-'))
  path = await containerdStore(folder)
  whole = await readFile(path)
})
afterAll(async () => {
  await rm(folder, { recursive: true })
})
beforeEach(async () => {
  await writeFile(path, whole)
})

async function at(bucket: BoltBucket, ...steps: string[]): Promise<ReadonlyMap<string, Buffer | BoltBucket>> {
  let entries = await bucket.entries()
  for (const step of steps) {
    const inner = entries.get(step)
    if (inner === undefined || Buffer.isBuffer(inner)) throw new Error(`no bucket ${step}`)
    entries = await inner.entries()
  }
  return entries
}
/** All there is, to the leaves. */
async function everything(bucket: BoltBucket): Promise<number> {
  let count = 0
  for (const inner of (await bucket.entries()).values()) count += Buffer.isBuffer(inner) ? 1 : await everything(inner)
  return count
}

const images = (root: BoltBucket) => at(root, 'v1', 'k8s.io', 'images')
const target = (root: BoltBucket) => at(root, 'v1', 'k8s.io', 'images', 'example.org/shop:stable', 'target')

describe('a database of containerd', () => {
  it('is read over branches, in the order of names', async () => {
    const names = [...(await readBolt(path, images)).keys()]
    expect([names.length, names[0], names[1], names.at(-1)]).toEqual([
      ...[62, 'example.org/shop:1', 'example.org/shop:stable', 'example.org/team/a-long-name-for-an-image:v9'],
    ])
    expect(names).toEqual(names.toSorted())
  })

  it('has small buckets where their names are', async () => {
    const found = await readBolt(path, target)
    expect([...found.keys()]).toEqual(['digest', 'mediatype', 'size'])
    expect(String(found.get('digest'))).toBe('sha256:1b0a73240d5f82ad19a7930697d21963beff6e10c14001aa72e60db780609ba8')
    expect(String(found.get('mediatype'))).toBe('application/vnd.oci.image.index.v1+json')
  })

  it('is read by the copy of its head that is whole', async () => {
    for (const page of [0, 4_096]) {
      const damaged = Buffer.from(whole)
      damaged[page + 16 + 50]! ^= 1
      await writeFile(path, damaged)
      expect((await readBolt(path, (root) => at(root, 'v1'))).has('k8s.io')).toBe(true)
    }
  })

  it('is read again where it was changed meanwhile', async () => {
    let times = 0
    const found = await readBolt(path, async (root) => {
      if (times++ === 0) await writeFile(path, laterBy(whole, 1n))
      return await target(root)
    })
    expect([times, found.size]).toEqual([2, 3])
    let change = 1n
    const restless = readBolt(path, async () => await writeFile(path, laterBy(whole, ++change)))
    await expect(restless).rejects.toThrow('changes faster than it is read')
  })
})

/** The same database after so many more changes. */
function laterBy(bytes: Buffer, changes: bigint): Buffer {
  const later = Buffer.from(bytes)
  for (const page of [0, 4_096]) {
    const meta = later.subarray(page + 16, page + 80)
    meta.writeBigUInt64LE(meta.readBigUInt64LE(48) + changes * 2n, 48)
    let hash = 0xcbf29ce484222325n
    for (const byte of meta.subarray(0, 56)) hash = ((hash ^ BigInt(byte)) * 0x100000001b3n) & 0xffffffffffffffffn
    meta.writeBigUInt64LE(hash, 56)
  }
  return later
}

describe('what strangers wrote', () => {
  it.each([
    ['nothing', Buffer.alloc(0)],
    ['zeros', Buffer.alloc(20_000)],
    ['text', Buffer.alloc(20_000, 'text')],
  ])('is refused when it is %s', async (_, bytes) => {
    await writeFile(path, bytes)
    await expect(readBolt(path, everything)).rejects.toThrow('is no bolt database as expected: it does not begin as one')
  })

  it('is refused where it is cut off', async () => {
    await truncate(path, 8_192)
    await expect(readBolt(path, everything)).rejects.toThrow('is truncated')
  })

  it('is not followed through a link', async () => {
    const link = join(folder, 'link.db')
    await symlink(path, link)
    await expect(readBolt(link, everything)).rejects.toThrow('ELOOP')
  })

  it('ends, whatever bytes are wrong', async () => {
    let refused = 0
    for (let at = 8_192; at < whole.length; at += 1_021) {
      const damaged = Buffer.from(whole)
      for (let step = 0; step < 8; step++) damaged[Math.min(at + step * 131, damaged.length - 1)]! ^= 1 << (step % 8)
      await writeFile(path, damaged)
      const outcome = await readBolt(path, everything).catch((thrown: unknown) => thrown)
      if (typeof outcome === 'number') continue
      expect(outcome).toBeInstanceOf(AppError)
      refused++
    }
    expect(refused).toBeGreaterThan(5)
  })

  it('is not followed round in circles', async () => {
    // Every page is a branch of two hundred that all lead to page 3.
    const circle = Buffer.from(whole)
    const branch = Buffer.alloc(4_096)
    branch.writeUInt16LE(1, 8)
    branch.writeUInt16LE(200, 10)
    for (let entry = 0; entry < 200; entry++) branch.writeBigUInt64LE(3n, 16 + entry * 16 + 8)
    for (let page = 2; page < circle.length / 4_096; page++) branch.copy(circle, page * 4_096)
    await writeFile(path, circle)
    await expect(readBolt(path, everything)).rejects.toThrow('branches more than 32 deep')
  })
})
