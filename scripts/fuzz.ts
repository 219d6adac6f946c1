import { appendFileSync, mkdirSync } from 'node:fs'
import { setPriority } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { Worker } from 'node:worker_threads'
import { corpusOf, keepCorpus, lineOf } from '../test/fuzz/corpus.ts'
import type { FuzzOrder, FuzzTold } from '../test/fuzz/order.ts'
import { fuzzTargets, ofUnit } from '../test/fuzz/targets.ts'
import { LONGEST } from '../test/fuzz/mutate.ts'
import { root } from './freshness.mjs'

/** Milliseconds after which one input is taken to hang its reader, and megabytes that reading one may take. */
const [HANG, MEMORY] = [5_000, 512]
/** Bytes of all lines of one corpus. */
const CORPUS = 12_000

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { minutes: { type: 'string', default: '10' }, seed: { type: 'string', default: '1' } },
})
const [minutes, seed] = [Number(values.minutes), Number(values.seed)]
const targets = await fuzzTargets()
const chosen = positionals.flatMap((unit) => ofUnit(targets, unit))
if (chosen.length === 0 || !(minutes > 0) || !Number.isSafeInteger(seed)) {
  const units = [...new Set(targets.map(({ id }) => id.split('/')[0]))].join(', ')
  console.error(
    `usage: npm run fuzz -- UNIT... [--minutes N] [--seed S]\nUNIT is one of: ${units}, one of their parts (npm/package-lock), or all`,
  )
  process.exitCode = 2
} else {
  setPriority(10)
  let faults = 0
  for (const { id } of chosen) faults += await fuzz(id)
  if (faults > 0) process.exitCode = 1
}

/** One target for its time, in a thread that is begun anew when an input hangs or fills it. The number of faults. */
async function fuzz(id: string): Promise<number> {
  const faults = new Map<string, Uint8Array>()
  const pool: Uint8Array[] = [...corpusOf(id)]
  const until = Date.now() + minutes * 60_000
  let runs = 0
  let done = false
  while (!done && Date.now() < until && faults.size < 20) {
    const current = new SharedArrayBuffer(8 + LONGEST)
    const end = await once({ id, seed, until, pool, counts: runs, current }, (told) => {
      if (told.is === 'kept') {
        pool.push(told.input)
        runs = told.runs
      } else if (told.is === 'done') {
        runs = told.runs
        done = true
        keep(id, told.added)
      } else note(faults, id, told.fault, told.input)
    })
    if (done) break
    const input = Buffer.from(new Uint8Array(current, 8, new Int32Array(current)[1]))
    note(faults, id, end, input)
    // What breaks the thread must not be begun with.
    pool.splice(0, pool.length, ...pool.filter((one) => !input.equals(one)))
    // By the number of a run its changes are chosen: those of the last runs are not tried again.
    runs += 1_000
  }
  console.log(`${id}: ${runs} inputs, ${pool.length} kept, ${faults.size} faults`)
  return faults.size
}

/** Resolves to how the thread ended. */
function once(order: FuzzOrder, hear: (told: FuzzTold) => void): Promise<string> {
  const worker = new Worker(join(root, 'test/fuzz/worker.ts'), {
    workerData: order,
    resourceLimits: { maxOldGenerationSizeMb: MEMORY, stackSizeMb: 1 },
  })
  const numbers = new Int32Array(order.current, 0, 2)
  let last = -1
  let since = Date.now()
  const watch = setInterval(() => {
    const now = Atomics.load(numbers, 0)
    if (now !== last) {
      last = now
      since = Date.now()
    } else if (Date.now() - since > HANG && now > 0) {
      finish('hang')
      void worker.terminate()
    }
  }, 500)
  let finish: (how: string) => void = () => {}
  return new Promise((done) => {
    finish = (how) => {
      clearInterval(watch)
      done(how)
    }
    worker.on('message', hear)
    worker.on('error', (thrown) => finish(`ended: ${String(thrown)}`))
    worker.on('exit', (code) => finish(`ended with ${code}`))
  })
}

/** Written where it can be taken from: its last member is a line for the corpus, which the tests read again. */
function note(faults: Map<string, Uint8Array>, id: string, fault: string, input: Uint8Array): void {
  const kind = fault.replaceAll(/\d+|"[^"]*"/g, '').slice(0, 80)
  const held = faults.get(kind)
  if (held !== undefined && held.length <= input.length) return
  faults.set(kind, input)
  if (held !== undefined) return
  const folder = join(root, 'test/fuzz/found')
  mkdirSync(folder, { recursive: true })
  appendFileSync(join(folder, `${id.replace('/', '-')}.txt`), `${fault}\n${lineOf(Buffer.from(input))}\n\n`)
  console.log(`${id}: ${fault.slice(0, 500)}\n  ${lineOf(Buffer.from(input)).slice(0, 300)}`)
}

/** Nothing is taken out of a corpus: what once broke a reader takes no branch of its own when that is mended. */
function keep(id: string, added: readonly Uint8Array[]): void {
  const held = corpusOf(id)
  const sizeOf = (input: Buffer) => lineOf(input).length + 1
  let left = CORPUS - held.reduce((sum, input) => sum + sizeOf(input), 0)
  const fitting = added.map((input) => Buffer.from(input)).filter((input) => (left -= sizeOf(input)) >= 0)
  if (fitting.length > 0) keepCorpus(id, [...held, ...fitting])
}
