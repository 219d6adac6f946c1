import { expect, it } from 'vitest'
import type { Extractor } from '../../model/seams.ts'
import { wantedBy } from './wanted-by.ts'

const nothing = () => Promise.resolve({ occurrences: [], gaps: [] })
const extractor = (id: string, wants: Extractor['wants'], names?: readonly string[]): Extractor => ({
  id,
  version: 1,
  title: id,
  ...(names && { names }),
  wants,
  read: nothing,
})
const idsOf = (extractors: readonly Extractor[], path: string) => wantedBy(extractors)({ path, size: 1, mode: 0o644 }).map(({ id }) => id)

it('asks an extractor about the names it has, and one without about all', () => {
  const all = [
    extractor('lock', () => true, ['go.mod', 'go.sum']),
    extractor('toml', ({ path }) => !path.startsWith('vendor/'), ['*.toml']),
    extractor('any', ({ path }) => path.startsWith('opt/')),
  ]
  const asked = ['go.mod', 'opt/go.sum', 'a/b.toml', 'vendor/b.toml', 'opt/.toml', 'opt/x', 'go.mod.toml', '*.toml', 'toml', 'go.mod/', '']
  expect(Object.fromEntries(asked.map((path) => [path, idsOf(all, path)]))).toEqual({
    'go.mod': ['lock'],
    'opt/go.sum': ['any', 'lock'],
    'a/b.toml': ['toml'],
    'vendor/b.toml': [],
    'opt/.toml': ['any', 'toml'],
    'opt/x': ['any'],
    'go.mod.toml': ['toml'],
    '*.toml': ['toml'],
    toml: [],
    'go.mod/': [],
    '': [],
  })
})

it('makes a test that several share once', () => {
  let tests = 0
  const shared = () => ++tests > 0
  expect(idsOf([extractor('a', shared), extractor('b', shared)], 'x')).toEqual(['a', 'b'])
  expect(tests).toBe(1)
})
