import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { folderCache } from './folder-cache.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'oi-cache-'))
})
afterEach(async () => {
  await rm(folder, { recursive: true })
})

it('gives back what was put in, to every process that has the folder', async () => {
  await folderCache(join(folder, 'new')).set('../a key', Buffer.from('value'))
  expect((await folderCache(join(folder, 'new')).get('../a key'))?.toString()).toBe('value')
  expect(await folderCache(folder).get('another')).toBeUndefined()
})

it.each([
  ['emptied', () => Buffer.alloc(0)],
  ['cut', (bytes: Buffer) => bytes.subarray(0, -1)],
  ['changed', (bytes: Buffer) => Buffer.concat([bytes.subarray(0, -1), Buffer.from('!')])],
])('takes a value that was %s as absent', async (_, damage) => {
  const cache = folderCache(folder)
  await cache.set('key', Buffer.from('value'))
  const [name] = await readdir(folder)
  const file = join(folder, name!)
  await writeFile(file, damage(await readFile(file)))
  expect(await cache.get('key')).toBeUndefined()
})
