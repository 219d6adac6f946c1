import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { RangeEvent } from '../../model/advisory.ts'
import { schemes } from '../../plugins/schemes/index.ts'
import { contains, fixAfter } from './contains.ts'

const scheme = (id: string) => schemes.find((known) => known.id === id) ?? fail(id)
const fail = (id: string): never => {
  throw new Error(`no scheme ${id}`)
}
const semver = scheme('semver')
const deb = scheme('deb')
const range = (...events: RangeEvent[]) => ({ type: 'ECOSYSTEM' as const, events })
const all = { introduced: '0' }

describe('contains', () => {
  it.each([
    ['everything', range(all), '1.0.0', true],
    ['even what is no version', range(all), 'git+ssh://h/x#main', true],
    ['before the fix', range(all, { fixed: '1.2.0' }), '1.1.9', true],
    ['a prerelease of the fix is before it', range(all, { fixed: '1.2.0' }), '1.2.0-rc.1', true],
    ['at the fix', range(all, { fixed: '1.2.0' }), '1.2.0', false],
    ['before the introduction', range({ introduced: '1.0.0' }, { fixed: '1.2.0' }), '0.9.0', false],
    ['at the introduction', range({ introduced: '1.0.0' }, { fixed: '1.2.0' }), '1.0.0', true],
    ['at the last affected', range(all, { last_affected: '1.2.0' }), '1.2.0', true],
    ['after the last affected', range(all, { last_affected: '1.2.0' }), '1.2.1', false],
    ['introduced and last affected at once', range({ introduced: '1.0.0' }, { last_affected: '1.0.0' }), '1.0.0', true],
    ['introduced and fixed at once holds nothing', range({ introduced: '1.0.0' }, { fixed: '1.0.0' }), '1.0.0', false],
    ['second interval', range(all, { fixed: '1.0.0' }, { introduced: '2.0.0' }, { fixed: '2.1.0' }), '2.0.5', true],
    ['between intervals', range(all, { fixed: '1.0.0' }, { introduced: '2.0.0' }, { fixed: '2.1.0' }), '1.5.0', false],
    ['after all intervals', range(all, { fixed: '1.0.0' }, { introduced: '2.0.0' }, { fixed: '2.1.0' }), '3.0.0', false],
    ['reintroduced where it was fixed', range(all, { fixed: '1.0.0' }, { introduced: '1.0.0' }, { fixed: '2.0.0' }), '1.0.0', true],
    ['events in any order', range({ fixed: '2.1.0' }, { introduced: '2.0.0' }, { fixed: '1.0.0' }, all), '2.0.5', true],
    ['events in any order, between', range({ fixed: '2.1.0' }, { introduced: '2.0.0' }, { fixed: '1.0.0' }, all), '1.5.0', false],
    ['below the limit', range(all, { limit: '2.0.0' }), '1.9.9', true],
    ['at the limit', range(all, { limit: '2.0.0' }), '2.0.0', false],
    ['below any limit', range(all, { limit: '2.0.0' }, { limit: '3.0.0' }), '2.5.0', true],
    ['no limit', range(all, { limit: '*' }), '99.0.0', true],
    ['no events', range(), '1.0.0', false],
    ['no introduction', range({ fixed: '1.0.0' }), '0.5.0', false],
    ['a fix nobody can order', range(all, { fixed: 'next' }), '1.0.0', undefined],
    ['a version nobody can order', range(all, { fixed: '1.0.0' }), 'latest', undefined],
    ['an introduction nobody can order, not needed', range(all, { introduced: 'then' }), '1.0.0', true],
    ['an introduction nobody can order, needed', range({ introduced: 'then' }, { fixed: '2.0.0' }), '1.0.0', undefined],
    ['a fix nobody can order, not needed', range({ introduced: '2.0.0' }, { fixed: 'next' }), '1.0.0', false],
    ['a limit nobody can order', range(all, { limit: 'then' }), '1.0.0', undefined],
    ['a limit nobody can order beside one that holds', range(all, { limit: 'then' }, { limit: '2.0.0' }), '1.0.0', true],
    ['a limit nobody can order, not needed', range({ introduced: '2.0.0' }, { limit: 'then' }), '1.0.0', false],
  ])('%s', (_title, given, version, expected) => expect(contains(given, version, semver)).toBe(expected))

  it.each([
    ['12.2.0-14+deb12u1', true],
    ['12.2.0-14+deb12u2', false],
    ['12.2.0-14~rc1', true],
    ['1:0.1', false],
  ])('orders Debian versions natively: %s', (version, expected) => {
    expect(contains(range(all, { fixed: '12.2.0-14+deb12u2' }), version, deb)).toBe(expected)
  })

  const number = fc.nat({ max: 6 }).map(String)
  const event = fc.oneof(
    number.map((introduced): RangeEvent => ({ introduced })),
    number.map((fixed): RangeEvent => ({ fixed })),
    number.map((last_affected): RangeEvent => ({ last_affected })),
  )

  it('equals the evaluation of the OSV schema, written out with a sort', () => {
    const boundOf = (e: RangeEvent) => Object.values(e)[0] ?? ''
    const written = (events: readonly RangeEvent[], version: number) => {
      let vulnerable = false
      const place = (e: RangeEvent) => ('introduced' in e && e.introduced === '0' ? -1 : Number(boundOf(e)))
      for (const e of [...events].sort((a, b) => place(a) - place(b))) {
        if ('introduced' in e && version >= Number(e.introduced)) vulnerable = true
        else if ('fixed' in e && version >= Number(e.fixed)) vulnerable = false
        else if ('last_affected' in e && version > Number(e.last_affected)) vulnerable = false
      }
      return vulnerable
    }
    fc.assert(
      fc.property(fc.array(event, { maxLength: 6 }), fc.nat({ max: 7 }), (events, version) => {
        expect(contains(range(...events), String(version), deb)).toBe(written(events, version))
      }),
      { numRuns: 5_000 },
    )
  })

  it('never changes a sure answer when an unreadable bound is replaced by any version', () => {
    fc.assert(
      fc.property(
        fc.array(event, { maxLength: 4 }),
        fc.constantFrom('introduced', 'fixed', 'last_affected'),
        number,
        fc.nat({ max: 4 }),
        number,
        (events, kind, bound, at, version) => {
          const put = (value: string) => range(...events.slice(0, at), { [kind]: value } as RangeEvent, ...events.slice(at))
          const unsure = contains(put('?'), version, deb)
          if (unsure !== undefined) expect(contains(put(bound), version, deb)).toBe(unsure)
        },
      ),
      { numRuns: 5_000 },
    )
  })
})

describe('fixAfter', () => {
  it.each([
    [range(all, { fixed: '1.0.0' }), '0.5.0', '1.0.0'],
    [range(all, { fixed: '1.0.0' }, { introduced: '2.0.0' }, { fixed: '2.1.0' }), '2.0.5', '2.1.0'],
    [range({ fixed: '2.1.0' }, { introduced: '2.0.0' }, { fixed: '1.0.0' }, all), '0.1.0', '1.0.0'],
    [range(all, { last_affected: '1.0.0' }), '0.5.0', undefined],
    [range(all, { last_affected: '1.0.0' }, { introduced: '2.0.0' }, { fixed: '2.1.0' }), '1.0.0', undefined],
    [range(all), '1.0.0', undefined],
  ])('%j %s', (given, version, expected) => expect(fixAfter(given, version, semver)).toBe(expected))
})
