import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { brokenLines, versionSchemeContract } from '../../../../test/contracts/version-scheme.ts'
import { sharedPath } from '../../../../test/shared.ts'
import { deb } from './index.ts'

versionSchemeContract(deb, readFileSync(join(import.meta.dirname, 'fixtures/versions.txt'), 'utf8'))

describe('deb: what dpkg --validate-version refuses has no order', () => {
  const invalid = [
    '',
    ' ',
    'abc',
    '1:abc',
    ':1',
    '1:',
    '1-',
    '-1',
    '1:-1',
    '1 0',
    '1.0_1',
    '1.0-a_b',
    '1-a:b',
    'a:1',
    '2147483648:1',
    '-1:1',
    '+:1',
    '1.é',
  ]
  it.each(invalid)('%j', (version) => {
    expect([deb.compare(version, '1.0'), deb.compare('1.0', version), deb.compare(version, version)]).toEqual([
      undefined,
      undefined,
      undefined,
    ])
  })
  it.each([
    [' 1.0\t', '1.0', 0],
    ['+1:2', '1:2', 0],
    ['-0:2', '2', 0],
  ] as const)('but it takes %j as %j', (left, right, order) => expect(deb.compare(left, right)).toBe(order))
})

describe('deb against tables from outside', () => {
  const table = sharedPath('conformance/versions/debian-versions.txt')
  it.skipIf(table === undefined)(`orders the hand-picked table${table ? '' : ' (skipped: shared data absent)'}`, () => {
    expect(brokenLines(deb, readFileSync(table ?? '', 'utf8'))).toEqual([])
  })
  const vectors = sharedPath('conformance/versions/dpkg-1.21.23-Dpkg_Version.json')
  it.skipIf(vectors === undefined)(`orders dpkg's own test vectors${vectors ? '' : ' (skipped: shared data absent)'}`, () => {
    const lines: { a: string; b: string; cmp: number }[] = JSON.parse(readFileSync(vectors ?? '', 'utf8'))
    expect(lines.length).toBeGreaterThan(40)
    const text = lines.map(({ a, b, cmp }) => `${a} ${cmp < 0 ? '<' : cmp > 0 ? '>' : '='} ${b}`).join('\n')
    expect(brokenLines(deb, text)).toEqual([])
  })
})
