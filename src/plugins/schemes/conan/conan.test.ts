import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { versionSchemeContract } from '../../../../test/contracts/version-scheme.ts'
import { conan } from './index.ts'

versionSchemeContract(conan, readFileSync(join(import.meta.dirname, 'fixtures/versions.txt'), 'utf8'))

describe('conan: what is no version has no order', () => {
  it.each(['', '.1', '-1', '1 0', '[>=1.0]', 'é'])('%j', (version) => expect(conan.compare(version, '1.0')).toBeUndefined())
})
