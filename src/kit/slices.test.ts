import fc from 'fast-check'
import { expect, it } from 'vitest'
import { slices, sortedInSlices } from './slices.ts'

it('sorts by key as a whole sort does, of equal keys the last item', async () => {
  const lists = fc.array(fc.nat(9_999), { minLength: 0, maxLength: 9_000, size: 'max' })
  await fc.assert(
    fc.asyncProperty(lists, async (numbers) => {
      const items = numbers.map((number, at) => ({ number, at }))
      const last = new Map(items.map((item) => [String(item.number), item]))
      const expected = [...last.keys()].sort().map((key) => last.get(key))
      expect(await sortedInSlices(items, ({ number }) => String(number))).toEqual(expected)
    }),
    { numRuns: 20 },
  )
})

it('gives others their turn between two slices', async () => {
  const seen: string[] = []
  const items = Array.from({ length: 5_000 }, (_, at) => at)
  setImmediate(() => seen.push('another'))
  for await (const slice of slices(items)) seen.push(`${slice.length}`)
  expect(seen).toEqual(['2000', 'another', '2000', '1000'])
})
