import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { RangeEvent } from '../../model/advisory.ts'
import type { Occurrence } from '../../model/component.ts'
import { schemes } from '../../plugins/schemes/index.ts'
import { applies, judge, type Candidate } from './judge.ts'

const [deb, semver] = ['deb', 'semver'].map((id) => schemes.find((scheme) => scheme.id === id)) as [
  (typeof schemes)[0],
  (typeof schemes)[0],
]
const key = { ecosystem: 'Debian:12', name: 'openssl', version: '3.0.11-1' }
type Options = { source?: string; isBundle?: boolean; withdrawn?: string; weaknesses?: string[]; versions?: string[] }
const candidate = (
  id: string,
  events: RangeEvent[],
  { source = 'DEBIAN', isBundle = false, withdrawn, weaknesses = [id], versions = [] }: Options = {},
): Candidate => ({
  advisory: { id, source, isBundle, ...(withdrawn !== undefined && { withdrawn }) },
  weaknesses,
  affected: { ecosystem: 'Debian:12', name: 'openssl', ranges: [{ type: 'ECOSYSTEM', events }], versions },
})
const below = (fixed: string) => [{ introduced: '0' }, { fixed }]
const why = (events: RangeEvent[]) => ({ range: { type: 'ECOSYSTEM', events } })

