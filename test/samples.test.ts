import { describe, expect, it } from 'vitest'
import { parentOf } from '../src/kit/paths.ts'
import { ecosystems } from '../src/plugins/ecosystems/index.ts'
import { samples, type Sample } from './samples.ts'

const all = samples()

describe('the samples', () => {
  it('have one for every extractor: a line `place: fixture` in the unit`s fixtures/places.json', () => {
    const read = ecosystems.flatMap(({ extractors }) => extractors)
    const without = read.filter(
      (extractor) => !all.some(({ path, content, mode }) => extractor.wants({ path, size: content.length, mode })),
    )
    // It takes only what is larger than a file may be held.
    expect(without.map(({ id }) => id)).toEqual(['rpm/large-database'])
  })
  it('lie each at a place of its own, where its unit looks', () => {
    const paths = all.map(({ path }) => path)
    expect(paths.filter((path, at) => paths.indexOf(path) !== at)).toEqual([])
    const wanted = all.filter(({ unit, path, content, mode }) =>
      ecosystems.find(({ id }) => id === unit)?.extractors.some((extractor) => extractor.wants({ path, size: content.length, mode })),
    )
    // Or beside such a one, for its reader to look at.
    const beside = (one: Sample) => wanted.some(({ unit, path }) => unit === one.unit && one.path.startsWith(`${parentOf(path)}/`))
    const unwanted = all.filter((one) => !wanted.includes(one) && !beside(one))
    expect(unwanted.map(({ path }) => path)).toEqual([])
  })
})
