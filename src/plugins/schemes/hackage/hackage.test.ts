import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { brokenLines, versionSchemeContract } from '../../../../test/contracts/version-scheme.ts'
import { sharedPath } from '../../../../test/shared.ts'
import { hackage } from './index.ts'

versionSchemeContract(hackage, readFileSync(join(import.meta.dirname, 'fixtures/versions.txt'), 'utf8'))

describe('Haskell package versions', () => {
  it.each(['', '1.', '.1', '1..2', '1.-2', '1a', '1.0-1', 'v1', '-1', '1.0+1', '-a'])('has no order for %j', (version) => {
    expect([hackage.compare(version, '1.0'), hackage.compare('1.0', version)]).toEqual([undefined, undefined])
  })
  const table = sharedPath('conformance/versions/hackage-versions.txt')
  it.skipIf(table === undefined)(`orders the hand-picked table${table ? '' : ' (skipped: shared data absent)'}`, () => {
    expect(brokenLines(hackage, readFileSync(table ?? '', 'utf8'))).toEqual([])
  })
})
