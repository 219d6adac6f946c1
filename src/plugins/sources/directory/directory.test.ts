import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises'
import { hostname, tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { ResourceSource } from '../../../model/seams.ts'
import { rootfs } from '../rootfs/index.ts'
import { directory } from './index.ts'

const scope = { account: '000000000000', region: 'us-east-1' }
let folder: string
beforeEach(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'oi source ')))
})
afterEach(async () => {
  await rm(folder, { recursive: true })
})
async function put(path: string, content = ''): Promise<void> {
  await mkdir(join(folder, path, '..'), { recursive: true })
  await writeFile(join(folder, path), content)
}
async function paths(source: ResourceSource, exclude: readonly string[] = []): Promise<readonly string[]> {
  const opened = await source.open({ scheme: 'dir', value: folder }, { ...scope, exclude })
  const collected = await opened.collect()
  if (collected.is !== 'files') throw new Error('expected files')
  return (await Array.fromAsync(collected.tree.entries(() => {}))).map(({ path }) => path)
}

describe.each([
  [directory, 'directory', 'dir'],
  [rootfs, 'rootfs', 'rootfs'],
] as const)('source $id', (source, kind, scheme) => {
  it('is the folder itself, however it is reached', async () => {
    await put('real/a')
    await symlink('real', join(folder, 'link'))
    const { resource, watch } = await source.open({ scheme, value: join(folder, 'link') }, scope)
    const path = join(folder, 'real')
    expect(resource).toEqual({
      arn: `urn:openinspector:${kind}:${encodeURIComponent(hostname())}:${path.replaceAll(' ', '%20')}`,
      id: path,
      type: 'OPENINSPECTOR_DIRECTORY',
      account: '000000000000',
      region: 'us-east-1',
      tags: {},
      facts: { hostname: hostname(), path },
    })
    expect(watch).toEqual([path])
  })

  it('refuses what is no folder', async () => {
    await put('file')
    await expect(source.open({ scheme, value: join(folder, 'absent') }, scope)).rejects.toThrow(
      `${scheme}: expected a folder, but there is nothing readable at`,
    )
    await expect(source.open({ scheme, value: join(folder, 'file') }, scope)).rejects.toThrow(
      `${scheme}: expected a folder at ${join(folder, 'file')}, got a file`,
    )
  })

  it('leaves out our own data', async () => {
    await put('data/pg/1')
    await put('a')
    expect(await paths(source, [join(folder, 'data')])).toEqual(['a'])
  })
})

it('a directory has its node_modules, and no version control', async () => {
  for (const path of ['package-lock.json', 'node_modules/a/package.json', '.git/config', 'sub/.git/config', 'proc/x']) await put(path)
  expect(await paths(directory)).toEqual(['package-lock.json', 'node_modules/a/package.json', 'proc/x'])
})

it('a root file system has no pseudo file systems, and its links begin at its root', async () => {
  for (const path of ['proc/1/maps', 'sys/x', 'dev/x', 'run/x', 'home/proc/x', 'usr/lib/os-release']) await put(path, path)
  await mkdir(join(folder, 'etc'))
  await symlink('/usr/lib/os-release', join(folder, 'etc/os-release'))
  expect(await paths(rootfs)).toEqual(['home/proc/x', 'usr/lib/os-release'])
  const collected = await (await rootfs.open({ scheme: 'rootfs', value: folder }, scope)).collect()
  expect(await (await collected.tree.open('etc/os-release'))?.text()).toBe('usr/lib/os-release')
})

it('watches the package database of a root file system', async () => {
  const watched = async () => (await rootfs.open({ scheme: 'rootfs', value: folder }, scope)).watch?.map((path) => relative(folder, path))
  expect(await watched()).toEqual([''])
  await put('var/lib/dpkg/status')
  expect(await watched()).toEqual(['', 'var/lib/dpkg/status'])
})
