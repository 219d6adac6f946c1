import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { sql } from 'kysely'
import { verify, type Verification } from '../../src/core/verify/index.ts'
import { openStore } from '../../src/store/connection.ts'
import { drain, openWorld } from './world.ts'

export type Survived = { readonly verification: Verification; readonly lost: readonly string[]; readonly acknowledged: number }

/**
 * Starts a worker on the folder, kills it (SIGKILL) after it acknowledged `lines` changes and `delay` more milliseconds,
 * opens the folder again and compares: what was acknowledged must be there, and nothing must be half done.
 */
export async function killAndLook(dataDir: string, seed: number, lines: number, delay: number): Promise<Survived> {
  const said = await killedWorker(dataDir, seed, lines, delay)
  const store = await openStore({ dataDir })
  try {
    const world = await openWorld(store)
    await drain(world)
    const verification = await verify(world)
    return { verification, lost: await lostOf(store.db, said), acknowledged: said.length }
  } finally {
    await store.close()
  }
}

type Said = { readonly open?: true; readonly loaded?: number; readonly observed?: string; readonly version?: string }

async function killedWorker(dataDir: string, seed: number, lines: number, delay: number): Promise<Said[]> {
  const child = spawn(process.execPath, [new URL('./killed-worker.ts', import.meta.url).pathname, dataDir, String(seed)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const said: Said[] = []
  const ended = new Promise<NodeJS.Signals | number | null>((done) => child.once('exit', (code, signal) => done(signal ?? code)))
  createInterface({ input: child.stdout }).on('line', (line) => {
    said.push(JSON.parse(line) as Said)
    if (said.length === lines + 1) setTimeout(() => child.kill('SIGKILL'), delay)
  })
  const how = await ended
  if (how !== 'SIGKILL') throw new Error(`the worker was to be killed, but ended with ${how}`)
  return said
}

/** The last version acknowledged for each host, and the last generation, against what is stored. Later ones may have followed. */
async function lostOf(db: Parameters<typeof drain>[0]['store']['db'], said: readonly Said[]): Promise<string[]> {
  const lost: string[] = []
  const hosts = new Map(said.flatMap(({ observed, version }) => (observed === undefined ? [] : [[observed, version]])))
  const last = said.findLast(({ observed }) => observed !== undefined)
  for (const [name, version] of hosts) {
    const { rows } = await sql<{ version: string; deltas: number }>`
      select max(c.version) as version, (select count(*)::int from delta where kind = 'observation' and subject ->> 'resource' = r.arn) as deltas
      from resource r join occurrence o on o.inventory_id = r.inventory_id join component c on c.id = o.component_id where r.resource_id = ${name} group by r.id`.execute(
      db,
    )
    const told = said.filter(({ observed }) => observed === name).length
    const stored = rows[0]
    if (stored === undefined || stored.deltas < told) lost.push(`${name}: ${told} acknowledged, ${stored?.deltas ?? 0} stored`)
    else if (stored.version !== version && stored.deltas === told && last?.observed !== name)
      lost.push(`${name}: ${version} acknowledged, ${stored.version} stored`)
  }
  const generation = said.findLast(({ loaded }) => loaded !== undefined)?.loaded
  const { rows } = await sql<{ current: number | null }>`select generation_id as current from feed where name = 'osv/Debian'`.execute(db)
  if (generation !== undefined && (rows[0]?.current ?? 0) < generation)
    lost.push(`generation ${generation} acknowledged, ${rows[0]?.current ?? 'none'} stored`)
  return lost
}
