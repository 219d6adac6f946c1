import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { createHttp } from '../src/kit/http.ts'
import { readZip } from '../src/formats/zip-file.ts'
import { feeds } from '../src/plugins/feeds/index.ts'
import { sharedPath } from '../test/shared.ts'
import yauzl from 'yauzl'
import { machine, median, ratio } from './measure.ts'

const runs = 5
const ecosystems = ['Debian', 'npm']
const ways = ['yauzl', 'floor', 'parse'] as const

/**
 * Reading the real osv/Debian and osv/npm archives, each way in a process of its own: unzip + JSON.parse by yauzl's streams
 * (as anybody would), the same by our zip reader, and the feed's `parse`.
 */
export async function run([way]: readonly string[]): Promise<void> {
  const base = sharedPath('feeds')
  if (base === undefined) throw new Error('there is no folder of feeds: set OI_SHARED')
  if (way !== undefined) return console.log(JSON.stringify(await measure(way, base)))
  console.log(machine())
  const cpu = new Map<string, number>()
  for (const name of ways) {
    const results = Array.from({ length: runs }, () => inProcess(name))
    let at = 0
    const seconds = median(runs, () => results[at++]?.seconds ?? 0)
    cpu.set(name, seconds)
    console.log(
      `${name}: ${seconds.toFixed(2)} s CPU, ${results[0]?.records} records, at most ${Math.max(...results.map(({ rss }) => rss))} MiB`,
    )
  }
  const of = (name: (typeof ways)[number]) => cpu.get(name) ?? Number.NaN
  console.log(
    `parse / unzip + JSON.parse: ${ratio(of('parse'), of('yauzl'))} by yauzl's streams, ${ratio(of('parse'), of('floor'))} by our reader`,
  )
}

type Result = { readonly seconds: number; readonly records: number; readonly rss: number }

function inProcess(way: string): Result {
  const runner = fileURLToPath(new URL('run.ts', import.meta.url))
  return JSON.parse(execFileSync(process.execPath, [runner, 'feed-parse', way], { encoding: 'utf8' }))
}

async function measure(way: string, base: string): Promise<Result> {
  const before = process.cpuUsage()
  let records = 0
  for (const ecosystem of ecosystems) records += await read(way, base, ecosystem)
  const { user, system } = process.cpuUsage(before)
  return { seconds: (user + system) / 1e6, records, rss: Math.round(process.resourceUsage().maxRSS / 1024) }
}

async function read(way: string, base: string, ecosystem: string): Promise<number> {
  const path = `${base}/osv/${ecosystem}/all.zip`
  let records = 0
  if (way === 'floor') {
    for await (const { bytes } of readZip(path)) if (JSON.parse(bytes.toString())) records++
  } else if (way === 'yauzl') {
    const zip = await yauzl.openPromise(path)
    for await (const entry of zip.eachEntry()) {
      const chunks = await Array.fromAsync(await zip.openReadStreamPromise(entry))
      if (JSON.parse(Buffer.concat(chunks).toString())) records++
    }
  } else {
    const http = createHttp({ folders: [base] })
    const osv = feeds.find(({ id }) => id === 'osv')
    const snapshot = await osv?.fetch({ base, ecosystem }, undefined, http)
    if (!osv || !snapshot || snapshot === 'unchanged') throw new Error('the feed brought nothing')
    for await (const _ of osv.parse(snapshot)) records++
    await http.close()
  }
  return records
}
