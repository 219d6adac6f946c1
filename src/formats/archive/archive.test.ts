import { gzipSync, zstdCompressSync } from 'node:zlib'
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { tarOf, type Entry } from '../../../test/archives.ts'
import { zipOf, type Packed } from '../../../test/zip.ts'
import { limits, type Limits } from '../../kit/limits.ts'
import { archiveTree } from './archive-tree.ts'
import { openArchive } from './open-archive.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'oi-archive-'))
})
afterEach(async () => {
  await rm(folder, { recursive: true })
})

/** What an archive lists, with the content or what was said instead of it, and what was not looked at. */
async function read(bytes: Uint8Array, most: Limits = limits) {
  const path = join(folder, 'archive')
  await writeFile(path, bytes)
  const archive = await openArchive(path, most)
  try {
    const tree = archiveTree(archive, most)
    const files: Record<string, string> = {}
    const gaps: Record<string, string> = {}
    for await (const entry of tree.entries(({ path: at, reason }) => (gaps[at] = reason))) {
      const file = await tree.open(entry.path)
      files[entry.path] = await file!.text().catch((thrown: Error) => thrown.message)
    }
    return { files, gaps, open: async (at: string) => await (await tree.open(at))?.text() }
  } finally {
    await archive.close()
  }
}
const link = (name: string, target: string): Packed => ({ name, content: target, mode: 0o120777 })

describe('an archive', () => {
  const entries = [
    { name: 'app/', content: '' },
    { name: 'app/package.json', content: '{}' },
    { name: './app/deep/er/file', content: 'deeper' },
  ]
  const files = { 'app/package.json': '{}', 'app/deep/er/file': 'deeper' }

  it.each([
    ['tar', (bytes: Buffer) => bytes],
    ['tar in gzip', (bytes: Buffer) => gzipSync(bytes)],
    ['tar in zstd', (bytes: Buffer) => zstdCompressSync(bytes)],
  ])('of %s is listed and read', async (_, pressed) => {
    const before = (await readdir(tmpdir())).filter((name) => name.startsWith('openinspector-image-'))
    expect(await read(pressed(await tarOf(entries)))).toMatchObject({ files, gaps: {} })
    expect((await readdir(tmpdir())).filter((name) => name.startsWith('openinspector-image-'))).toEqual(before)
  })

  it('of zip is listed and read', async () => {
    expect(await read(zipOf(entries))).toMatchObject({ files, gaps: {} })
    expect(await read(zipOf([]))).toMatchObject({ files: {}, gaps: {} })
  })

  it('gives parts of a file', async () => {
    for (const bytes of [await tarOf(entries), zipOf(entries)]) {
      const path = join(folder, 'parts')
      await writeFile(path, bytes)
      const archive = await openArchive(path, limits)
      const file = await archiveTree(archive, limits).open('app/deep/er/file')
      const part = async (offset: number, length: number) => Buffer.from(await file!.range(offset, length)).toString()
      expect([await part(1, 3), await part(4, 100), await part(100, 5)]).toEqual(['eep', 'er', ''])
      await archive.close()
    }
  })
})

it('packed as nobody here reads is told, and not taken for a broken one', async () => {
  await expect(read(Buffer.from('\xfd7zXZ\0\0\x04', 'latin1'))).rejects.toThrow(
    'is packed with xz: expected tar, tar in gzip or zstd, or zip',
  )
  expect((await read(await tarOf([{ name: 'BZh9', content: 'x' }]))).files).toEqual({ BZh9: 'x' })
})

