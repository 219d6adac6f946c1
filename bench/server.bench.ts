import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Inspector2Client, ListFindingsCommand } from '@aws-sdk/client-inspector2'
import { sql } from 'kysely'
import { openStore } from '../src/store/connection.ts'
import { oi, serving } from '../test/e2e/oi.ts'
import { sharedPath } from '../test/shared.ts'
import { benchInputs, machine } from './measure.ts'

const feedNames = ['osv/Debian', 'epss', 'kev']
type Feed = { readonly name: string; readonly loadedAt?: string }

/**
 * The server as a user starts it: how soon it answers, on an empty and on a used folder; and how long ListFindings takes,
 * by the SDK client, while every advisory of the real feeds is loaded again beside it.
 */
export async function run(): Promise<void> {
  const feeds = sharedPath('feeds')
  if (feeds === undefined) throw new Error('there is no folder of feeds: set OI_SHARED')
  await oi(['--version'])
  console.log(machine())
  await ready()
  const data = mkdtempSync(join(tmpdir(), 'oi-bench-'))
  const args = ['--data', data, '--feeds', feeds, '--watch', `rootfs:${join(benchInputs(), 'rootfs-big')}`]
  try {
    const first = await serving(args)
    await until(() => loaded(data, first.url, ''))
    await first.stop()
    await spoil(data)
    const second = await serving(args)
    const begun = new Date().toISOString()
    const waits: number[] = []
    const client = await clientOf(data, second.url)
    await until(async () => {
      const asked = performance.now()
      const { findings } = await client.send(new ListFindingsCommand({ maxResults: 25 }))
      waits.push(performance.now() - asked)
      if (findings?.length !== 25) throw new Error(`a page of ${findings?.length} findings while feeds load: they were there before`)
      return loaded(data, second.url, begun)
    })
    await second.stop()
    const sorted = waits.toSorted((a, b) => a - b)
    const at = (share: number): string => `${(sorted[Math.floor(share * (sorted.length - 1))] ?? 0).toFixed(0)} ms`
    console.log(`ListFindings while feeds load, ${sorted.length} calls: p50 ${at(0.5)}, p95 ${at(0.95)} (bar 300 ms), longest ${at(1)}`)
  } finally {
    rmSync(data, { recursive: true, force: true })
  }
}

async function ready(): Promise<void> {
  const times = { empty: [] as number[], used: [] as number[] }
  for (let turn = 0; turn < 5; turn++) {
    const data = mkdtempSync(join(tmpdir(), 'oi-bench-'))
    for (const folder of ['empty', 'used'] as const) {
      const begun = performance.now()
      const server = await serving(['--data', data, '--feeds', 'off', '--watch', `dir:${import.meta.dirname}`])
      times[folder].push(performance.now() - begun)
      await server.stop()
    }
    rmSync(data, { recursive: true, force: true })
  }
  for (const folder of ['empty', 'used'] as const) {
    const sorted = times[folder].toSorted((a, b) => a - b)
    console.log(
      `ready on ${folder} folder: median ${sorted[2]?.toFixed(0)} ms, longest ${sorted[4]?.toFixed(0)} ms (bar ${folder === 'empty' ? 5000 : 1500} ms)`,
    )
  }
}

/** Makes every held advisory look changed, so that the next load writes them all. */
async function spoil(dataDir: string): Promise<void> {
  const store = await openStore({ dataDir })
  await sql`update advisory set hash = '\\x00'`.execute(store.db)
  await sql`update feed set parser = 0`.execute(store.db)
  await store.close()
}

async function clientOf(data: string, endpoint: string): Promise<Inspector2Client> {
  const { out } = await oi(['credentials', '--data', data, '--format', 'env'])
  const value = (name: string): string => new RegExp(`${name}='([^']*)'`).exec(out)?.[1] ?? ''
  const credentials = { accessKeyId: value('AWS_ACCESS_KEY_ID'), secretAccessKey: value('AWS_SECRET_ACCESS_KEY') }
  return new Inspector2Client({ endpoint, region: value('AWS_REGION'), credentials, maxAttempts: 1 })
}

/** Have all feeds been loaded since, and all been told? */
async function loaded(data: string, url: string, since: string): Promise<boolean> {
  const { token } = JSON.parse(readFileSync(join(data, 'credentials.json'), 'utf8')) as { token: string }
  const get = async (path: string) =>
    (await fetch(`${url}/api/v1/${path}`, { headers: { authorization: `Bearer ${token}` } })).json() as Promise<never>
  const { feeds } = (await get('feeds')) as { feeds: readonly Feed[] }
  const { evaluating } = (await get('session')) as { evaluating: { pending: number } }
  return evaluating.pending === 0 && feedNames.every((name) => feeds.some((feed) => feed.name === name && (feed.loadedAt ?? '') > since))
}

async function until(done: () => Promise<boolean>): Promise<void> {
  const limit = performance.now() + 180_000
  while (!(await done())) {
    if (performance.now() > limit) throw new Error('the feeds were not loaded within three minutes')
    await new Promise((next) => setTimeout(next, 20))
  }
}
