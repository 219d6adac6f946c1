import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { brokenLines, versionSchemeContract } from '../../../../test/contracts/version-scheme.ts'
import { sharedPath } from '../../../../test/shared.ts'
import { cran } from './index.ts'

versionSchemeContract(cran, readFileSync(join(import.meta.dirname, 'fixtures/versions.txt'), 'utf8'))

describe('R package versions', () => {
  it.each(['', '1.', '.1', '1..2', '1.-2', '1a', '1.0-rc1', 'v1', '-1', '1.0+1'])('has no order for %j', (version) => {
    expect([cran.compare(version, '1.0'), cran.compare('1.0', version)]).toEqual([undefined, undefined])
  })
  const table = sharedPath('conformance/versions/cran-versions.txt')
  it.skipIf(table === undefined)(`orders the hand-picked table${table ? '' : ' (skipped: shared data absent)'}`, () => {
    expect(brokenLines(cran, readFileSync(table ?? '', 'utf8'))).toEqual([])
  })
})
