import { describe, expect, it } from 'vitest'
import { fileOf } from '../../../../test/contracts/extractor.ts'
import { manifests } from './manifests.ts'

const wants = (path: string): boolean => manifests.wants({ path, size: 1, mode: 0o644 })

describe('manifests nobody reads yet', () => {
  it.each(['shard.lock', 'a/b/paket.lock'])('sees %s', (path) => {
    expect(wants(path)).toBe(true)
  })
  it.each([
    'package-lock.json',
    'paket.lock.bak',
    'app/node_modules/x/elm.json',
    'usr/lib/python3/dist-packages/x/vcpkg.json',
    'app/vendor/github.com/x/y/shard.lock',
  ])('passes over %s', (path) => {
    expect(wants(path)).toBe(false)
  })
  it('says whose packages are unknown, whatever the file holds', async () => {
    expect(await manifests.read(fileOf('app/shard.lock', '\0\0'))).toEqual({
      occurrences: [],
      gaps: [
        { path: 'app/shard.lock', extractor: 'unread/manifests', reason: 'Crystal shards are not read yet: those it names are unknown' },
      ],
    })
  })
})
