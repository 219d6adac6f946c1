import { once } from 'node:events'
import { mkdir, mkdtemp, readdir, realpath, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { Interrupted } from '../kit/interruption.ts'
import { layoutFiles, tarOf, writeFiles } from '../../test/archives.ts'
import { identify, lookAt, type Looked, type LookOptions, type Opened } from './looking.ts'

let folder: string
beforeEach(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'oi-look-')))
  await mkdir(join(folder, 'target'))
  // Others look at the same time.
  await mkdir(join(folder, 'tmp'))
  vi.stubEnv('TMPDIR', join(folder, 'tmp'))
})
afterEach(async () => {
  vi.unstubAllEnvs()
  await rm(folder, { recursive: true })
})

const program = new URL('../../test/hostile-look.ts', import.meta.url)
const options = (more: Partial<LookOptions> = {}): LookOptions => ({
  ...{ account: '000000000000', region: 'us-east-1', exclude: [], layers: join(folder, 'layers'), program },
  ...more,
})
async function put(path: string, content: string): Promise<void> {
  await mkdir(join(folder, 'target', path, '..'), { recursive: true })
  await writeFile(join(folder, 'target', path), content)
}
const target = () => `dir:${folder}/target`
const names = ({ inventory }: Looked) => inventory.occurrences.map(({ component }) => component.name)
const scratches = async () => (await readdir(tmpdir())).filter((name) => name.startsWith('openinspector-look-'))

describe('a look at a target', () => {
  it('tells of the resource, then what it holds', async () => {
    await put('lib.txt', 'is left')
    const told: Opened[] = []
    const looked = await lookAt(target(), options(), (opened) => told.push(opened))
    expect(told).toEqual([
      {
        target: target(),
        collector: 'directory',
        resource: expect.objectContaining({ id: `${folder}/target` }),
        watch: [`${folder}/target`],
      },
    ])
    expect(looked).toEqual({
      ...told[0],
      inventory: {
        occurrences: [
          {
            component: { purl: 'pkg:npm/left@1', type: 'npm', name: 'left', version: '1' },
            at: { path: 'lib.txt' },
            extractor: 'test/obedient',
          },
        ],
        gaps: [],
      },
    })
  })

  it.each([
    ['never comes to an end', 'loop', { readSeconds: 0.1 }, 'took more than 0.1 seconds to read: not read'],
    ['takes more memory than there is', 'eat', { lookMemory: 96 }, 'took more than 96 MB of memory: not read'],
    ['ends the process', 'SIGSEGV', {}, 'ended the process that read it (SIGSEGV): not read'],
  ])('leaves out a file that %s, and tells', async (_, verb, limits, reason) => {
    await put('bad.txt', verb)
    await put('a/lib.txt', 'is left')
    await put('z/lib.txt', 'is right')
    const looked = await lookAt(target(), options({ limits }))
    expect(looked.inventory.gaps).toEqual([{ path: 'bad.txt', extractor: 'test/obedient', reason }])
    expect(names(looked)).toEqual(['left', 'right'])
  })

  it('fails in words where a document cannot be opened in the time or memory there is', async () => {
    const file = join(folder, 'bom.json')
    await writeFile(file, `{"bomFormat":"CycloneDX","specVersion":"1.6","components":[${'{},'.repeat(900_000)}{}]}`)
    await expect(lookAt(`sbom:${file}`, options({ limits: { lookMemory: 64 } }))).rejects.toThrow(
      'bom.json took more than 64 MB of memory: not read',
    )
    await expect(lookAt(`sbom:${file}`, options({ limits: { readSeconds: 0.1 } }))).rejects.toThrow(
      'bom.json took more than 0.1 seconds to read: not read',
    )
  })

  it('ends where too many files are bad', async () => {
    for (const name of ['a', 'b', 'c']) await put(`${name}/bad.txt`, 'SIGSEGV')
    await expect(lookAt(target(), options({ limits: { brokenLooks: 2 } }))).rejects.toThrow(
      'more than 2 files take too much time or memory to read: not looked at further',
    )
  })

  it('keeps nothing in the cache of a layer that it could not read wholly', async () => {
    const layer = (content: string) =>
      tarOf([
        { name: 'lib.txt', content: `is ${content}` },
        { name: 'bad.txt', content },
      ])
    const layers = [await layer('good'), await tarOf([{ name: 'a/bad.txt', content: 'SIGSEGV' }])]
    await writeFiles(join(folder, 'image'), layoutFiles([{ layers }]))
    const looked = await lookAt(`image:${folder}/image`, options())
    expect(names(looked)).toEqual(['', 'good'])
    expect(looked.inventory.gaps).toEqual([
      { path: 'a/bad.txt', extractor: 'test/obedient', reason: 'ended the process that read it (SIGSEGV): not read' },
    ])
    // The second time the first layer alone comes from the cache, and the file breaks the look once more.
    let opened = 0
    expect(await lookAt(`image:${folder}/image`, options(), () => opened++)).toEqual(looked)
    expect(opened).toBe(2)
  })

  it('fails in words of the target', async () => {
    await expect(lookAt(`dir:${folder}/absent`, options())).rejects.toMatchObject({ name: 'AppError', code: 'missing' })
    await expect(identify('what:is', options())).rejects.toMatchObject({ name: 'AppError' })
  })

  it('is not blamed on a file when somebody ends it from outside', async () => {
    await put('bad.txt', 'SIGTERM')
    await expect(lookAt(target(), options())).rejects.toThrow(Interrupted)
  })
})

describe('while a look has no end', () => {
  const endless = { readSeconds: 3_600 }

  it('requests are answered, and an abort ends it', async () => {
    await put('bad.txt', 'loop')
    const server = createServer((_, response) => response.end('here')).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const stop = new AbortController()
    const opened = Promise.withResolvers<Opened>()
    const looking = lookAt(target(), options({ limits: endless, signal: stop.signal }), opened.resolve)
    await opened.promise
    expect(await scratches()).toHaveLength(1)
    expect(await (await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)).text()).toBe('here')
    stop.abort()
    await expect(looking).rejects.toThrow('aborted')
    expect(await scratches()).toEqual([])
    server.close()
  })

  it('a target can be identified', async () => {
    await put('bad.txt', 'loop')
    expect(await identify(target(), options({ limits: endless }))).toMatchObject({ target: target(), collector: 'directory' })
  })
})
