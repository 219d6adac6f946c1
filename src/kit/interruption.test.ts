import { expect, it } from 'vitest'
import { heedSignals, Interrupted, untilInterrupted } from './interruption.ts'

const listeners = () => ['SIGINT', 'SIGTERM', 'SIGHUP'].map((name) => process.listenerCount(name))
const before = listeners()

it('takes what comes at once for one wish, and ends at the next', () => {
  const ends: number[] = []
  let now = 0
  const { signal, forget } = heedSignals(
    () => now,
    (code) => ends.push(code),
  )
  process.emit('SIGINT', 'SIGINT')
  expect(signal.reason).toEqual(new Interrupted('SIGINT'))
  now = 499
  process.emit('SIGINT', 'SIGINT')
  expect(ends).toEqual([])
  now = 500
  process.emit('SIGTERM', 'SIGTERM')
  expect(ends).toEqual([143])
  forget()
  expect(listeners()).toEqual(before)
})

it('gives what the work made', async () => {
  expect(await untilInterrupted(async ({ aborted }) => (aborted ? 'cut off' : 'done'))).toBe('done')
  expect(listeners()).toEqual(before)
})

it.each([
  ['fails in its own words', () => Promise.reject(new Error('the connection was closed'))],
  ['ends all the same', () => Promise.resolve('done')],
])('is interrupted also where the work, asked to end, %s', async (_, end) => {
  const working = untilInterrupted(() => {
    process.emit('SIGHUP', 'SIGHUP')
    return end()
  })
  await expect(working).rejects.toEqual(new Interrupted('SIGHUP'))
  expect(listeners()).toEqual(before)
})