describe('hostile entries', () => {
  it('of tar become gaps, or nothing', async () => {
    const entries: readonly Entry[] = [
      { name: '../outside', content: 'x' },
      { name: 'a/../../outside', content: 'x' },
      { name: '/absolute', content: 'inside' },
      { name: 'etc', symlink: '/etc' },
      { name: 'etc/passwd', content: 'below a link' },
      { name: 'up', symlink: '../../../../etc/passwd' },
      { name: 'loop', symlink: 'loop' },
      { name: 'hard', link: 'absolute' },
      { name: 'nowhere', link: 'missing' },
      { name: 'outside', link: '../../etc/passwd' },
      { name: 'disk', type: 'block-device' },
      { name: 'pipe', type: 'fifo' },
      { name: 'twice', content: 'first' },
      { name: 'Twice', content: 'another' },
      { name: 'twice', content: 'last' },
      { name: 'file', content: 'x' },
      { name: 'file/below', content: 'x' },
      { name: `${'d/'.repeat(200)}deep`, content: 'x' },
    ]
    const { files, gaps, open } = await read(await tarOf(entries))
    expect(files).toEqual({ Twice: 'another', absolute: 'inside', file: 'x', hard: 'inside', twice: 'last' })
    const below = 'lies below what the archive says is no folder: not looked at'
    const hard = 'a hard link to what is no file of the archive: not read'
    expect(gaps).toEqual({
      '../outside': 'its path leads out of the archive: not looked at',
      'a/../../outside': 'its path leads out of the archive: not looked at',
      'etc/passwd': below,
      'file/below': below,
      nowhere: hard,
      outside: hard,
      [`${'d/'.repeat(200)}deep`]: 'more than 128 folders deep: not looked at',
    })
    expect([await open('up'), await open('loop'), await open('disk'), await open('etc/passwd')]).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
    ])
  })

  it('of zip become gaps, or nothing', async () => {
    const { files, gaps, open } = await read(
      zipOf([
        { name: '../outside', content: 'x' },
        { name: '..\\outside', content: 'x' },
        { name: '/absolute', content: 'inside' },
        { name: '/', content: '' },
        link('link', 'absolute'),
        link('up', '../../../etc/passwd'),
        link('long', 'x'.repeat(5000)),
        { name: 'link/below', content: 'x' },
        { name: 'device', content: '', mode: 0o060644 },
        { name: 'twice', content: 'first' },
        { name: 'TWICE', content: 'another' },
        { name: 'twice', content: 'last' },
        { name: 'secret', content: 'x', encrypted: true },
        { name: 'lies', content: 'short', claimedSize: 4000 },
        { name: 'bomb', content: Buffer.alloc(1 << 20) },
      ]),
    )
    expect(files).toEqual({
      TWICE: 'another',
      absolute: 'inside',
      twice: 'last',
      secret: 'entry "secret" is encrypted',
      lies: 'entry "lies" has 5 bytes, its directory says 4000',
      bomb: 'entry "bomb" unpacks more than 250 to 1',
    })
    expect(gaps).toEqual({
      '../outside': 'its path leads out of the archive: not looked at',
      '..\\outside': 'its path leads out of the archive: not looked at',
      long: 'a link that cannot be read: a target of 5000 bytes',
      'link/below': 'lies below what the archive says is no folder: not looked at',
      twice: 'listed twice: the last of the two was looked at',
    })
    expect([await open('link'), await open('up'), await open('device')]).toEqual(['inside', undefined, undefined])
  })

  it('stored sparse are not read, and too large ones neither', async () => {
    const sparse = await tarOf([
      { name: 'sparse', content: 'x' },
      { name: 'big', content: 'x'.repeat(100) },
    ])
    sparse[156] = 'S'.charCodeAt(0)
    sparse.fill(' ', 148, 156)
    const sum = sparse.subarray(0, 512).reduce((total, byte) => total + byte, 0)
    sparse.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1')
    expect((await read(sparse, { ...limits, fileBytes: 50 })).files).toEqual({
      sparse: 'sparse is stored as a sparse file: not read',
      big: 'big: 100 bytes, at most 50 of one file are read',
    })
  })

  it('without number are told as a count', async () => {
    const many = Array.from({ length: 20 }, (_, i) => ({ name: `../${i}`, content: '' }))
    for (const bytes of [await tarOf(many), zipOf(many)]) {
      const { gaps } = await read(bytes, { ...limits, gaps: 5 })
      expect([Object.keys(gaps).length, gaps['']]).toEqual([6, '15 more entries could not be looked at'])
      await expect(read(bytes, { ...limits, entries: 10 })).rejects.toThrow(/more than 10 entries|at most 10 are read/)
    }
  })
})

describe('what is no archive', () => {
  it.each([
    ['rubbish', Buffer.alloc(2000, 7), 'is not a whole tar archive'],
    ['a cut zip', zipOf([{ name: 'a', content: 'x' }]).subarray(0, 40), /^zip archive .* is truncated: it has no end record$/],
    ['cut gzip', gzipSync(Buffer.alloc(5000, 'x')).subarray(0, 20), 'is not whole gzip data'],
  ])('%s', async (_, bytes, words) => {
    await expect(read(bytes)).rejects.toThrow(words)
  })

  it('a bomb of gzip', async () => {
    const bomb = gzipSync(await tarOf([{ name: 'a', content: Buffer.alloc(4 << 20) }]))
    await expect(read(bomb, { ...limits, ratioFromBytes: 1 << 20 })).rejects.toThrow('a decompression bomb?')
  })

  it('a folder, or nothing', async () => {
    await expect(openArchive(folder, limits)).rejects.toThrow('got what is no file')
    await expect(openArchive(join(folder, 'absent'), limits)).rejects.toThrow('there is nothing readable at')
  })
})
