import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { extractLayers } from '../src/core/extraction/index.ts'
import { archiveTree } from '../src/formats/archive/archive-tree.ts'
import { openArchive } from '../src/formats/archive/open-archive.ts'
import { rootOf } from '../src/formats/disk/root.ts'
import { readVolumes } from '../src/formats/disk/volumes.ts'
import { folderTree } from '../src/kit/folder-tree.ts'
import { limits } from '../src/kit/limits.ts'
import type { FileTree } from '../src/model/seams.ts'
import { npm } from '../src/plugins/ecosystems/npm/index.ts'
import { sha256, tarOf } from './archives.ts'
import { carriers, layOut, type Carrier, type Damage, type Put } from './carriers.ts'
import { memoryReader } from './disk-images.ts'
import { extOf, mke2fs, mkfsXfs, xfsOf } from './disk-tools.ts'
import { zipOf } from './zip.ts'

/** In which words all of it is refused, or which packages are lost and what is told of it; nothing of both: it does no harm. */
type Seen =
  | { readonly refused: RegExp }
  | { readonly lost?: readonly string[]; readonly told?: readonly RegExp[] }
  | { readonly cannot: string }
type Row = {
  readonly name: string
  readonly why: string
  readonly damage: Damage
  readonly put?: readonly Put[]
  readonly seen: Partial<Readonly<Record<Carrier['family'] | 'others', Seen>>>
}

const pack = (name: string): Put => ({ name: `srv/node_modules/${name}/package.json`, content: JSON.stringify({ name, version: '1.0.0' }) })
const noise = Buffer.from(Array.from({ length: 5000 }, (_, i) => (i * i * 7919) >> 5))
const noFile: Seen = { cannot: 'it is no file that could be damaged' }
const flipped = (bytes: Buffer, at: number): Buffer => {
  const changed = Buffer.from(bytes)
  changed[at]! ^= 0xff
  return changed
}
/** The first byte of content of the first entry of a zip, behind its name. */
const firstContent = (zip: Buffer): number => 30 + zip.readUInt16LE(26) + zip.readUInt16LE(28)
const inDigest =
  /is damaged: expected sha256|is not whole gzip data|bytes, its manifest says|breaks off blob|sends more than|is not a whole tar archive/
const zeros = gzipSync(Buffer.alloc(16 << 20))
/** Gzip of several members, of which the later unpack to 320 MiB behind the end of the archive. */
const bomb: Damage = Object.assign((bytes: Buffer) => Buffer.concat([bytes, ...Array<Buffer>(20).fill(zeros)]), { early: true } as const)
const isDecompressed = /unpacks to more than 200 times its size \(\d+ to \d+ bytes\): a decompression bomb\?/

