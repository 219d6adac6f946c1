import { existsSync } from 'node:fs'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { CoverageItem, Summary, Watched, WatchedSeveral } from '../../src/api/v1/contract.ts'
import type { Credentials } from '../../src/app/data-folder.ts'
import type { ScanResult } from '../../src/app/standalone.ts'
import { layoutFiles, tarOf, writeFiles } from '../archives.ts'
import { emptyStore } from '../database.ts'
import { writeDockerStore } from '../docker-store.ts'
import { oi, type Served, serving } from './oi.ts'

let folder: string
let layout: string
let target: string
/** Of three platforms, the last of which lacks its layer. */
let digests: readonly string[]
const served: Served[] = []
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'oi-several-'))
})
afterAll(async () => {
  await Promise.all(served.map((server) => server.stop('SIGKILL')))
  await rm(folder, { recursive: true, force: true })
})
beforeEach(async () => {
  layout = await mkdtemp(join(folder, 'layout-'))
  target = `image:${layout}?platform=all`
  const platforms = ['amd64', 's390x', 'riscv64']
  const layers = await Promise.all(platforms.map(layerOf))
  const files = layoutFiles(
    platforms.map((architecture, at) => ({ layers: [layers[at]!], platform: { os: 'linux', architecture }, name: 'shop:1' })),
  )
  digests = JSON.parse(files.get('index.json')!.toString()).manifests.map(({ digest }: { digest: string }) => digest)
  const manifest = JSON.parse(files.get(`blobs/${digests[2]!.replace(':', '/')}`)!.toString())
  files.delete(`blobs/${manifest.layers[0].digest.replace(':', '/')}`)
  await writeFiles(layout, files)
})

const layerOf = (name: string) =>
  tarOf([
    {
      name: 'package-lock.json',
      content: JSON.stringify({ lockfileVersion: 3, packages: { 'node_modules/lodash': { version: '4.17.15' } } }),
    },
    { name: `node_modules/${name}/package.json`, content: JSON.stringify({ name, version: '1.0.0' }) },
  ])
const places = () => ['--data', join(folder, 'data'), '--cache', join(folder, 'cache')]
const targetOf = (digest: string) => `image:${layout}?digest=${digest}`
const lost = /has no blobs\/sha256\/[0-9a-f]{64}, a layer of its image/

describe('a target that stands for several', { timeout: 60_000 }, () => {
  it('is scanned one by one, and what fails with one says nothing of the others', async () => {
    const json = await oi(['scan', target, '-o', 'json', ...places()])
    const { scans, ...rest } = JSON.parse(json.out) as { target: string; scans: Partial<ScanResult>[] }
    expect([json.code, rest]).toEqual([3, { target }])
    expect(scans.map((scan) => [scan.target, scan.resource?.platform, scan.components?.map(({ purl }) => purl)])).toEqual([
      [targetOf(digests[0]!), 'linux/amd64', ['pkg:npm/amd64@1.0.0', 'pkg:npm/lodash@4.17.15']],
      [targetOf(digests[1]!), 'linux/s390x', ['pkg:npm/lodash@4.17.15', 'pkg:npm/s390x@1.0.0']],
      [targetOf(digests[2]!), undefined, undefined],
    ])
    expect(scans[2]).toEqual({ target: targetOf(digests[2]!), error: { code: 'invalid', message: expect.stringMatching(lost) } })
    const table = await oi(['scan', target, '-o', 'table', ...places()])
    const rows = table.out.trim().split('\n')
    expect(rows.map((row) => row.split(/\s{2,}/)[0])).toEqual(['RESOURCE', 'linux/amd64 shop:1', 'linux/s390x shop:1'])
    expect(table.err).toMatch(lost)
    const lines = await oi(['scan', target, '-o', 'ndjson', ...places()])
    expect(
      lines.out
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line).target),
    ).toEqual(digests.slice(0, 2).map(targetOf))
  })

  it('has an SBOM for each', async () => {
    const refused = await oi(['sbom', target, ...places()])
    expect([refused.code, refused.out]).toEqual([2, ''])
    expect(refused.err).toContain(`${target} stands for 3 targets: give --folder, or name one of ${targetOf(digests[0]!)}, `)
    const to = join(folder, 'sboms')
    const written = await oi(['sbom', target, '--folder', to, ...places()])
    expect(written.code).toBe(3)
    expect(written.err).toMatch(lost)
    expect((await readdir(to)).sort()).toEqual([0, 1].map((at) => `${digests[at]!.replace(':', '-')}.cdx.json`).sort())
    const { metadata } = JSON.parse(await readFile(join(to, `${digests[1]!.replace(':', '-')}.cdx.json`), 'utf8'))
    expect(metadata.component.name).toBe('shop:1')
  })
})

