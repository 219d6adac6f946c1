import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { brokenLines, versionSchemeContract } from '../../../../test/contracts/version-scheme.ts'
import { sharedPath } from '../../../../test/shared.ts'
import { nuget } from './index.ts'

versionSchemeContract(nuget, readFileSync(join(import.meta.dirname, 'fixtures/versions.txt'), 'utf8'))

it.each(['', 'latest', '1.*', '[1.0,2.0)', '1.0.0.0.0', '1.0-', '1.0-a..b', '1..0', '-1.0'])('nuget: %j has no order', (version) => {
  expect([nuget.compare(version, '1.0'), nuget.compare('1.0', version), nuget.compare(version, version)]).toEqual([
    undefined,
    undefined,
    undefined,
  ])
})

describe('nuget against a table from outside', () => {
  const table = sharedPath('conformance/versions/nuget-versions.txt')
  it.skipIf(table === undefined)(`orders the hand-picked table${table ? '' : ' (skipped: shared data absent)'}`, () => {
    expect(brokenLines(nuget, readFileSync(table ?? '', 'utf8'))).toEqual([])
  })
})
