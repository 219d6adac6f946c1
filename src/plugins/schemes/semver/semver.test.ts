import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { compareBuild, SemVer } from 'semver'
import { describe, expect, it } from 'vitest'
import { brokenLines, versionSchemeContract } from '../../../../test/contracts/version-scheme.ts'
import { sharedPath } from '../../../../test/shared.ts'
import { semver } from './index.ts'

versionSchemeContract(semver, readFileSync(join(import.meta.dirname, 'fixtures/versions.txt'), 'utf8'))

describe('semver: what is no version has no order', () => {
  it.each([
    '',
    'v',
    '=',
    'latest',
    '1.',
    '1..2',
    '1.2.',
    '1.2.x',
    '1.2.3-',
    '1.2.3+',
    '1.2.3-a..b',
    '1.2.3-é',
    '^1.2.3',
    '1.2.3 beta',
    '7fd1a60b01f9',
  ])('%j', (version) => {
    expect([semver.compare(version, '1.0.0'), semver.compare('1.0.0', version), semver.compare(version, version)]).toEqual([
      undefined,
      undefined,
      undefined,
    ])
  })
})

describe('semver beside the semver package', () => {
  const number = fc.oneof(fc.nat({ max: 12 }).map(String), fc.maxSafeNat().map(String))
  const word = fc.oneof(number, fc.string({ unit: fc.constantFrom('a', 'B', '0', '7', '-'), minLength: 1, maxLength: 4 }))
  const tail = (mark: string) =>
    fc.option(
      fc.array(word, { minLength: 1, maxLength: 3 }).map((words) => mark + words.join('.')),
      { nil: '' },
    )
  const version = fc
    .tuple(fc.constantFrom('', 'v', '='), number, number, number, tail('-'), tail('+'))
    .map(([v, a, b, c, pre, build]) => `${v}${a}.${b}.${c}${pre}${build}`)
  it('orders every pair the package can read in the same way', () => {
    fc.assert(
      fc.property(version, version, (left, right) => {
        const expected = new SemVer(left, { loose: true }).compare(new SemVer(right, { loose: true }))
        expect(semver.compare(left, right)).toBe(expected)
      }),
      { numRuns: 20_000 },
    )
  })
  it('orders builds alike, where the package can tell them apart', () => {
    expect([semver.compare('1.0.0+1', '1.0.0+2'), compareBuild('1.0.0+1', '1.0.0+2')]).toEqual([0, -1])
  })
})

describe('semver against a table from outside', () => {
  const table = sharedPath('conformance/versions/semver-versions.txt')
  it.skipIf(table === undefined)(`orders the hand-picked table${table ? '' : ' (skipped: shared data absent)'}`, () => {
    expect(brokenLines(semver, readFileSync(table ?? '', 'utf8'))).toEqual([])
  })
})