describe('a server', { timeout: 120_000 }, () => {
  const start = async (data: string, args: readonly string[]) => {
    if (!existsSync(data)) await emptyStore(data)
    const server = await serving(['--data', data, '--feeds', 'off', ...args], { OI_CACHE: join(folder, 'cache') })
    served.push(server)
    const { token } = JSON.parse(await readFile(join(data, 'credentials.json'), 'utf8')) as Credentials
    const get = async <T>(path: string) =>
      (await (await fetch(`${server.url}/api/v1${path}`, { headers: { authorization: `Bearer ${token}` } })).json()) as T
    const settled = async () => {
      while ((await get<Summary>('/summary')).evaluating.pending > 0) await new Promise((done) => setTimeout(done, 50))
    }
    /** What is covered: ARN and reason, sorted. */
    const covered = async () => {
      await settled()
      const { items } = await get<{ items: CoverageItem[] }>('/coverage')
      return items.map(({ arn, reason }) => `${arn} ${reason}`).sort()
    }
    return { server, covered }
  }
  const image = (digest: string, reason = 'SUCCESSFUL') => `urn:openinspector:image:${digest} ${reason}`

  it('takes in what one stands for just now, each as a resource of its own', async () => {
    const data = join(folder, 'added')
    const { server, covered } = await start(data, ['--watch', `image:${layout}?digest=${digests[0]}`])
    await covered()
    await rm(join(layout, 'blobs', digests[1]!.replace(':', '/')))
    const { code, out } = await oi(['resources', 'add', target, '--data', data, '-o', 'json'])
    const added = JSON.parse(out) as WatchedSeveral
    expect(code).toBe(0)
    expect(added.target).toBe(target)
    expect(added.members.map((one: Watched) => [one.arn, one.target])).toEqual([
      [`urn:openinspector:image:${digests[0]}`, targetOf(digests[0]!)],
    ])
    expect(added.failed.map((one) => one.target)).toEqual([targetOf(digests[1]!), targetOf(digests[2]!)])
    expect(await covered()).toEqual([image(digests[0]!)])
    expect(await server.stop()).toBe(0)
  })

  it('that watches one takes in what comes to it later; what was taken out stays out until the next start', async () => {
    const [data, root] = [join(folder, 'watched'), join(folder, 'docker')]
    const one = await writeDockerStore(root, [await layerOf('one')], ['shop:1'])
    let { server, covered } = await start(data, ['--watch', `docker:?root=${root}`])
    expect(await covered()).toEqual([image(one)])
    const two = await writeDockerStore(root, [await layerOf('two')], ['shop:2'], 'two')
    while ((await covered()).length < 2);
    expect(await covered()).toEqual([image(one), image(two)].sort())
    expect((await oi(['resources', 'remove', `urn:openinspector:image:${one}`, '--data', data])).code).toBe(0)
    const three = await writeDockerStore(root, [await layerOf('three')], ['shop:3'], 'three')
    while (!(await covered()).includes(image(three)));
    expect(await covered()).toEqual([image(two), image(three)].sort())
    expect(await server.stop()).toBe(0)
    ;({ server, covered } = await start(data, ['--watch', `docker:?root=${root}`]))
    expect(await covered()).toEqual([image(one), image(two), image(three)].sort())
    expect(await server.stop()).toBe(0)
  })
})
