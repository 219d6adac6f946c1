import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { brokenLines, versionSchemeContract } from '../../../../test/contracts/version-scheme.ts'
import { sharedPath } from '../../../../test/shared.ts'
import { pep440 } from './index.ts'

versionSchemeContract(pep440, readFileSync(join(import.meta.dirname, 'fixtures/versions.txt'), 'utf8'))

/** PEP 440, "Summary of permitted suffixes and relative ordering", and its appendix A. */
const chain = [
  ...['0-legacy', '1.0.dev456', '1.0a1', '1.0a2.dev456', '1.0a12.dev456', '1.0a12', '1.0b1.dev456', '1.0b2', '1.0b2.post345.dev456'],
  ...['1.0b2.post345', '1.0rc1.dev456', '1.0rc1', '1.0', '1.0+abc.5', '1.0+abc.7', '1.0+5', '1.0.post456.dev34', '1.0.post456', '1.0.15'],
  ...['1.1.dev1', '1!0.1', '10!0', '18446744073709551616!0', '18446744073709551617!0'],
]

describe('pep440', () => {
  it('orders every pair of the chain of PEP 440', () => {
    const broken = chain.flatMap((left, i) =>
      chain.flatMap((right, j) => (pep440.compare(left, right) === Math.sign(i - j) ? [] : [`${left} ${right}`])),
    )
    expect(broken).toEqual([])
  })
  it.each([
    ['1.1RC1', '1.1rc1'],
    ['00', '0'],
    ['1.1.a1', '1.1a1'],
    ['1.1-a-1', '1.1a1'],
    ['1.1_alpha_1', '1.1a1'],
    ['1.1beta2', '1.1b2'],
    ['1.1c3', '1.1rc3'],
    ['1.1preview3', '1.1rc3'],
    ['1.2a', '1.2a0'],
    ['1.2-post2', '1.2.post2'],
    ['1.2-rev4', '1.2.post4'],
    ['1.2.post', '1.2.post0'],
    ['1.0-1', '1.0.post1'],
    ['1.2.dev', '1.2.dev0'],
    ['1.0+ubuntu-1', '1.0+UBUNTU.1'],
    ['v1.0', '1.0'],
    [' 1.0\n', '1.0'],
    ['0!1.0', '1'],
  ])('takes %j for %j', (spelt, normal) => expect(pep440.compare(spelt, normal)).toBe(0))
  it.each(['', ' ', '1.0 beta', '1.*', '>=1.0', '^1.2', '1.0,2.0', '1.0é', '١.0', 'a\0b'])('has no order for %j', (version) => {
    expect([pep440.compare(version, '1.0'), pep440.compare('1.0', version), pep440.compare(version, version)]).toEqual([
      undefined,
      undefined,
      undefined,
    ])
  })
})

describe('pep440 against a table from outside', () => {
  const table = sharedPath('conformance/versions/pypi-versions.txt')
  it.skipIf(table === undefined)(`orders the hand-picked table${table ? '' : ' (skipped: shared data absent)'}`, () => {
    expect(brokenLines(pep440, readFileSync(table ?? '', 'utf8'))).toEqual([])
  })
})
