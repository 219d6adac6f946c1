import { execFileSync } from 'node:child_process'
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { FileTree } from '../model/seams.ts'
import { folderTree } from './folder-tree.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'oi-tree-'))
})
afterEach(async () => {
  await rm(folder, { recursive: true })
})

async function put(path: string, content = ''): Promise<void> {
  await mkdir(join(folder, path, '..'), { recursive: true })
  await writeFile(join(folder, path), content)
}
const link = (path: string, target: string) => symlink(target, join(folder, path))

async function listed(tree: FileTree) {
  const gaps: unknown[] = []
  const entries = await Array.fromAsync(tree.entries((gap) => gaps.push(gap)))
  return { paths: entries.map(({ path }) => path), gaps }
}
const textOf = async (tree: FileTree, path: string) => (await tree.open(path))?.text()

describe('folderTree', () => {
  it('lists regular files in a stable order, and never through links', async () => {
    for (const path of ['b/2', 'b/1', 'a', 'c/d/e', 'skipped/f']) await put(path)
    await link('linked', 'b')
    await link('loop', '.')
    execFileSync('mkfifo', [join(folder, 'fifo')])
    const tree = await folderTree(folder, { links: 'inside', skip: (path) => path === 'skipped' })
    expect(await listed(tree)).toEqual({ paths: ['a', 'b/1', 'b/2', 'c/d/e'], gaps: [] })
  })

  it('lists its starts in their order, nothing twice, and what links lead to under the name asked for', async () => {
    for (const path of ['usr/lib/y', 'usr/x', 'etc/z', 'disk/var/lib/pkg/list', 'home/h']) await put(path, path)
    await link('var', '/disk/var')
    await link('out', '../../elsewhere')
    const tree = await folderTree(folder, { links: 'root', starts: ['usr/lib', 'etc', 'usr', 'usr/lib', 'var/lib', 'out', 'absent'] })
    expect(await listed(tree)).toEqual({ paths: ['usr/lib/y', 'etc/z', 'usr/x', 'var/lib/pkg/list'], gaps: [] })
    expect(await textOf(tree, 'var/lib/pkg/list')).toBe('disk/var/lib/pkg/list')
  })

  it('tells size and mode of an entry', async () => {
    await put('a', 'four')
    const tree = await folderTree(folder, { links: 'inside' })
    const [entry] = await Array.fromAsync(tree.entries(() => {}))
    expect([entry!.size, entry!.mode.toString(8)]).toEqual([4, '644'])
  })

  it('stops at its limits with a gap', async () => {
    for (const path of ['a/1', 'a/2', 'b/3', 'c/d/e/f/4']) await put(path)
    const few = await folderTree(folder, { links: 'inside', limits: { entries: 4 } })
    expect(await listed(few)).toEqual({
      paths: [],
      gaps: [{ path: 'a', reason: 'more than 4 entries: the rest of the tree was not looked at' }],
    })
    const flat = await folderTree(folder, { links: 'inside', limits: { depth: 2 } })
    expect(await listed(flat)).toEqual({
      paths: ['a/1', 'a/2', 'b/3'],
      gaps: [{ path: 'c/d/e', reason: 'more than 2 folders deep: not looked at' }],
    })
  })

  it('refuses a file past the limit when it is read', async () => {
    await put('big', 'x'.repeat(11))
    const tree = await folderTree(folder, { links: 'inside', limits: { fileBytes: 10 } })
    await expect(textOf(tree, 'big')).rejects.toThrow('big is too large: 11 bytes or more, at most 10 are read')
  })

  it('reads a part of a file that is too large to be read whole, as much of it as there is', async () => {
    await put('big', 'abcdefghijklmnop')
    const tree = await folderTree(folder, { links: 'inside', limits: { fileBytes: 10 } })
    const big = await tree.open('big')
    const range = async (offset: number, length: number) => Buffer.from((await big?.range(offset, length)) ?? '?').toString()
    expect([await range(0, 3), await range(12, 10), await range(16, 1), await range(1e9, 4)]).toEqual(['abc', 'mnop', '', ''])
    await expect(range(0, 11)).rejects.toThrow('big: 11 bytes asked for at once, at most 10 are read')
    await expect(range(-1, 2)).rejects.toThrow('big: expected a place in the file, got 2 bytes at -1')
    await expect(range(0.5, 2)).rejects.toThrow('big: expected a place in the file, got 2 bytes at 0.5')
  })

  it('follows links inside, and none out', async () => {
    await put('root/real/file', 'inside')
    await put('secret', 'outside')
    await link('root/to-file', 'real/file')
    await link('root/to-folder', 'real')
    await link('root/relative-out', '../secret')
    await link('root/absolute-out', join(folder, 'secret'))
    await link('root/absolute-in', '/real/file')
    await link('root/circle', 'circle')
    await link('root/up', '../../../real/file')
    const root = join(folder, 'root')
    await link('root/absolute-host', join(root, 'real/file'))
    const inside = await folderTree(root, { links: 'inside' })
    const asRoot = await folderTree(root, { links: 'root' })
    const cases: readonly [path: string, inside: string | undefined, asRoot: string | undefined][] = [
      ['real/file', 'inside', 'inside'],
      ['to-file', 'inside', 'inside'],
      ['to-folder/file', 'inside', 'inside'],
      ['relative-out', undefined, undefined],
      ['absolute-out', undefined, undefined],
      ['absolute-in', undefined, 'inside'],
      ['absolute-host', 'inside', undefined],
      ['circle', undefined, undefined],
      ['up', undefined, 'inside'],
      ['../secret', undefined, undefined],
      ['real', undefined, undefined],
      ['absent', undefined, undefined],
    ]
    const found = await Promise.all(cases.map(async ([path]) => [path, await textOf(inside, path), await textOf(asRoot, path)]))
    expect(found).toEqual(cases)
  })

  it('never waits for a pipe', async () => {
    execFileSync('mkfifo', [join(folder, 'fifo')])
    const tree = await folderTree(folder, { links: 'inside' })
    expect(await tree.open('fifo')).toBeUndefined()
  })

  it.each([
    ['at once', Infinity],
    ['several at a time', 0],
  ])('reads what is there when it is read, %s', async (_, quickMs) => {
    for (const path of ['0', 'cut', 'gone', 'grown', 'linked', 'piped', 'same']) await put(path, 'four')
    const tree = await folderTree(folder, { links: 'inside', quickMs, limits: { fileBytes: 10 } })
    const files = await Promise.all(['0', 'cut', 'gone', 'grown', 'linked', 'piped', 'same'].map((path) => tree.open(path)))
    await put('cut', '4')
    await put('grown', 'eleven byte')
    for (const path of ['gone', 'linked', 'piped']) await rm(join(folder, path))
    await link('linked', 'same')
    execFileSync('mkfifo', [join(folder, 'piped')])
    const read = files.map((file) => file!.text().catch(({ message }: Error) => message.replaceAll(folder, '')))
    expect(await Promise.all(read)).toEqual([
      'four',
      '4',
      "ENOENT: no such file or directory, open '/gone'",
      'grown is too large: 11 bytes or more, at most 10 are read',
      "ELOOP: too many symbolic links encountered, open '/linked'",
      'expected a regular file at piped',
      'four',
    ])
  })

  it.skipIf(process.platform !== 'linux')('reads files that say they are empty', async () => {
    const tree = await folderTree('/proc/self', { links: 'inside', skip: () => true })
    expect(await textOf(tree, 'status')).toContain(`Pid:\t${process.pid}\n`)
  })
})
