import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { brokenLines, versionSchemeContract } from '../../../../test/contracts/version-scheme.ts'
import { sharedPath } from '../../../../test/shared.ts'
import { pub } from './index.ts'

versionSchemeContract(pub, readFileSync(join(import.meta.dirname, 'fixtures/versions.txt'), 'utf8'))

describe('versions of Dart and Julia', () => {
  it.each(['', '1.', '.1', '1..2', '1.2.3.', '1a', '1.0.0-', '1.0.0+', '1.0.0-a..b', 'any', '^1.0.0'])('has no order for %j', (version) => {
    expect([pub.compare(version, '1.0'), pub.compare('1.0', version)]).toEqual([undefined, undefined])
  })
  const table = sharedPath('conformance/versions/pub-versions.txt')
  it.skipIf(table === undefined)(`orders the hand-picked table${table ? '' : ' (skipped: shared data absent)'}`, () => {
    expect(brokenLines(pub, readFileSync(table ?? '', 'utf8'))).toEqual([])
  })
})