describe('judge', () => {
  it('gives one judgement for each weakness, with the evidence of every source and the newest fix', () => {
    const candidates = [
      candidate('GHSA-a', below('3.0.13'), { source: 'GITHUB', weaknesses: ['CVE-2024-1000'] }),
      candidate('CVE-2024-1000', below('3.0.12-1')),
      candidate('CVE-2024-1001', below('3.0.10-1')),
    ]
    expect(judge(key, candidates, deb)).toEqual([
      {
        weakness: 'CVE-2024-1000',
        verdict: 'affected',
        fixedIn: '3.0.13',
        evidence: [
          { id: 'CVE-2024-1000', source: 'DEBIAN', is: 'affected', why: why(below('3.0.12-1')), fixedIn: '3.0.12-1' },
          { id: 'GHSA-a', source: 'GITHUB', is: 'affected', why: why(below('3.0.13')), fixedIn: '3.0.13' },
        ],
      },
    ])
  })
  it('lets one record speak for several weaknesses', () => {
    const found = judge(key, [candidate('GHSA-a', below('4'), { weaknesses: ['CVE-2024-1001', 'CVE-2024-1000'] })], deb)
    expect(found.map(({ weakness, fixedIn }) => [weakness, fixedIn])).toEqual([
      ['CVE-2024-1000', '4'],
      ['CVE-2024-1001', '4'],
    ])
  })
  it('hears a bundle only where no other record speaks, affected or not', () => {
    const bundle = candidate('DSA-1-1', below('3.0.12-1'), { isBundle: true, weaknesses: ['CVE-2024-1000', 'CVE-2024-1001'] })
    const found = judge(key, [bundle, candidate('CVE-2024-1000', below('3.0.5-1'))], deb)
    expect(found.map(({ weakness, evidence }) => [weakness, evidence.map(({ id }) => id)])).toEqual([['CVE-2024-1001', ['DSA-1-1']]])
    expect(
      judge(key, [bundle, candidate('CVE-2024-1000', below('3.0.5-1')), candidate('CVE-2024-1001', below('3.0.12-2'))], deb),
    ).toMatchObject([{ weakness: 'CVE-2024-1001', fixedIn: '3.0.12-2', evidence: [{ id: 'CVE-2024-1001' }] }])
  })
  it('never counts what is withdrawn, not even against a bundle', () => {
    const gone = candidate('CVE-2024-1000', below('4'), { withdrawn: '2024-05-01T00:00:00Z' })
    expect(judge(key, [gone], deb)).toEqual([])
    expect(judge(key, [gone, candidate('DSA-1-1', below('4'), { isBundle: true, weaknesses: ['CVE-2024-1000'] })], deb)).toMatchObject([
      { weakness: 'CVE-2024-1000', evidence: [{ id: 'DSA-1-1' }] },
    ])
  })
  it('takes affected over undecided over unaffected, and tells doubt', () => {
    const doubtful = candidate('X-1', below('?'), { source: 'X', weaknesses: ['CVE-2024-1000'] })
    const safe = candidate('CVE-2024-1000', below('1'))
    expect(judge(key, [doubtful, safe], deb)).toEqual([
      {
        weakness: 'CVE-2024-1000',
        verdict: 'undecided',
        evidence: [
          { id: 'X-1', source: 'X', is: 'undecided', because: 'cannot order 3.0.11-1 against [{"introduced":"0"},{"fixed":"?"}]' },
        ],
      },
    ])
    expect(judge(key, [doubtful, candidate('CVE-2024-1000', below('4'))], deb)).toMatchObject([
      { verdict: 'affected', evidence: [{ id: 'CVE-2024-1000' }] },
    ])
  })
  it('keeps one piece of evidence for an advisory with several entries', () => {
    const entries = [below('3.0.12-1'), below('?'), below('3.0.14-1'), below('1')].map((events) => candidate('CVE-2024-1000', events))
    expect(judge(key, entries, deb)).toEqual([
      {
        weakness: 'CVE-2024-1000',
        verdict: 'affected',
        fixedIn: '3.0.14-1',
        evidence: [{ id: 'CVE-2024-1000', source: 'DEBIAN', is: 'affected', why: why(below('3.0.14-1')), fixedIn: '3.0.14-1' }],
      },
    ])
  })
  it('merges what GitHub and another source say of one npm package', () => {
    const npm = { ecosystem: 'npm', name: 'lodash', version: '4.17.20' }
    const found = judge(
      npm,
      [
        candidate('GHSA-a', below('4.17.21'), { weaknesses: ['CVE-2021-23337'] }),
        candidate('CVE-2021-23337', below('4.17.21'), { source: 'NVD' }),
      ],
      semver,
    )
    expect(found.map(({ weakness, evidence }) => [weakness, evidence.length])).toEqual([['CVE-2021-23337', 2]])
  })
  it('takes row ids for weaknesses, and sorts them as numbers', () => {
    const found = judge(
      key,
      [10, 9].map((weakness) => ({ ...candidate('CVE-2024-1000', below('4')), weaknesses: [weakness] })),
      deb,
    )
    expect(found.map(({ weakness }) => weakness)).toEqual([9, 10])
  })
  it('does not depend on the order of candidates', () => {
    const fix = fc.constantFrom('1', '3.0.11-1', '3.0.12-1', '3.0.12', '4', '?')
    const one = fc
      .record({
        id: fc.constantFrom('A', 'B', 'C'),
        fix,
        isBundle: fc.boolean(),
        source: fc.constantFrom('S', 'T'),
        weaknesses: fc.subarray(['W1', 'W2', 'W3'], { minLength: 1 }),
      })
      .map(({ id, fix: fixed, ...options }) => candidate(id, below(fixed), options))
    fc.assert(
      fc.property(
        fc
          .array(one, { maxLength: 8 })
          .chain((given) => fc.tuple(fc.constant(given), fc.shuffledSubarray(given, { minLength: given.length }))),
        ([given, shuffled]) => {
          expect(judge(key, shuffled, deb)).toEqual(judge(key, given, deb))
        },
      ),
      { numRuns: 1_000 },
    )
  })
})

describe('applies: the distribution judges what its packages own', () => {
  const occurrence = (type: string, more: object): Occurrence => ({
    component: { purl: `pkg:${type}/x@1`, type, name: 'x', version: '1', ...(type === 'deb' && { distro: 'debian:12' }) },
    at: { path: 'usr/share/nodejs/x/package.json' },
    extractor: 'e',
    ...more,
  })
  it.each([
    ['an npm package nobody owns', occurrence('npm', {}), true],
    ['an npm package a Debian package owns', occurrence('npm', { ownedBy: 'node-x' }), false],
    ['a Debian package', occurrence('deb', {}), true],
    ['a Debian package whose database is owned', occurrence('deb', { ownedBy: 'dpkg' }), true],
  ])('%s', (_title, given, expected) => expect(applies(given)).toBe(expected))
})
