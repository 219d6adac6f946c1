import { describe, expect, it } from 'vitest'
import { fileOf } from '../../../../test/contracts/extractor.ts'
import { manifests } from './manifests.ts'

const wants = (path: string): boolean => manifests.wants({ path, size: 1, mode: 0o644 })

describe('manifests nobody reads yet', () => {
  it.each(['go.mod', 'srv/app/requirements.txt', 'srv/app/Cargo.lock', 'yarn.lock', 'a/b/pom.xml'])('sees %s', (path) => {
    expect(wants(path)).toBe(true)
  })
  it.each([
    'package-lock.json',
    'requirements.txt.bak',
    'app/node_modules/x/yarn.lock',
    'usr/lib/python3/dist-packages/x/requirements.txt',
    'app/vendor/github.com/x/y/go.mod',
  ])('passes over %s', (path) => {
    expect(wants(path)).toBe(false)
  })
  it('says whose packages are unknown, whatever the file holds', async () => {
    expect(await manifests.read(fileOf('app/go.mod', '\0\0'))).toEqual({
      occurrences: [],
      gaps: [{ path: 'app/go.mod', extractor: 'unread/manifests', reason: 'Go modules are not read yet: those it names are unknown' }],
    })
  })
})
