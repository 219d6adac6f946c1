import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { mkdir, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { expect } from 'vitest'
import { type BlockReader, checkPlace } from '../src/formats/disk/block-reader.ts'
import { rootOf } from '../src/formats/disk/root.ts'
import { readVolumes } from '../src/formats/disk/volumes.ts'
import { AppError } from '../src/model/errors.ts'
import type { FileTree } from '../src/model/seams.ts'
import type { Entry } from './archives.ts'

const folder = join(import.meta.dirname, '../src/formats/disk/fixtures')

/** A committed image, unpacked. */
export const fixtureDisk = (name: string): Buffer => gunzipSync(readFileSync(join(folder, `${name}.gz`)))

export function memoryReader(bytes: Buffer): BlockReader {
  return {
    size: bytes.length,
    async read(offset, length) {
      checkPlace('memory', bytes.length, offset, length)
      return bytes.subarray(offset, offset + length)
    },
  }
}

/** A large disk of zeros but for these parts: `[offset, bytes]`. */
export function sparseReader(size: number, parts: readonly (readonly [number, Buffer])[]): BlockReader {
  return {
    size,
    async read(offset, length) {
      checkPlace('memory', size, offset, length)
      const bytes = Buffer.alloc(length)
      for (const [at, part] of parts) {
        const from = Math.max(at, offset)
        const to = Math.min(at + part.length, offset + length)
        if (to > from) part.copy(bytes, from - offset, from - at, to - at)
      }
      return bytes
    },
  }
}

/** What `fixtures/make.sh` puts into the root file system. */
export const sampleSystem: readonly Entry[] = [
  { name: 'etc/hostname', content: 'sample-host\n' },
  { name: 'etc/os-release', symlink: '../usr/lib/os-release' },
  { name: 'srv/absolute', symlink: '/srv/many' },
  { name: 'srv/islands', content: islands() },
  ...Array.from({ length: 80 }, (_, index) => {
    const number = String(index + 1).padStart(2, '0')
    return { name: `srv/many/a-name-that-is-rather-long-${number}`, content: number }
  }),
  { name: 'srv/node_modules/left-pad/package.json', content: '{"name":"left-pad","version":"1.3.0"}' },
  { name: 'usr/lib/os-release', content: 'ID=debian\nVERSION_ID="12"\n' },
  {
    name: 'var/lib/dpkg/status',
    content: 'Package: bash\nStatus: install ok installed\nArchitecture: amd64\nVersion: 5.2-1\n\n',
  },
]

function islands(): Buffer {
  const bytes = Buffer.alloc(120832)
  for (let island = 1; island <= 24; island++) bytes.write(`island ${island}`, island * 5000)
  return bytes
}

const sum = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')

/** The files of `sampleSystem` as `filesOf` gives them. */
export const sampleFiles: readonly (readonly [string, number, string])[] = [
  'etc',
  'srv',
  'srv/many',
  'srv/node_modules/left-pad',
  'usr/lib',
  'var/lib/dpkg',
].flatMap((folder) =>
  sampleSystem
    .filter(({ name, symlink }) => symlink === undefined && name.slice(0, name.lastIndexOf('/')) === folder)
    .map(({ name, content = '' }) => [name, Buffer.from(content).length, sum(Buffer.from(content))] as const),
)

/** Path, size and digest of every file, in the tree's own order; and every gap. */
export async function filesOf(tree: FileTree) {
  const files: (readonly [string, number, string])[] = []
  const gaps: { readonly path: string; readonly reason: string }[] = []
  for await (const { path, size } of tree.entries((gap) => gaps.push(gap))) {
    const content = await (await tree.open(path))?.bytes()
    files.push([path, size, content === undefined ? 'not opened' : sum(content)])
  }
  return { files, gaps }
}

/** The sample as a folder. */
export async function layOutSample(root: string): Promise<void> {
  for (const { name, content = '', symlink: target } of sampleSystem) {
    const path = join(root, name)
    await mkdir(dirname(path), { recursive: true })
    if (target === undefined) await writeFile(path, content)
    else await symlink(target, path)
  }
}

/** Reads damaged copies of a disk to their end, whatever they say. Blocks that hold something are damaged; the same ones every time. */
export async function survives(image: Buffer, rounds: number): Promise<void> {
  let seed = 1
  const random = (below: number) => {
    seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31
    return seed % below
  }
  const zeros = Buffer.alloc(1024)
  const used = Array.from({ length: Math.floor(image.length / 1024) }, (_, block) => block * 1024).filter(
    (at) => !image.subarray(at, at + 1024).equals(zeros),
  )
  for (let round = 0; round < rounds; round++) {
    const damaged = Buffer.from(image)
    for (let change = 0; change < 40; change++) damaged.writeUInt8(random(256), used[random(used.length)]! + random(1024))
    expect(await countOf(damaged)).toBeLessThan(5000)
  }
}

async function countOf(image: Buffer): Promise<number> {
  let count = 0
  try {
    const { tree } = await rootOf(await readVolumes(memoryReader(image)), {})
    for await (const { path } of tree.entries(() => {})) {
      count++
      await tree
        .open(path)
        .then((file) => file?.bytes())
        .catch(() => {})
    }
  } catch (thrown) {
    expect(thrown).toBeInstanceOf(AppError)
  }
  return count
}
