import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { CoverageItem, Summary, Watched } from '../../src/api/v1/contract.ts'
import type { Credentials } from '../../src/app/data-folder.ts'
import { sha256, tarOf } from '../archives.ts'
import { emptyStore } from '../database.ts'
import { freshServerDatabase } from '../postgres.ts'
import { hold, startRegistry, type TestRegistry } from '../registry-server.ts'
import { oi, type Served, serving } from './oi.ts'

let scratch: string
let registry: TestRegistry
const served: Served[] = []
beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'oi-watching-'))
  registry = await startRegistry('shop')
  await writeFile(join(scratch, 'registries.json'), JSON.stringify({ [registry.host]: { private: true } }))
})
afterAll(async () => {
  await Promise.all(served.map((server) => server.stop('SIGKILL')))
  await registry.close()
  await rm(scratch, { recursive: true, force: true })
})

const start = async (data: string, args: readonly string[], env: NodeJS.ProcessEnv = {}) => {
  if (!existsSync(data) && env['DATABASE_URL'] === undefined) await emptyStore(data)
  const server = await serving(['--data', data, '--feeds', 'off', ...args], {
    ...{ OI_CACHE: join(scratch, 'cache'), OI_REGISTRIES: join(scratch, 'registries.json') },
    ...env,
  })
  served.push(server)
  return server
}
const lock = (version: string) => JSON.stringify({ lockfileVersion: 3, packages: { 'node_modules/lodash': { version } } })
const project = async (name: string, version = '4.17.15') => {
  const folder = join(scratch, name)
  await mkdir(folder, { recursive: true })
  await writeFile(join(folder, 'package-lock.json'), lock(version))
  return folder
}
/** An image whose look does not come to an end until it is let go on. */
const held = async (tag: string) => {
  const layer = await tarOf([
    { name: 'srv/package-lock.json', content: lock('4.17.15') },
    { name: 'srv/tag', content: tag },
  ])
  registry.push(tag, [{ layers: [layer], compression: 'none' }])
  return { target: `registry:${registry.host}/shop:${tag}`, ...hold(registry, sha256(layer)) }
}
const asking = async (data: string, server: Served) => {
  const { token } = JSON.parse(await readFile(join(data, 'credentials.json'), 'utf8')) as Credentials
  return async <T>(path: string) =>
    (await (await fetch(`${server.url}/api/v1${path}`, { headers: { authorization: `Bearer ${token}` } })).json()) as T
}
type Get = Awaited<ReturnType<typeof asking>>
/** Asks until the answer fits; the time limit of the test is the only one. */
const until = async <T>(ask: () => Promise<T>, fits: (answer: T) => boolean): Promise<T> => {
  for (;;) {
    const answer = await ask()
    if (fits(answer)) return answer
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}
const settled = (get: Get) =>
  until(
    () => get<Summary>('/summary'),
    ({ evaluating }) => evaluating.pending === 0,
  )
const resource = (get: Get, arn: string) => get<CoverageItem>(`/resources/${encodeURIComponent(arn)}`)
const add = async (target: string, data: string) =>
  JSON.parse((await oi(['resources', 'add', target, '--data', data, '-o', 'json'])).out) as Watched

describe('one process', { timeout: 180_000 }, () => {
  it('says that a look is due while it is, and ends in order in the middle of it', async () => {
    const [data, image, small] = [join(scratch, 'cut'), await held('cut'), await project('small')]
    let server = await start(data, ['--watch', `dir:${small}`])
    let get = await asking(data, server)
    await settled(get)
    const { arn } = await add(image.target, data)
    expect((await get<Summary>('/summary')).evaluating.looks).toBe(1)
    const list = await oi(['findings', 'list', '--data', data, '-o', 'json'])
    expect([list.code, (await resource(get, arn)).reason]).toEqual([3, 'PENDING_INITIAL_SCAN'])
    await image.asked
    expect(await server.stop()).toBe(0)
    server = await start(data, ['--watch', `dir:${small}`])
    get = await asking(data, server)
    expect((await get<Summary>('/summary')).evaluating.looks).toBeGreaterThan(0)
    image.release()
    await settled(get)
    expect(await resource(get, arn)).toMatchObject({ status: 'ACTIVE', reason: 'SUCCESSFUL' })
    expect(await server.stop()).toBe(0)
  })

  it('a removal holds against looks that are queued, and a start that asks brings back', async () => {
    const [data, folder, image] = [join(scratch, 'removed'), await project('removed-project'), await held('busy')]
    let server = await start(data, ['--watch', `dir:${folder}`])
    let get = await asking(data, server)
    await settled(get)
    const [first] = JSON.parse((await oi(['coverage', 'list', '--data', data, '-o', 'json'])).out) as CoverageItem[]
    const arn = first?.arn ?? ''
    expect(first).toMatchObject({ status: 'ACTIVE', reason: 'SUCCESSFUL' })
    // The look at the image keeps the worker busy, so that the other is queued behind it when the removal comes.
    await add(image.target, data)
    expect((await oi(['resources', 'collect', arn, '--data', data])).code).toBe(0)
    expect((await oi(['resources', 'remove', arn, '--data', data])).code).toBe(0)
    image.release()
    await settled(get)
    expect(await resource(get, arn)).toMatchObject({ error: { code: 'missing' } })
    expect(await server.stop()).toBe(0)
    server = await start(data, ['--watch', `dir:${folder}`])
    get = await asking(data, server)
    await settled(get)
    expect(await resource(get, arn)).toMatchObject({ reason: 'SUCCESSFUL' })
    expect(await server.stop()).toBe(0)
  })

  it('shows a look that failed, and ends in order while it waits to try again', async () => {
    const [data, folder] = [join(scratch, 'failing'), await project('failing-project')]
    const server = await start(data, ['--watch', `dir:${folder}`])
    const get = await asking(data, server)
    await settled(get)
    const [known] = JSON.parse((await oi(['coverage', 'list', '--data', data, '-o', 'json'])).out) as CoverageItem[]
    const arn = known?.arn ?? ''
    await rename(folder, `${folder}-away`)
    expect((await oi(['resources', 'collect', arn, '--data', data])).code).toBe(0)
    const failed = await until(
      () => resource(get, arn),
      ({ reason }) => reason !== 'SUCCESSFUL',
    )
    expect(failed).toMatchObject({
      status: 'INACTIVE',
      reason: 'INTERNAL_ERROR',
      reasonDetail: expect.stringContaining('nothing readable at'),
    })
    await rename(`${folder}-away`, folder)
    expect((await oi(['resources', 'collect', arn, '--data', data])).code).toBe(0)
    await until(
      () => resource(get, arn),
      ({ reason }) => reason === 'SUCCESSFUL',
    )
    await rename(folder, `${folder}-away`)
    expect((await oi(['resources', 'collect', arn, '--data', data])).code).toBe(0)
    await until(
      () => resource(get, arn),
      ({ reason }) => reason === 'INTERNAL_ERROR',
    )
    expect(await server.stop()).toBe(0)
  })
})

it('an API without a worker on its machine takes no target, and shows what nobody looks at', { timeout: 90_000 }, async () => {
  const { url, drop } = await freshServerDatabase()
  try {
    const [data, folder] = [join(scratch, 'roles'), await project('roles-project')]
    const env = { DATABASE_URL: url, OI_SECRET_KEY: 'a secret of more than thirty-two characters' }
    const api = await start(data, ['--role', 'api'], env)
    const get = await asking(data, api)
    const refused = await oi(['resources', 'add', `dir:${folder}`, '--data', data])
    expect(refused.code).toBe(2)
    expect(refused.err).toContain(
      `No worker looks at targets of the machine ${hostname()}: run openinspector serve --role worker there, with the same DATABASE_URL.`,
    )
    const worker = await start(join(scratch, 'worker'), ['--role', 'worker', '--watch', `dir:${folder}`], env)
    await until(
      () => get<Summary>('/summary'),
      ({ coverage, evaluating }) => coverage.length > 0 && evaluating.pending === 0,
    )
    const { arn } = await add(`dir:${folder}`, data)
    await settled(get)
    expect(await resource(get, arn)).toMatchObject({ status: 'ACTIVE', reason: 'SUCCESSFUL' })
    expect(await worker.stop()).toBe(0)
    expect(await resource(get, arn)).toMatchObject({
      ...{ status: 'INACTIVE', reason: 'STALE_INVENTORY' },
      why: expect.stringMatching(`No worker looks at targets of the machine ${hostname()} since 20.* UTC: run`),
    })
    const list = await oi(['findings', 'list', '--data', data, '-o', 'json'])
    expect([list.code, list.err]).toEqual([3, expect.stringContaining('1 of 1 resource not covered')])
    const collect = await oi(['resources', 'collect', arn, '--data', data])
    expect([collect.code, collect.err]).toEqual([2, expect.stringContaining('No worker looks at targets')])
    expect(await api.stop()).toBe(0)
  } finally {
    await drop()
  }
})