const rows: readonly Row[] = [
  {
    name: 'cut in the middle',
    why: 'what is not there could be anything',
    damage: (bytes) => bytes.subarray(0, bytes.length >> 1),
    seen: {
      tar: { refused: /is truncated|is not whole (?:gzip|zstd) data/ },
      zip: { refused: /is truncated: it has no end record/ },
      lambda: { refused: /is truncated: it has no end record/ },
      layers: { refused: inDigest },
      ext: { told: [/^disk: the file system has 16777216 bytes, the volume 8388608: what lies past its end cannot be read$/] },
      xfs: { lost: ['first', 'last'], told: [/journal/, /what lies past its end cannot be read/, /^srv: the disk ends at byte 16777216/] },
    },
  },
  {
    name: 'without its last byte',
    why: 'the end is a part of it, too',
    damage: (bytes) => bytes.subarray(0, bytes.length - 1),
    seen: {
      tar: { refused: /is truncated|is not whole (?:gzip|zstd) data/ },
      zip: { refused: /is truncated: it has no end record/ },
      lambda: { refused: /is truncated: it has no end record/ },
      layers: { refused: inDigest },
      ext: { told: [/what lies past its end cannot be read/] },
      xfs: { told: [/what lies past its end cannot be read/] },
    },
  },
  {
    name: 'empty',
    why: 'nothing is not "nothing installed"',
    damage: () => Buffer.alloc(0),
    seen: {
      tar: { lost: ['first', 'last'], told: [/^: nothing was found here that tells what is installed: what it holds is unknown$/] },
      zip: { refused: /is not a zip archive/ },
      lambda: { refused: /is not a zip archive/ },
      layers: { refused: inDigest },
      ext: { refused: /no file system that can be read/ },
      xfs: { refused: /no file system that can be read/ },
    },
  },
  {
    name: 'with a wrong byte in its first header',
    why: 'checksums are checked, and where an entry stands alone the others are read',
    damage: (bytes) => flipped(bytes, 3),
    seen: {
      tar: { refused: /a header with a wrong checksum|is not whole (?:gzip|zstd) data/ },
      zip: { lost: ['first'], told: [/entry "srv\/node_modules\/first\/package.json" has no local header$/] },
      lambda: { lost: ['first'], told: [/has no local header$/] },
      layers: { refused: inDigest },
      ext: {}, // the first kilobyte is for whoever starts the machine
      xfs: { refused: /no file system that can be read/ },
    },
  },
  {
    name: 'with a wrong byte in a file',
    why: 'a zip says which file is not what it was, a digest only that one is not; a plain tar and a file system do not know',
    damage: (bytes) =>
      bytes.readUInt32LE(0) === 0x04034b50 ? flipped(bytes, firstContent(bytes) + 20) : flipped(bytes, bytes.length >> 1),
    seen: {
      tar: { cannot: 'tar has no checksum of content' },
      zip: { lost: ['first'], told: [/^srv\/node_modules\/first\/package.json: /] },
      lambda: { lost: ['first'], told: [/srv\/node_modules\/first\/package.json: /] },
      layers: { refused: inDigest },
      ext: { cannot: 'there is no checksum of content' },
      xfs: { cannot: 'there is no checksum of content' },
    },
  },
  {
    name: 'with something behind its end',
    why: 'what comes behind the end is no part of it; what is packed or has a digest has none',
    damage: (bytes) => Buffer.concat([bytes, Buffer.from('behind')]),
    seen: {
      tar: { cannot: 'plain it is left alone, packed it is refused: see the archives`s own tests' },
      layers: { refused: inDigest },
      others: {},
    },
  },
  {
    name: 'that unpacks to more than it may',
    why: 'a bomb is stopped by its ratio while it unpacks, before anything of it is believed',
    damage: bomb,
    seen: {
      tar: { cannot: 'only gzip is added to here' },
      layers: { cannot: 'only gzip is added to here' },
      others: { cannot: 'its entries are packed one by one: see below' },
    },
  },
  {
    name: 'with an entry that unpacks to more than it may',
    why: 'a bomb is a gap, and the others are read',
    damage: (bytes) => bytes,
    put: [{ name: 'srv/node_modules/evil/package.json', content: Buffer.alloc(1 << 20) }],
    seen: {
      others: { told: [/srv\/node_modules\/evil\/package.json: .*is not valid JSON$/] },
      zip: { told: [/^srv\/node_modules\/evil\/package.json: entry "srv\/node_modules\/evil\/package.json" unpacks more than 250 to 1$/] },
      lambda: { told: [/unpacks more than 250 to 1$/] },
      xfs: { told: [/srv\/node_modules\/evil\/package.json: .*is not valid JSON$/] },
    },
  },
]
/** Of families of which not all members are packed with gzip, those that are. */
const gzipped = ['tar in gzip', 'OCI layout', 'OCI archive', "containerd's store", 'registry']

