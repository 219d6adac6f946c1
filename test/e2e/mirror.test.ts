import { createReadStream, statSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { makeWorld } from '../browser/world.ts'
import { oi, serving } from './oi.ts'

let world: Awaited<ReturnType<typeof makeWorld>>
let server: Server
let mirror: string
beforeAll(async () => {
  world = await makeWorld()
  await oi(['--version'])
  server = createServer((request, response) => {
    const path = join(world.feeds, decodeURIComponent(new URL(request.url ?? '', 'http://mirror').pathname))
    const found = statSync(path, { throwIfNoEntry: false })
    if (found?.isFile() === true) createReadStream(path).pipe(response.writeHead(200, { 'content-length': found.size }))
    else response.writeHead(404).end()
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  mirror = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}, 120_000)
afterAll(async () => {
  server.close()
  await world.remove()
})

describe('the built program', { timeout: 90_000 }, () => {
  it('loads feeds from a mirror over the network, and scans by them', async () => {
    const data = await world.data('mirrored')
    const synced = await oi(['feeds', 'sync', '--feeds', mirror, '--data', data, '-o', 'json'])
    expect({ code: synced.code, err: synced.err }).toEqual({ code: 0, err: expect.any(String) as string })
    expect((JSON.parse(synced.out) as { name: string; state: string }[]).map(({ name, state }) => `${name} ${state}`).toSorted()).toEqual([
      'epss fresh',
      'kev fresh',
      'osv/Debian fresh',
      'osv/npm fresh',
    ])
    const scanned = await oi(['scan', `rootfs:${world.root}`, '--data', data, '-o', 'json'])
    expect(scanned.code).toBe(0)
    expect((JSON.parse(scanned.out) as { findings: { vulnerabilityId: string }[] }).findings.length).toBeGreaterThan(30)
  })

  it('stops at once when it is told so while its work is only beginning', async () => {
    for (let turn = 0; turn < 4; turn++) {
      const server = await serving([
        '--data',
        await world.data(`stopped-${turn % 2}`),
        '--feeds',
        world.feeds,
        '--watch',
        `rootfs:${world.root}`,
      ])
      await new Promise((next) => setImmediate(next))
      expect(await server.stop()).toBe(0)
    }
  })
})
