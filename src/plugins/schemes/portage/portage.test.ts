import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { versionSchemeContract } from '../../../../test/contracts/version-scheme.ts'
import { portage } from './index.ts'

versionSchemeContract(portage, readFileSync(join(import.meta.dirname, 'fixtures/versions.txt'), 'utf8'))

describe('portage: what the specification does not allow has no order', () => {
  it.each(['', 'a', '.1', '1.', '1..2', '1A', '1ab', '1_foo', '1_p1a', '1-r', '1-1', '1-r1-r2', ' 1', '1~rc', '1:2'])('%j', (version) => {
    expect([portage.compare(version, '1'), portage.compare('1', version), portage.compare(version, version)]).toEqual([
      undefined,
      undefined,
      undefined,
    ])
  })
})
