import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { brokenLines, versionSchemeContract } from '../../../../test/contracts/version-scheme.ts'
import { sharedPath } from '../../../../test/shared.ts'
import { composer } from './index.ts'

versionSchemeContract(composer, readFileSync(join(import.meta.dirname, 'fixtures/versions.txt'), 'utf8'))

it.each(['', ' ', '1.0 beta'])('composer: %j has no order', (version) => {
  expect([composer.compare(version, '1.0'), composer.compare('1.0', version), composer.compare(version, version)]).toEqual([
    undefined,
    undefined,
    undefined,
  ])
})

describe('composer against a table from outside', () => {
  const table = sharedPath('conformance/versions/packagist-versions.txt')
  it.skipIf(table === undefined)(`orders the hand-picked table${table ? '' : ' (skipped: shared data absent)'}`, () => {
    expect(brokenLines(composer, readFileSync(table ?? '', 'utf8'))).toEqual([])
  })
})
