import { describe, expect, it } from 'vitest'
import { fileOf } from '../../../../test/contracts/extractor.ts'
import { manifests } from './manifests.ts'

const wants = (path: string): boolean => manifests.wants({ path, size: 1, mode: 0o644 })

describe('manifests nobody reads yet', () => {
  it.each(['conan.lock', 'a/b/conan.lock'])('sees %s', (path) => {
    expect(wants(path)).toBe(true)
  })
  it.each([
    'package-lock.json',
    'renv.lock.bak',
    'app/node_modules/x/conan.lock',
    'usr/lib/python3/dist-packages/x/conan.lock',
    'app/vendor/github.com/x/y/renv.lock',
  ])('passes over %s', (path) => {
    expect(wants(path)).toBe(false)
  })
  it('says whose packages are unknown, whatever the file holds', async () => {
    expect(await manifests.read(fileOf('app/conan.lock', '\0\0'))).toEqual({
      occurrences: [],
      gaps: [
        { path: 'app/conan.lock', extractor: 'unread/manifests', reason: 'Conan packages are not read yet: those it names are unknown' },
      ],
    })
  })
})
