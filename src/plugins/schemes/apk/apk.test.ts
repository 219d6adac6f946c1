import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { versionLines, versionSchemeContract } from '../../../../test/contracts/version-scheme.ts'
import { sharedPath } from '../../../../test/shared.ts'
import { apk } from './index.ts'

versionSchemeContract(apk, readFileSync(join(import.meta.dirname, 'fixtures/versions.txt'), 'utf8'))

const invalid = [
  '',
  ' ',
  'a',
  '.1',
  '1.',
  '1..0',
  '1A',
  '1aa',
  '1a1',
  '1.2_foo',
  '1.2_',
  '1-r',
  '1-1',
  '1-r1-r2',
  '1~',
  '1~xyz',
  '1-r1~a',
  '1 0',
  '1-ruff',
]

describe('apk: what apk calls invalid has no order', () => {
  it.each(invalid)('%j', (version) => {
    expect([apk.compare(version, '1.0'), apk.compare('1.0', version), apk.compare(version, version)]).toEqual([
      undefined,
      undefined,
      undefined,
    ])
  })
})

describe('apk against a table from outside', () => {
  const table = sharedPath('conformance/versions/alpine-versions.txt')
  it.skipIf(table === undefined)(`orders all its valid versions${table ? '' : ' (skipped: shared data absent)'}`, () => {
    const lines = versionLines(readFileSync(table ?? '', 'utf8'))
    const valid = lines.filter(({ left, right }) => apk.compare(left, left) === 0 && apk.compare(right, right) === 0)
    expect(valid.length).toBeGreaterThan(600)
    expect(valid.filter(({ left, right, order }) => apk.compare(left, right) !== order).map(({ line }) => line)).toEqual([])
  })
})
