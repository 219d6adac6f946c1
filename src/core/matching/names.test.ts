import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { byPreference, groupNames, isCve, weaknessesOf, type Named } from './names.ts'

const record = (id: string, aliases: string[] = [], bundles: string[] = []): Named => ({ id, aliases, bundles })
const grouped = (...records: Named[]) => {
  const { weaknesses, names, bundles } = groupNames(records)
  return { weaknesses: Object.fromEntries(weaknesses), names: Object.fromEntries(names), bundles: Object.fromEntries(bundles) }
}

describe('groupNames', () => {
  it('merges a GHSA and a CVE record of one CVE', () => {
    expect(grouped(record('GHSA-a', ['CVE-2024-1000']), record('CVE-2024-1000', ['PYSEC-1']))).toEqual({
      weaknesses: { 'CVE-2024-1000': ['CVE-2024-1000'], 'GHSA-a': ['CVE-2024-1000'], 'PYSEC-1': ['CVE-2024-1000'] },
      names: { 'CVE-2024-1000': ['CVE-2024-1000', 'GHSA-a', 'PYSEC-1'] },
      bundles: {},
    })
  })
  it('never merges two CVEs, though one record names both: it speaks for each', () => {
    const both = record('GHSA-a', ['CVE-2024-1001', 'CVE-2024-1000'])
    const groups = groupNames([both, record('CVE-2024-1000')])
    expect(Object.fromEntries(groups.weaknesses)).toEqual({
      'CVE-2024-1000': ['CVE-2024-1000'],
      'CVE-2024-1001': ['CVE-2024-1001'],
      'GHSA-a': ['CVE-2024-1000', 'CVE-2024-1001'],
    })
    expect(weaknessesOf(both, groups)).toEqual(['CVE-2024-1000', 'CVE-2024-1001'])
    expect(weaknessesOf(record('CVE-2024-1000', ['GHSA-a']), groups)).toEqual(['CVE-2024-1000'])
  })
  it('ties ids without a CVE together over shared aliases', () => {
    expect(grouped(record('MAL-2024-2', ['SNYK-9']), record('GHSA-b', ['SNYK-9']), record('MAL-2024-10'))).toEqual({
      weaknesses: { 'GHSA-b': ['GHSA-b'], 'MAL-2024-2': ['GHSA-b'], 'SNYK-9': ['GHSA-b'], 'MAL-2024-10': ['MAL-2024-10'] },
      names: { 'GHSA-b': ['GHSA-b', 'MAL-2024-2', 'SNYK-9'], 'MAL-2024-10': ['MAL-2024-10'] },
      bundles: {},
    })
  })
  it('follows ids without a CVE to the CVE another record names, from record to record', () => {
    const records = [record('X-1', ['X-2']), record('X-2', ['GHSA-a']), record('GHSA-a', ['CVE-2024-1000'])]
    expect(grouped(...records).names).toEqual({ 'CVE-2024-1000': ['CVE-2024-1000', 'GHSA-a', 'X-1', 'X-2'] })
  })
  it('keeps an id to its nearest word', () => {
    const records = [
      record('GHSA-a', ['CVE-2024-1000']),
      record('GHSA-b', ['CVE-2024-1001']),
      record('X-1', ['GHSA-a', 'GHSA-b']),
      record('X-2', ['GHSA-a']),
    ]
    expect(grouped(...records).weaknesses).toMatchObject({
      'GHSA-a': ['CVE-2024-1000'],
      'X-1': ['CVE-2024-1000', 'CVE-2024-1001'],
      'X-2': ['CVE-2024-1000'],
    })
  })
  it('lets a bundle speak for what it bundles, without tying it together', () => {
    expect(grouped(record('DSA-1-1', [], ['CVE-2024-1000', 'GHSA-b', 'X-9']), record('GHSA-b', ['CVE-2024-1001']))).toEqual({
      weaknesses: { 'GHSA-b': ['CVE-2024-1001'], 'CVE-2024-1000': ['CVE-2024-1000'], 'CVE-2024-1001': ['CVE-2024-1001'], 'X-9': ['X-9'] },
      names: { 'CVE-2024-1000': ['CVE-2024-1000'], 'CVE-2024-1001': ['CVE-2024-1001', 'GHSA-b'], 'X-9': ['X-9'] },
      bundles: { 'DSA-1-1': ['CVE-2024-1000', 'CVE-2024-1001', 'X-9'] },
    })
  })
  it('takes a bundle that names nothing for a weakness of its own', () => {
    const lone = record('DSA-2-1')
    expect(weaknessesOf(lone, groupNames([lone]))).toEqual(['DSA-2-1'])
  })

  const id: fc.Arbitrary<string> = fc.constantFrom(
    'CVE-2024-1000',
    'CVE-2024-1001',
    'CVE-2024-1002',
    'GHSA-a',
    'GHSA-b',
    'GHSA-c',
    'X-1',
    'X-2',
    'X-3',
    'X-4',
    'Y-1',
    'Y-2',
  )
  const some = fc.array(id, { maxLength: 3 })
  const records = fc.array(
    fc.oneof(
      fc.tuple(id, some).map(([name, aliases]) => record(name, aliases)),
      fc.tuple(fc.constantFrom('DSA-1', 'DSA-2'), some).map(([name, bundles]) => record(name, [], bundles)),
    ),
    { maxLength: 12 },
  )
  const flat = (given: Iterable<Named>) => {
    const { weaknesses, names, bundles } = groupNames(given)
    return [weaknesses, names, bundles].map((map) => [...map].sort(([a], [b]) => (a < b ? -1 : 1)))
  }

  it('does not depend on the order or the repetition of records', () => {
    fc.assert(
      fc.property(
        records.chain((given) => fc.tuple(fc.constant(given), fc.shuffledSubarray(given, { minLength: given.length }))),
        ([given, shuffled]) => {
          expect(flat([...shuffled, ...given])).toEqual(flat(given))
        },
      ),
      { numRuns: 1_000 },
    )
  })
  it('never lets a CVE stand for another, and every name stands for something that stands for itself', () => {
    fc.assert(
      fc.property(records, (given) => {
        const { weaknesses, names } = groupNames(given)
        for (const [name, meant] of weaknesses) {
          expect(meant.length).toBeGreaterThan(0)
          if (isCve(name)) expect(meant).toEqual([name])
          for (const weakness of meant) {
            expect(weaknesses.get(weakness)).toContain(weakness)
            expect(names.get(weakness)).toContain(name)
          }
        }
      }),
      { numRuns: 1_000 },
    )
  })
  it('never says of a record what has nothing to do with its id', () => {
    fc.assert(
      fc.property(records, (given) => {
        const groups = groupNames(given)
        for (const one of given) {
          const known = one.bundles.length > 0 ? groups.bundles.get(one.id) : groups.weaknesses.get(one.id)
          const meant = weaknessesOf(one, groups)
          expect(meant.length).toBeGreaterThan(0)
          if (one.bundles.length > 0) expect(known).toEqual(expect.arrayContaining([...meant]))
          else expect(meant.some((weakness) => known?.includes(weakness))).toBe(true)
        }
      }),
      { numRuns: 1_000 },
    )
  })
  it('is the same on the connected component alone', () => {
    fc.assert(
      fc.property(records, id, (given, start) => {
        const reached = new Set([start])
        for (let before = -1; before !== reached.size; ) {
          before = reached.size
          for (const one of given) {
            const own = [one.id, ...one.aliases]
            if (one.bundles.length === 0 && own.some((name) => reached.has(name))) for (const name of own) reached.add(name)
          }
        }
        const part = groupNames(given.filter((one) => one.bundles.length === 0 && reached.has(one.id)))
        const whole = groupNames(given.filter((one) => one.bundles.length === 0))
        for (const name of part.weaknesses.keys()) {
          expect(part.weaknesses.get(name)).toEqual(whole.weaknesses.get(name))
          expect(part.names.get(name)).toEqual(whole.names.get(name))
        }
      }),
      { numRuns: 1_000 },
    )
  })
})

describe('byPreference', () => {
  it('puts CVE ids first, then GHSA, then others, numbers as numbers', () => {
    const order = [
      'CVE-1999-0001',
      'CVE-2024-9999',
      'CVE-2024-10000',
      'GHSA-2222',
      'GHSA-x',
      'DSA-9-1',
      'DSA-10-1',
      'MAL-2024-2',
      'MAL-2024-10',
    ]
    expect([...order].reverse().sort(byPreference)).toEqual(order)
  })
  it('is a total order', () => {
    const text = fc.string({ unit: fc.constantFrom(...'0019aB-é') })
    fc.assert(
      fc.property(text, text, text, (a, b, c) => {
        expect(Math.sign(byPreference(a, b)) + Math.sign(byPreference(b, a))).toBe(0)
        expect(byPreference(a, b) === 0).toBe(a === b)
        if (byPreference(a, b) <= 0 && byPreference(b, c) <= 0) expect(byPreference(a, c)).toBeLessThanOrEqual(0)
      }),
      { numRuns: 3_000 },
    )
  })
})
