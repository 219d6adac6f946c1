import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { extractorContract, fileOf, near } from '../../../../test/contracts/extractor.ts'
import { flakeLock } from './flake-lock.ts'
import { storeDatabase } from './store-database.ts'
import { storeFile } from './store-file.ts'
import { packageOf } from './store-path.ts'

const database = gunzipSync(readFileSync(join(import.meta.dirname, 'fixtures/db.sqlite.gz')))
const lock = readFileSync(join(import.meta.dirname, 'fixtures/flake.lock'), 'utf8')
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

extractorContract(flakeLock, { path: 'app/flake.lock', content: lock, wants: ['flake.lock'], refuses: ['flake.nix', 'xflake.lock'] })

describe('flake.lock', () => {
  const read = async (text: string) => await flakeLock.read(fileOf('flake.lock', text))
  it('tells the inputs by their commit', async () => {
    const place = { at: { path: 'flake.lock' }, extractor: 'nix/flake-lock' }
    const component = (name: string, version: string) => ({
      purl: `pkg:nix/${name}@${encodeURIComponent(version)}`,
      type: 'nix',
      name,
      version,
    })
    const utils = component('github.com/numtide/flake-utils', 'b1d9ab70662946ef0850d488da1c9019f3a9752a')
    const systems = component('example.org/systems.tar.gz', 'sha256-Vy1rq5AaRuLzOxct8nz4T6wlgyUR7zLU309k9mBC768=')
    expect(await read(lock)).toEqual({
      occurrences: [
        { component: utils, ...place, direct: true, dependsOn: [systems.purl] },
        { component: component('github.com/NixOS/nixpkgs', 'e9be42459999a253a9f92559b1f5b72e1b44c13d'), ...place, direct: true },
        { component: systems, ...place },
        {
          component: component('git.example.org/team/tools', '0123456789abcdef0123456789abcdef01234567'),
          ...{ ...place, direct: true, dependsOn: [utils.purl] },
        },
      ],
      gaps: [],
    })
  })
  it.each([
    ['[]', ['expected a JSON object with nodes']],
    ['{"nodes":{"a":{}}}', ['"a": expected an input with its place and its commit, got undefined']],
    [
      '{"nodes":{"a":{"locked":{"type":"github","owner":"x","rev":"1"}}}}',
      ['"a": expected an input with its place and its commit, got "github"'],
    ],
    [
      '{"nodes":{"a":{"locked":{"type":"git","url":"https://h/../..","rev":"1"}}}}',
      ['"a": expected an input with its place and its commit, got "git"'],
    ],
    ['{"nodes":{"a":{"locked":{"type":"git","url":"file:///srv/x","rev":"1"}}}}', []],
    [
      '{"nodes":{"a":{"locked":{"type":"github","owner":"..","repo":"x","rev":"1"}}}}',
      ['"a": expected an input with its place and its commit, got "github"'],
    ],
    ['{"root":"a","nodes":{"a":{"inputs":{"b":"__proto__"}}}}', []],
  ])('tells what is wrong with %s', async (text, reasons) => {
    const { occurrences, gaps } = await read(text)
    expect([occurrences, gaps.map(({ reason }) => reason)]).toEqual([[], reasons])
  })
})

const HASH = '3g5mlkkh5fwc0m72pn4k44889ck24a5c'
const FILE = `nix/store/${HASH}-openssl-3.0.12-bin/bin/openssl`
extractorContract(storeFile, {
  path: FILE,
  content: 'x',
  wants: [`nix/store/${HASH}-glibc-2.38/lib/libc.so.6`, `mnt/nix/store/${HASH}-a-1/libexec/x`],
  refuses: [`nix/store/${HASH}-a-1/share/doc/x`, `nix/store/${HASH}-a-1/lib/python3/x`, 'usr/nix/bin/x', `nix/store/${HASH}-a-1`],
})

describe('a store without a database', () => {
  it('has packages by the paths of their files', async () => {
    const path = `mnt/${FILE}`
    expect(await storeFile.read(fileOf(path, 'x'), near())).toEqual({
      occurrences: [
        {
          component: { purl: 'pkg:nix/openssl@3.0.12', type: 'nix', name: 'openssl', version: '3.0.12' },
          ...{ at: { path }, extractor: 'nix/store-file' },
        },
      ],
      gaps: [],
      covers: [`mnt/nix/store/${HASH}-openssl-3.0.12-bin`],
    })
  })
  it.each([
    [`nix/store/${HASH}-user-environment/bin/x`, []],
    ['nix/store/odd/bin/x', ['expected the path of a store, got "nix/store/odd"']],
  ])('%s is none', async (path, reasons) => {
    const { occurrences, gaps } = await storeFile.read(fileOf(path, 'x'), near())
    expect([occurrences, gaps.map(({ reason }) => reason)]).toEqual([[], reasons])
  })
  it('is left to its database where there is one, and large files to smaller ones', async () => {
    expect(await storeFile.read(fileOf(FILE, 'x'), near({ [PATH]: 'x' }))).toEqual({ occurrences: [], gaps: [] })
    expect([0, 1 << 21, (1 << 21) + 1].map((size) => storeFile.wants({ path: FILE, size, mode: 0o555 }))).toEqual([false, true, false])
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
