import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { tarOf } from '../archives.ts'
import { hold, startRegistry, type TestRegistry } from '../registry-server.ts'
import { startOi, type Started } from './oi.ts'

let registry: TestRegistry
let layer: Buffer
let scratch: string
let temporary: string
beforeAll(async () => {
  registry = await startRegistry('shop')
  layer = await tarOf([{ name: 'etc/os-release', content: 'ID=debian\n' }])
  registry.push('1.0', [{ layers: [layer], compression: 'none' }])
})
afterAll(() => registry.close())
beforeEach(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'oi-interrupted-'))
  temporary = join(scratch, 'tmp')
  await mkdir(temporary)
  await writeFile(join(scratch, 'registries.json'), JSON.stringify({ [registry.host]: { private: true } }))
  await writeFile(join(scratch, 'package-lock.json'), '{"lockfileVersion":3,"packages":{"node_modules/left":{"version":"1.0.0"}}}')
  return () => rm(scratch, { recursive: true, force: true })
})

const start = (args: readonly string[]) =>
  startOi(
    args,
    {
      ...{ TMPDIR: temporary, OI_DATA: join(scratch, 'data'), OI_CACHE: join(scratch, 'cache') },
      OI_REGISTRIES: join(scratch, 'registries.json'),
    },
    scratch,
  )
/** Waits for the moment; a command that ends before it never gets there. */
const until = async (moment: Promise<void>, { ended }: Started) => {
  const early = await Promise.race([moment, ended])
  if (early !== undefined) throw new Error(`it ended before it was interrupted: ${JSON.stringify(early)}`)
}

const blobOf = () => [...registry.blobs].find(([, bytes]) => bytes.equals(layer))?.[0] ?? ''

it.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
  ['SIGHUP', 129],
] as const)('%s ends a scan whose look reads a layer, and leaves nothing', async (signal, code) => {
  const reading = hold(registry, blobOf()).asked
  const scan = start(['scan', `registry:${registry.host}/shop:1.0`])
  await until(reading, scan)
  expect(await readdir(temporary)).toEqual([expect.stringMatching(/^openinspector-look-/)])
  process.kill(scan.pid, signal)
  expect(await scan.ended).toEqual({ code, out: '', err: `openinspector: interrupted by ${signal}\n` })
  expect(await readdir(temporary)).toEqual([])
})

it('Ctrl-C at a terminal asks the process that looks as well', async () => {
  const reading = hold(registry, blobOf()).asked
  const sbom = start(['sbom', `registry:${registry.host}/shop:1.0`, '--file', join(scratch, 'bom.json')])
  await until(reading, sbom)
  process.kill(-sbom.pid, 'SIGINT')
  expect(await sbom.ended).toEqual({ code: 130, out: '', err: 'openinspector: interrupted by SIGINT\n' })
  expect(await readdir(temporary)).toEqual([])
  expect(await readdir(scratch)).not.toContain('bom.json')
})

it('ends a scan that only opens its target', async () => {
  const opening = hold(registry, '1.0').asked
  const scan = start(['scan', `registry:${registry.host}/shop:1.0`])
  await until(opening, scan)
  process.kill(scan.pid, 'SIGTERM')
  expect(await scan.ended).toEqual({ code: 143, out: '', err: 'openinspector: interrupted by SIGTERM\n' })
  expect(await readdir(temporary)).toEqual([])
})

it.each([
  ['feeds', 'sync'],
  ['scan', 'dir:.'],
])('ends `%s` in the middle of a feed, and leaves nothing of it', async (...command) => {
  const half = Promise.withResolvers<void>()
  const mirror = createServer(({ url = '' }, response) => {
    if (!url.endsWith('.zip')) return void response.writeHead(404).end()
    response.writeHead(200, { 'content-length': 2_000_000 })
    response.write(Buffer.alloc(1_000_000), () => half.resolve())
  })
  await new Promise<void>((done) => mirror.listen(0, '127.0.0.1', done))
  try {
    const { port } = mirror.address() as AddressInfo
    const loading = start([...command, '--feeds', `http://127.0.0.1:${port}`])
    await until(half.promise, loading)
    process.kill(loading.pid, 'SIGINT')
    expect(await loading.ended).toEqual({ code: 130, out: '', err: 'openinspector: interrupted by SIGINT\n' })
    expect(await readdir(temporary)).toEqual([])
    expect(await readdir(join(scratch, 'data')).catch(() => [])).toEqual([])
  } finally {
    mirror.closeAllConnections()
    mirror.close()
  }
})
