import { parentPort, workerData } from 'node:worker_threads'
import { chanceOf, numberOf } from './chance.ts'
import { countBranches, newBranches, nothingSeen } from './instrument.ts'
import { mutated, wordsOf } from './mutate.ts'
import { faultOf, type FuzzTarget } from './target.ts'
import type { FuzzOrder, FuzzTold } from './order.ts'

const { id, seed, until, pool: begun, current, counts } = workerData as FuzzOrder
const [numbers, bytes] = [new Int32Array(current, 0, 2), new Uint8Array(current, 8)]
const tell = (told: FuzzTold) => parentPort!.postMessage(told)

countBranches()
const { corpusOf } = await import('./corpus.ts')
const { fuzzTargets } = await import('./targets.ts')
const target = (await fuzzTargets()).find((one) => one.id === id)!

const corpus = corpusOf(id)
const seen = nothingSeen()
/** Slower than this for so few bytes is more than the size explains. */
const SLOW = 1_500

let runs = counts
const pool: Buffer[] = []
for (const input of [...target.seeds, ...begun.map((one) => Buffer.from(one))]) await judge(input, true)
const words = wordsOf([...target.seeds])
const chance = chanceOf(seed ^ numberOf(id))
while (Date.now() < until) await judge(mutated(target, { inputs: favoured(), words }, seed + ++runs), false)
tell({ is: 'done', runs, added: await smallest() })

/** Mostly what came last: nobody has tried much with it yet. */
function favoured(): readonly Buffer[] {
  return pool.length > 8 && !chance.one(3) ? pool.slice(-8) : pool
}

async function judge(input: Buffer, keep: boolean): Promise<void> {
  show(input)
  const begin = performance.now()
  const fault = await faultOf(target, input, keep || runs % 16 === 0)
  const took = performance.now() - begin
  const isNew = newBranches(seen).length > 0
  if (fault !== undefined) return tell({ is: 'fault', fault, input: await smaller(target, input, fault) })
  if (took > SLOW && (await tookAgain(input)) > SLOW) return tell({ is: 'fault', fault: `slow: ${Math.round(took)} ms`, input })
  if (!isNew) return
  pool.push(input)
  if (!keep) tell({ is: 'kept', input, runs })
}

/** Written down before it is read, for whoever watches. */
function show(input: Buffer): void {
  numbers[1] = Math.min(input.length, bytes.length)
  bytes.set(input.subarray(0, bytes.length))
  Atomics.add(numbers, 0, 1)
}

async function tookAgain(input: Buffer): Promise<number> {
  const begin = performance.now()
  await faultOf(target, input, false)
  return performance.now() - begin
}

/** Less of it with the same fault. */
async function smaller(of: FuzzTarget, input: Buffer, fault: string): Promise<Buffer> {
  const kind = kindOf(fault)
  let best = input
  let tries = 0
  for (let piece = Math.ceil(best.length / 2); piece >= 1 && tries < 2_000; piece = piece === 1 ? 0 : Math.ceil(piece / 2)) {
    for (let from = 0; from < best.length && tries < 2_000; tries++) {
      const less = Buffer.concat([best.subarray(0, from), best.subarray(from + piece)])
      show(less)
      const still = await faultOf(of, less, true)
      if (still !== undefined && kindOf(still) === kind) best = less
      else from += piece
    }
  }
  newBranches(seen)
  return best
}

/** What tells two faults apart: not the values they show. */
function kindOf(fault: string): string {
  return fault.replace(/:[^]*?(?= at |$)/, '')
}

/** Of all that was kept, small inputs that together take every branch that seeds and corpus do not. */
async function smallest(): Promise<readonly Buffer[]> {
  const taken = nothingSeen()
  const known = [...target.seeds, ...corpus]
  const added: Buffer[] = []
  for (const input of [...known, ...pool.toSorted((a, b) => a.length - b.length)]) {
    await faultOf(target, input, false)
    if (newBranches(taken, 0).length > 0 && !known.includes(input)) added.push(input)
  }
  return added
}
