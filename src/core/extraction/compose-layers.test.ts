import fc from 'fast-check'
import { expect, it } from 'vitest'
import { ancestorsOf } from '../../kit/paths.ts'
import { composeLayers, type NamedRecord } from './compose-layers.ts'

type Change = { readonly path: string; readonly is: 'file' | 'folder' | 'whiteout' | 'opaque' }
type Changes = readonly Change[]

const step = fc.constantFrom('a', 'b', 'c')
const path = fc.array(step, { minLength: 1, maxLength: 4 }).map((steps) => steps.join('/'))
const change = fc.record({ path, is: fc.constantFrom('file', 'file', 'file', 'folder', 'whiteout', 'opaque') }) as fc.Arbitrary<Change>

/** A layer as tools make them: one entry a path, and nothing below what is no folder. */
const layer: fc.Arbitrary<Changes> = fc.uniqueArray(change, { selector: ({ path }) => path, maxLength: 6 }).map((changes) => {
  const files = new Set(changes.filter(({ is }) => is === 'file').map(({ path }) => path))
  return changes.filter(({ path }) => !ancestorsOf(path).some((above) => files.has(above)))
})

function recordOf(changes: Changes, number: number): NamedRecord {
  const paths = (...kinds: readonly Change['is'][]) =>
    changes
      .filter(({ is }) => kinds.includes(is))
      .map(({ path }) => path)
      .sort()
  const extraction = (path: string) => ({
    extractor: 'test',
    path,
    occurrences: [],
    gaps: [{ path, extractor: 'test', reason: String(number) }],
  })
  const record = {
    others: paths('file'),
    folders: paths('folder'),
    links: [],
    whiteouts: paths('whiteout'),
    opaque: paths('opaque'),
    gaps: [],
  }
  return { diffId: String(number), record: { ...record, extractions: record.others.map(extraction) } }
}

/** The plain way: every layer unpacked over what is there, entry by entry. */
function unpacked(layers: readonly Changes[]): ReadonlyMap<string, number> {
  let files = new Map<string, number>()
  layers.forEach((changes, number) => {
    const without = (gone: (path: string) => boolean) => {
      files = new Map([...files].filter(([path]) => !gone(path)))
    }
    for (const { path, is } of changes) {
      if (is === 'whiteout') without((one) => one === path || one.startsWith(`${path}/`))
      if (is === 'opaque') without((one) => one.startsWith(`${path}/`))
    }
    for (const { path, is } of changes) {
      if (is !== 'file' && is !== 'folder') continue
      const above = new Set(ancestorsOf(path))
      without((one) => one === path || above.has(one) || (is === 'file' && one.startsWith(`${path}/`)))
      if (is === 'file') files.set(path, number)
    }
  })
  return files
}

it('leaves what unpacking one layer over the other would leave', () => {
  fc.assert(
    fc.property(fc.array(layer, { maxLength: 5 }), (layers) => {
      const { extractions } = composeLayers(layers.map(recordOf))
      const found = extractions.map(({ path, gaps }) => [path, Number(gaps[0]?.reason)] as const)
      expect(new Map(found)).toEqual(unpacked(layers))
      expect(found.length).toBe(new Map(found).size)
    }),
    { numRuns: 1000 },
  )
})
