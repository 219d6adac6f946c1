import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { brokenLines, versionSchemeContract } from '../../../../test/contracts/version-scheme.ts'
import { sharedPath } from '../../../../test/shared.ts'
import { rubygems } from './index.ts'

versionSchemeContract(rubygems, readFileSync(join(import.meta.dirname, 'fixtures/versions.txt'), 'utf8'))

it.each(['', '>= 1.0', '1..0', 'a.1', '1.0+2', '1.0.', '1_0'])('rubygems: %j has no order', (version) => {
  expect([rubygems.compare(version, '1.0'), rubygems.compare('1.0', version), rubygems.compare(version, version)]).toEqual([
    undefined,
    undefined,
    undefined,
  ])
})

describe('rubygems against a table from outside', () => {
  const table = sharedPath('conformance/versions/rubygems-versions.txt')
  it.skipIf(table === undefined)(`orders the hand-picked table${table ? '' : ' (skipped: shared data absent)'}`, () => {
    expect(brokenLines(rubygems, readFileSync(table ?? '', 'utf8'))).toEqual([])
  })
})
