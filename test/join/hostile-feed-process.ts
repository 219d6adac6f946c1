/** A reading process like the product's own, whose units go wrong when two thousand records were read. */
import { serveReading } from '../../src/app/feed-reading.ts'
import { AppError } from '../../src/model/errors.ts'
import type { KnowledgeFeed } from '../../src/model/seams.ts'
import { advisory, affects } from './world.ts'

const record = (n: number) => advisory(`CVE-2025-${10_000 + n}`, { affected: [affects('npm', 'lodash')], details: 'said again' })

const unit = (id: string, then: () => unknown): KnowledgeFeed => ({
  id,
  version: 1,
  title: id,
  per: 'ecosystem',
  teaches: 'advisory',
  staleAfterHours: 48,
  fetch: () => Promise.reject(new Error('nothing is fetched here')),
  async *parse() {
    for (let n = 0; n < 2000; n++) yield record(n)
    await then()
    for (let n = 2000; id === 'endless'; n++) yield record(n)
  },
})

const hoarded: string[][] = []
await serveReading([
  unit('sound', () => {}),
  unit('endless', () => {}),
  unit('torn', () => {
    throw new AppError('upstream', 'the archive ends here')
  }),
  unit('wrong', () => {
    throw new TypeError('undefined is not a function')
  }),
  unit('leaves', () => process.exit(7)),
  unit('sleeps', () => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)),
  unit('hoards', () => {
    for (let n = 0; ; n++) hoarded.push(Array.from({ length: 1000 }, (_, at) => `${n} ${at}`))
  }),
])
