import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { brokenLines, versionSchemeContract } from '../../../../test/contracts/version-scheme.ts'
import { sharedPath } from '../../../../test/shared.ts'
import { rpm } from './index.ts'

versionSchemeContract(rpm, readFileSync(join(import.meta.dirname, 'fixtures/versions.txt'), 'utf8'))

describe('rpm: what no package can be called has no order', () => {
  it.each(['', ' ', '1:', ':', '-1', '1:-1', '1 0', '1.0\n', '1\u00000'])('%j', (version) => {
    expect([rpm.compare(version, '1.0'), rpm.compare('1.0', version), rpm.compare(version, version)]).toEqual([
      undefined,
      undefined,
      undefined,
    ])
  })
})

describe('rpm against tables from outside', () => {
  const table = sharedPath('conformance/versions/redhat-versions.txt')
  it.skipIf(table === undefined)(`orders the hand-picked table${table ? '' : ' (skipped: shared data absent)'}`, () => {
    expect(brokenLines(rpm, readFileSync(table ?? '', 'utf8'))).toEqual([])
  })
  const vectors = sharedPath('conformance/versions/rpm-4.18.0-rpmvercmp.json')
  it.skipIf(vectors === undefined)(`orders rpm's own test vectors${vectors ? '' : ' (skipped: shared data absent)'}`, () => {
    const lines: { a: string; b: string; cmp: number }[] = JSON.parse(readFileSync(vectors ?? '', 'utf8'))
    expect(lines.length).toBeGreaterThan(40)
    const text = lines.map(({ a, b, cmp }) => `${a} ${cmp < 0 ? '<' : cmp > 0 ? '>' : '='} ${b}`).join('\n')
    expect(brokenLines(rpm, text)).toEqual([])
  })
})
