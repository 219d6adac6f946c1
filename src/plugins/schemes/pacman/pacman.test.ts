import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { versionSchemeContract } from '../../../../test/contracts/version-scheme.ts'
import { pacman } from './index.ts'

versionSchemeContract(pacman, readFileSync(join(import.meta.dirname, 'fixtures/versions.txt'), 'utf8'))

describe('pacman: what has no order', () => {
  // With these pacman's own answers contradict each other.
  it.each(['1', '1.0', '.a-1', '1.-1', '1..2-1', '-1', '', '1 0-1', '1:-1', 'a:1-1', '1-', '1-1-1', '1\u00e9-1'])('%j', (version) => {
    expect([pacman.compare(version, '1-1'), pacman.compare('1-1', version), pacman.compare(version, version)]).toEqual([
      undefined,
      undefined,
      undefined,
    ])
  })
})
