import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { mkdir, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { type BlockReader, checkPlace } from '../src/formats/disk/block-reader.ts'
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
  for (const island of [1, 2, 3, 4, 5, 6]) bytes.write(`island ${island}`, island * 20000)
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
