import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { expect, it } from 'vitest'
import type { Replayed } from './fuzz/replay.ts'

/** Seconds after which what does not end is taken to hang; all of it takes some. */
const HANG = 120

it('every reader takes its seeds, its corpus and some hundred changes of them as it must', async () => {
  const { faults, targets, runs } = await replayed()
  expect(faults).toEqual([])
  expect(targets).toBeGreaterThan(130)
  expect(runs).toBeGreaterThan(targets * 20)
}, 180_000)

/** In a thread of its own, which can be ended; what it was at then is the fault. */
async function replayed(): Promise<Replayed> {
  const worker = new Worker(join(import.meta.dirname, 'fuzz/replay.ts'), { resourceLimits: { maxOldGenerationSizeMb: 768 } })
  let at = ''
  const told = Promise.withResolvers<Replayed>()
  const timer = setTimeout(() => told.reject(new Error(`no end after ${HANG} s at ${at}`)), HANG * 1000)
  worker.on('message', (message: Replayed | string) => (typeof message === 'string' ? (at = message) : told.resolve(message)))
  worker.on('error', (thrown) => told.reject(new Error(`ended at ${at}`, { cause: thrown })))
  try {
    return await told.promise
  } finally {
    clearTimeout(timer)
    await worker.terminate()
  }
}
