import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { brokenLines, versionSchemeContract } from '../../../../test/contracts/version-scheme.ts'
import { sharedPath } from '../../../../test/shared.ts'
import { maven } from './index.ts'

versionSchemeContract(maven, readFileSync(join(import.meta.dirname, 'fixtures/versions.txt'), 'utf8'))

describe('maven: what nobody resolved has no order', () => {
  it.each([
    '',
    ' ',
    '1.0 beta',
    ' 1.0',
    '$' + '{revision}',
    '1.0$' + '{changelist}',
    '[1.0,2.0)',
    '1.0,2.0',
    'LATEST',
    'release',
    '1.0\0',
    '1.é',
  ])('%j', (version) => {
    expect([maven.compare(version, '1.0'), maven.compare('1.0', version), maven.compare(version, version)]).toEqual([
      undefined,
      undefined,
      undefined,
    ])
  })
})

describe('maven against a table from outside', () => {
  const table = sharedPath('conformance/versions/maven-versions.txt')
  it.skipIf(table === undefined)(`orders the hand-picked table${table ? '' : ' (skipped: shared data absent)'}`, () => {
    expect(brokenLines(maven, readFileSync(table ?? '', 'utf8'))).toEqual([])
  })
})
