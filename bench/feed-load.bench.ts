import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gunzipSync } from 'node:zlib'
import { createHttp } from '../src/kit/http.ts'
import { readZip } from '../src/formats/zip-file.ts'
import { feeds } from '../src/plugins/feeds/index.ts'
import { readInProcess } from '../src/app/feed-reading.ts'
import { openStore } from '../src/store/connection.ts'
import { loadFeed } from '../src/core/knowledge/index.ts'
import { drain, families, openWorld } from '../test/join/world.ts'
import { build } from '../scripts/build.ts'
import { sharedPath } from '../test/shared.ts'
import { cpuOf, machine, median, ratio } from './measure.ts'

/** As it is built: from its sources a process takes half a second more to start. */
const program = new URL('../dist/feed-process.js', import.meta.url)
const ecosystems = ['Debian', 'npm']
const epss = 'epss/epss_scores-2026-08-16.csv.gz'
const never = new AbortController().signal
type Result = { readonly cpu: number; readonly wall: number; readonly records: number; readonly parts?: Readonly<Record<string, number>> }

/** osv/Debian, osv/npm, KEV and EPSS into an empty embedded store, beside unzipping and parsing the same files in Node. */
export async function run([way, turns = '3']: readonly string[]): Promise<void> {
  const base = sharedPath('feeds')
  if (base === undefined) throw new Error('there is no folder of feeds: set OI_SHARED')
  if (way === 'floor' || way === 'load') return console.log(JSON.stringify(await (way === 'floor' ? floor(base) : load(base))))
  await build(['server'], console.error)
  console.log(machine())
  const results = { floor: [] as Result[], load: [] as Result[] }
  for (let turn = 0; turn < Number(turns); turn++) for (const name of ['floor', 'load'] as const) results[name].push(inProcess(name))
  const of = (name: 'floor' | 'load', what: 'cpu' | 'wall'): number => {
    let at = 0
    return median(results[name].length, () => results[name][at++]?.[what] ?? 0)
  }
  for (const name of ['floor', 'load'] as const)
    console.log(`${name}: ${of(name, 'wall').toFixed(2)} s wall, ${of(name, 'cpu').toFixed(2)} s CPU`)
  console.log('parts of one load, s:', results.load[0]?.parts)
  console.log(
    `load / floor: ${ratio(of('load', 'wall'), of('floor', 'wall'))} wall, ${ratio(of('load', 'cpu'), of('floor', 'cpu'))} CPU (bar 3 x)`,
  )
}

function inProcess(way: string): Result {
  const runner = fileURLToPath(new URL('run.ts', import.meta.url))
  // The CPU of the whole run, with that of the processes it starts.
  const { seconds, output } = cpuOf(process.execPath, [runner, 'feed-load', way])
  return { ...(JSON.parse(output) as Omit<Result, 'cpu'>), cpu: seconds }
}

async function measured(work: () => Promise<{ records: number; parts?: Record<string, number> }>): Promise<Omit<Result, 'cpu'>> {
  const begun = performance.now()
  const result = await work()
  return { wall: (performance.now() - begun) / 1e3, ...result }
}

async function floor(base: string): Promise<Omit<Result, 'cpu'>> {
  return measured(async () => {
    let records = 0
    for (const ecosystem of ecosystems)
      for await (const { bytes } of readZip(`${base}/osv/${ecosystem}/all.zip`)) if (JSON.parse(bytes.toString())) records++
    records += (JSON.parse(readFileSync(`${base}/cisa/known_exploited_vulnerabilities.json`, 'utf8')) as { vulnerabilities: unknown[] })
      .vulnerabilities.length
    records += gunzipSync(readFileSync(`${base}/${epss}`))
      .toString()
      .split('\n')
      .map((line) => line.split(',')).length
    return { records }
  })
}

async function load(base: string): Promise<Omit<Result, 'cpu'>> {
  const dataDir = mkdtempSync(join(tmpdir(), 'oi-bench-'))
  const store = await openStore({ dataDir })
  const http = createHttp({ folders: [base] })
  try {
    const world = await openWorld(store)
    return await measured(async () => {
      let records = 0
      const parts: Record<string, number> = {}
      for (const unit of feeds) {
        for (const ecosystem of unit.per === 'ecosystem' ? ecosystems : [undefined]) {
          const begun = performance.now()
          const snapshot = await unit.fetch({ base, ...(ecosystem !== undefined && { ecosystem }) }, undefined, http)
          if (snapshot === 'unchanged') throw new Error('nothing was held, yet nothing is new')
          const name = ecosystem === undefined ? unit.id : `${unit.id}/${ecosystem}`
          const identity = { name, unit: unit.id, parser: unit.version, ...(ecosystem !== undefined && { ecosystem }) }
          const result = await loadFeed(world, {
            feed: identity,
            teaches: unit.teaches,
            snapshot,
            read: readInProcess(unit, snapshot, never, { program }),
            families,
          })
          records += result.records
          parts[name] = (performance.now() - begun) / 1e3
        }
      }
      await drain(world)
      return { records, parts }
    })
  } finally {
    await http.close()
    await store.close()
    rmSync(dataDir, { recursive: true, force: true })
  }
}
