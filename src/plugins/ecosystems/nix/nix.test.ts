import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { extractorContract, fileOf, near } from '../../../../test/contracts/extractor.ts'
import { storeDatabase } from './store-database.ts'
import { packageOf } from './store-path.ts'

const database = gunzipSync(readFileSync(join(import.meta.dirname, 'fixtures/db.sqlite.gz')))
const PATH = 'nix/var/nix/db/db.sqlite'

extractorContract(storeDatabase, {
  path: PATH,
  content: database,
  wants: [`mnt/${PATH}`],
  refuses: [`${PATH}-wal`, 'db.sqlite', `x${PATH}`],
})

describe('a Nix store', () => {
  it('tells its packages and what they refer to', async () => {
    const { occurrences, gaps, covers } = await storeDatabase.read(fileOf(`mnt/${PATH}`, database), near())
    const place = { at: { path: `mnt/${PATH}` }, extractor: 'nix/store-database' }
    const component = (name: string, version: string) => ({ purl: `pkg:nix/${name}@${version}`, type: 'nix', name, version })
    expect([occurrences, gaps]).toEqual([
      [
        { component: component('openssl', '3.0.12'), ...place },
        { component: component('curl', '8.4.0'), ...place, dependsOn: ['pkg:nix/openssl@3.0.12'] },
        { component: component('python3.11-requests', '2.31.0'), ...place, dependsOn: ['pkg:nix/curl@8.4.0'] },
      ],
      [],
    ])
    expect(covers).toContain('mnt/nix/store/jdargv0s2965izzx1x8j93zqv8sbhi2g-curl-8.4.0')
  })
  it('tells what is no path of a store, and keeps the others', async () => {
    const damaged = Buffer.from(
      database.toString('latin1').replace('jdargv0s2965izzx1x8j93zqv8sbhi2g-curl', 'EEargv0s2965izzx1x8j93zqv8sbhi2g-curl'),
      'latin1',
    )
    const { occurrences, gaps } = await storeDatabase.read(fileOf(PATH, damaged), near())
    expect([occurrences.length, gaps.map(({ reason }) => reason)]).toEqual([
      2,
      ['expected the path of a store, got "/nix/store/EEargv0s2965izzx1x8j93zqv8sbhi2g-curl-8.4.0"'],
    ])
  })
  it.each([
    [Buffer.alloc(0), 'expected an SQLite 3 database, got 0 bytes that begin otherwise'],
    [
      Buffer.from(database.toString('latin1').replaceAll('Refs', 'Rofs'), 'latin1'),
      'expected a table Refs in the SQLite database, found none',
    ],
  ])('says what it is not', async (bytes, reason) => {
    await expect(storeDatabase.read(fileOf(PATH, bytes), near())).rejects.toThrow(reason)
  })
})

describe('a store path', () => {
  const hash = '3g5mlkkh5fwc0m72pn4k44889ck24a5c'
  it.each([
    ['openssl-3.0.12', undefined, 'pkg:nix/openssl@3.0.12'],
    ['openssl-3.0.12-bin', undefined, 'pkg:nix/openssl@3.0.12'],
    ['openssl-3.0.12-bin', 'openssl-3.0.12.drv', 'pkg:nix/openssl@3.0.12'],
    ['linux-6.1.60-modules', 'linux-6.1.60.drv', 'pkg:nix/linux@6.1.60'],
    ['linux-6.1.60-modules', 'other-1.drv', 'pkg:nix/linux@6.1.60-modules'],
    ['perl5.38.0-HTTP-Date-6.06', undefined, 'pkg:nix/perl5.38.0-HTTP-Date@6.06'],
    ['glibc-2.38-27', 'glibc-2.38-27.drv', 'pkg:nix/glibc@2.38-27'],
    ['source', undefined, undefined],
    ['user-environment', undefined, undefined],
    ['curl-8.4.0.tar.xz', undefined, undefined],
    ['curl-8.4.0.drv', undefined, undefined],
    ['CVE-2023-1.patch', undefined, undefined],
  ])('%s of %s', (name, recipe, purl) =>
    expect(packageOf(`/nix/store/${hash}-${name}`, recipe && `/nix/store/${hash}-${recipe}`)?.purl).toBe(purl),
  )
  it.each([
    '',
    '/nix/store',
    `/nix/store/${hash}`,
    `${hash}-a-1`,
    `/nix/store/${hash}-a-1/bin`,
    `/nix/store/${hash.replace('3', 'e')}-a-1`,
  ])('%j is none', (path) => expect(packageOf(path, undefined)).toBe(undefined))
})
