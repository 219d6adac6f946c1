import { parentPort } from 'node:worker_threads'
import { numberOf } from './chance.ts'
import { corpusOf, lineOf } from './corpus.ts'
import { mutated, wordsOf } from './mutate.ts'
import { faultOf } from './target.ts'
import { fuzzTargets } from './targets.ts'

export type Replayed = { readonly targets: number; readonly runs: number; readonly faults: readonly string[] }

/** Changes tried of each target, the same ones every time; `OI_SEED` tries others. Disks are large: fewer. */
const [CHANGES, OF_DISKS] = [25, 6]
const seed = Number(process.env['OI_SEED'] ?? 1)

const targets = await fuzzTargets()
const faults: string[] = []
let runs = 0
for (const target of targets) {
  parentPort!.postMessage(target.id)
  const inputs = [...target.seeds, ...corpusOf(target.id)]
  const words = wordsOf([...target.seeds])
  const count = target.id.startsWith('disk/') ? OF_DISKS : CHANGES
  const changed = Array.from({ length: count }, (_, at) => mutated(target, { inputs, words }, seed + at + numberOf(target.id)))
  for (const [at, input] of [...inputs, ...changed].entries()) {
    runs++
    const fault = await faultOf(target, input, at % 8 === 0)
    if (fault !== undefined) faults.push(`${target.id}: ${fault}\n${lineOf(input).slice(0, 2_000)}`)
  }
}
parentPort!.postMessage({ targets: targets.length, runs, faults } satisfies Replayed)
