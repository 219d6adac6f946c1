import { expect, it } from 'vitest'
import { criteriaSentence } from './criteria-words.ts'
import { type Criterion, criterionKinds, type FilterCriteria } from './criteria-types.ts'

type Comparison = 'EQUALS' | 'PREFIX' | 'NOT_EQUALS'
const by = (comparison: Comparison) => (value: string) => ({ comparison, value })
const [equals, prefix, not] = [by('EQUALS'), by('PREFIX'), by('NOT_EQUALS')]

it.each<[FilterCriteria, string]>([
  [{}, 'every finding'],
  [{ severity: [equals('LOW'), equals('MEDIUM')] }, 'severity is LOW or MEDIUM'],
  [{ vulnerablePackages: [{ name: prefix('openssl') }], severity: [equals('LOW')] }, 'severity is LOW, and package begins with openssl'],
  [
    { title: [equals('a b'), prefix('CVE-2024-'), not('x'), not('y')] },
    'title is "a b" or begins with CVE-2024- and is not x and is not y',
  ],
  [{ resourceId: [equals('x or severity is LOW')] }, 'resource is "x or severity is LOW"'],
  [{ title: [equals('"quoted"\n')] }, 'title is "\\"quoted\\"\\n"'],
  [
    { epssScore: [{ upperInclusive: 0.1 }], inspectorScore: [{ lowerInclusive: 4, upperInclusive: 6.9 }, { lowerInclusive: 9 }] },
    'EPSS score is at most 0.1, and score is from 4 to 6.9 or is at least 9',
  ],
  [{ inspectorScore: [{}] }, 'score is known'],
  [
    { firstObservedAt: [{ startInclusive: new Date('2026-01-01T00:00:00Z') }, { endInclusive: new Date('2025-01-01T00:00:00Z') }] },
    'first observed not before 2026-01-01T00:00:00.000Z or not after 2025-01-01T00:00:00.000Z',
  ],
  [
    { ecrImagePushedAt: [{ startInclusive: new Date('2026-01-01T00:00:00Z'), endInclusive: new Date('2026-01-02T00:00:00Z') }] },
    'ECR image pushed from 2026-01-01T00:00:00.000Z to 2026-01-02T00:00:00.000Z',
  ],
  [
    {
      resourceTags: [
        { comparison: 'EQUALS', key: 'env', value: 'test' },
        { comparison: 'EQUALS', key: 'temporary' },
      ],
    },
    'resource tag env is test or temporary is there',
  ],
  [{ portRange: [{ beginInclusive: 22, endInclusive: 22 }] }, 'port range is 22'],
  [
    {
      vulnerablePackages: [
        { name: equals('xz'), version: not('5.6.1'), epoch: { lowerInclusive: 1 }, sourceLayerHash: equals('sha256:a') },
        {},
      ],
    },
    'package is xz (epoch is at least 1, version is not 5.6.1, source layer hash is sha256:a) or is any',
  ],
])('%j reads: %s', (criteria, sentence) => expect(criteriaSentence(criteria)).toBe(sentence))

it('has words for every criterion, and says no two of them alike', () => {
  const entries = {
    string: equals('v'),
    number: { lowerInclusive: 1 },
    date: {},
    map: { comparison: 'EQUALS', key: 'k' },
    port: {},
    package: {},
  }
  const said = (Object.keys(criterionKinds) as Criterion[]).map((name) => criteriaSentence({ [name]: [entries[criterionKinds[name]]] }))
  expect(new Set(said).size).toBe(said.length)
  for (const words of said) expect(words).toMatch(/^(?:[a-zA-Z0-9]+ ){2,}/)
})