describe.each(rows)('a carrier $name: $why', ({ damage, put = [], seen }) => {
  for (const carrier of carriers) {
    const given = carrier.family === 'folder' || carrier.family === 'docker' ? noFile : (seen[carrier.family] ?? seen.others!)
    const expected = damage === bomb && gzipped.includes(carrier.name) ? { refused: isDecompressed } : given
    const cannot = 'cannot' in expected ? expected.cannot : carrier.lacks
    it.skipIf(cannot !== undefined)(`${carrier.name}${cannot === undefined ? '' : ` (skipped: ${cannot})`}`, async () => {
      const found = await seenOf(carrier, [pack('first'), ...put, { name: 'noise', content: noise }, pack('last')], damage)
      if ('refused' in expected) expect(found).toEqual({ refused: expect.stringMatching(expected.refused) })
      else {
        const { lost = [], told = [] } = 'cannot' in expected ? {} : expected
        expect(found).toEqual({ lost, told: told.map((words) => expect.stringMatching(words)) })
      }
    })
  }
})

async function seenOf(carrier: Carrier, entries: readonly Put[], damage: Damage): Promise<unknown> {
  try {
    const { occurrences, gaps } = await carrier.look(entries, npm.extractors, damage)
    const names = new Set(occurrences.map(({ component }) => component.name))
    return { lost: ['first', 'last'].filter((name) => !names.has(name)), told: gaps.map(({ path, reason }) => `${path}: ${reason}`) }
  } catch (thrown) {
    return { refused: (thrown as Error).message }
  }
}

describe('more entries than are looked at', () => {
  const most = { ...limits, entries: 10 }
  const many = Array.from({ length: 30 }, (_, at) => ({ name: `srv/file-${at}`, content: 'x' }))
  let folder: string
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'oi-many-'))
    await layOut(join(folder, 'root'), many)
  })
  afterAll(async () => {
    await rm(folder, { recursive: true })
  })
  const gapsOf = async (tree: FileTree) => {
    const gaps: string[] = []
    await Array.fromAsync(tree.entries(({ reason }) => gaps.push(reason)))
    return gaps
  }
  const rest = ['more than 10 entries: the rest of the tree was not looked at']

  it('in a folder are a gap', async () => {
    expect(await gapsOf(await folderTree(join(folder, 'root'), { links: 'root', limits: most }))).toEqual(rest)
  })
  it.each([
    ['a tar', () => tarOf(many), /has more than 10 entries: not read further/],
    ['a zip', async () => zipOf(many), /holds 30 entries, at most 10 are read/],
  ])('in %s are refused', async (_, bytes, words) => {
    await writeFile(join(folder, 'archive'), await bytes())
    const listing = openArchive(join(folder, 'archive'), most).then((opened) => gapsOf(archiveTree(opened, most)))
    await expect(listing).rejects.toThrow(words)
  })
  it('in a layer are refused', async () => {
    const bytes = await tarOf(many)
    const layer = { diffId: sha256(bytes), open: async () => asPieces(bytes), verify: async () => {} }
    await expect(extractLayers([layer], npm.extractors, { limits: most })).rejects.toThrow(/has more than 10 entries: not read further/)
  })
  it.skipIf(mke2fs === undefined)('on ext4 are a gap', async () => {
    await extOf(join(folder, 'root'), join(folder, 'ext.img'))
    const volumes = await readVolumes(memoryReader(await readFile(join(folder, 'ext.img'))))
    expect(await gapsOf((await rootOf(volumes, { limits: most })).tree)).toEqual(rest)
  })
  it.skipIf(mkfsXfs === undefined)('on XFS are a gap', async () => {
    await xfsOf(many, folder, join(folder, 'xfs.img'))
    const volumes = await readVolumes(memoryReader(await readFile(join(folder, 'xfs.img'))))
    expect(await gapsOf((await rootOf(volumes, { limits: most })).tree)).toEqual(rest)
  })
})

async function* asPieces(bytes: Buffer): AsyncIterable<Uint8Array> {
  yield bytes
}
