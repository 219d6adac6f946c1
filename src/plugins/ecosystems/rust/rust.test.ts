import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { deflateSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { extractorContract, fileOf, near } from '../../../../test/contracts/extractor.ts'
import { elfOf, machOOf, peOf } from '../../../../test/programs.ts'
import type { Extractor } from '../../../model/seams.ts'
import { cargoLock } from './cargo-lock.ts'
import { cargoToml } from './cargo-toml.ts'
import { rust } from './index.ts'
import { program } from './program.ts'

const lock = readFileSync(join(import.meta.dirname, 'fixtures/Cargo.lock.txt'), 'utf8')
const list = {
  packages: [
    { name: 'app', version: '1.2.3', source: 'local', root: true, dependencies: [1, 2, 3] },
    { name: 'cc', version: '1.0.83', source: 'crates.io', kind: 'build' },
    { name: 'member', version: '0.1.0', source: 'local', dependencies: [4] },
    { name: 'serde', version: '1.0.188', source: 'crates.io', dependencies: [5] },
    { name: 'time', version: '0.1.43', source: 'crates.io' },
    { name: 'serde_core', version: '1.0.0', source: 'git' },
  ],
}
const packed = (value: unknown): Buffer => deflateSync(JSON.stringify(value))

extractorContract(cargoLock, {
  path: 'app/Cargo.lock',
  content: lock,
  wants: ['Cargo.lock'],
  refuses: ['Cargo.lock.orig', 'vendor/x/Cargo.lock', 'root/.cargo/registry/src/x/Cargo.lock'],
})
extractorContract(cargoToml, {
  path: 'app/Cargo.toml',
  content: '[package]\nname = "app"\n\n[dependencies]\nserde = "1"\n',
  wants: ['Cargo.toml'],
  refuses: ['Cargo.toml.orig', 'target/package/app-1.0.0/Cargo.toml'],
})
extractorContract(program, {
  path: 'bin/app',
  content: elfOf({ sections: { '.dep-v0': packed(list) } }),
  mode: 0o755,
  wants: ['usr/bin/rg', 'lib/libx.so'],
  refuses: ['x.py'],
})

const read = async (extractor: Extractor, path: string, content: string | Uint8Array, beside = {}) => {
  const { occurrences, gaps } = await extractor.read(fileOf(path, content), near(beside))
  return {
    found: occurrences.map(({ component: c, requirement, direct, scope, dependsOn = [] }) =>
      [c.purl, requirement && `(${requirement})`, scope, direct ? 'direct' : '', dependsOn.length > 0 && `needs ${dependsOn.join(' ')}`]
        .filter(Boolean)
        .join(' '),
    ),
    gaps: gaps.map(({ reason }) => reason),
  }
}

describe('Cargo.lock', () => {
  const url = 'git%2Bhttps%3A%2F%2Fgithub.com%2Fexample%2Fforked%400123456789abcdef0123456789abcdef01234567'
  it('lists all crates but the project itself', async () => {
    expect(await read(cargoLock, 'Cargo.lock', lock)).toEqual({
      found: [
        `pkg:cargo/forked@1.0.0-alpha.1?vcs_url=${url} direct`,
        'pkg:cargo/private@2.0.0?repository_url=https%3A%2F%2Fcrates.example.com%2Findex direct',
        'pkg:cargo/rand@0.7.3',
        'pkg:cargo/rand@0.8.5 direct needs pkg:cargo/rand@0.7.3',
        'pkg:cargo/serde@1.0.188 direct',
      ],
      gaps: [],
    })
  })
  it('gives the checksum of the archive', async () => {
    const { occurrences } = await cargoLock.read(fileOf('Cargo.lock', lock))
    expect(occurrences.map(({ hashes }) => hashes)).toEqual([
      undefined,
      undefined,
      ['sha256:6a6b1679d49b24bbfe0c803429aa1874472f50d9b363131f0e89fc356b544d03'],
      ['sha256:34af8d1a0e25924bc5b7c43c079c942339d8f0a8b57c39049bef581b46327404'],
      ['sha256:cf9e0fcba69a370eed61bcf2b728575f726b50b55cba78064753d708ddc7549e'],
    ])
  })
  it('reads version 1, with its root and its checksums at the end', async () => {
    const index = '(registry+https://github.com/rust-lang/crates.io-index)'
    const first = [
      `[root]\nname = "app"\nversion = "0.1.0"\ndependencies = ["time 0.1.43 ${index}"]\n`,
      `[[package]]\nname = "time"\nversion = "0.1.43"\nsource = "${index.slice(1, -1)}"\n`,
      `[metadata]\n"checksum time 0.1.43 ${index}" = "${'ab'.repeat(32)}"\n`,
    ].join('\n')
    expect(await read(cargoLock, 'Cargo.lock', first)).toEqual({ found: ['pkg:cargo/time@0.1.43 direct'], gaps: [] })
    expect((await cargoLock.read(fileOf('Cargo.lock', first))).occurrences[0]?.hashes).toEqual([`sha256:${'ab'.repeat(32)}`])
  })
  it.each([
    ['version = 9\n', 'a lock of version 9; those up to 4 are known'],
    ['[[version]]\n', 'a lock of version a list; those up to 4 are known'],
    ['[[package]]\nname = "a"\nversion = ""\nsource = "x"\n', 'expected a name and a version of each crate'],
    ['[[package]]\nname = "a"\n', 'expected a name and a version of each crate'],
    ['[[package]]\nname = "a b"\nversion = "1.0.0"\n', 'expected the name of a crate and a version, got "a b 1.0.0"'],
    ['package = 3\n', 'expected a name and a version of each crate'],
  ])('says what is wrong in %j', async (text, gap) => {
    expect(await read(cargoLock, 'Cargo.lock', text)).toEqual({ found: [], gaps: [gap] })
  })
})

describe('crates that need endlessly many', () => {
  const gap = '250000 dependencies between crates, at most 200000 are told: none is'
  it('are listed without', async () => {
    const needs = Array.from({ length: 50_000 }, () => '"b"').join(',')
    const crate = (name: string) => `[[package]]\nname = "${name}"\nversion = "1.0.0"\nsource = "sparse+https://index.crates.io/"\n`
    const endless = Array.from({ length: 5 }, (_, at) => `${crate(`a${at}`)}dependencies = [${needs}]\n`).join('')
    const told = await read(cargoLock, 'Cargo.lock', `${endless}${crate('b')}`)
    expect([told.found.length, told.found[0], told.gaps]).toEqual([6, 'pkg:cargo/a0@1.0.0', [gap]])
    const packages = Array.from({ length: 5 }, (_, at) => ({ name: `a${at}`, version: '1.0.0', dependencies: Array(50_000).fill(0) }))
    const listed = await read(program, 'bin/x', elfOf({ sections: { '.dep-v0': packed({ packages }) } }))
    expect([listed.found.length, listed.found[0], listed.gaps]).toEqual([5, 'pkg:cargo/a0@1.0.0', [gap]])
  })
})

describe('Cargo.toml', () => {
  const manifest = `
[package]
name = "app"

[dependencies]
serde = { version = "1.0", features = ["derive"] }
renamed = { package = "real", version = "^2" }
local = { path = "../local" }
shared.workspace = true
forked = { git = "https://example.com/forked" }

[dev-dependencies]
tempfile = "3"

[target.'cfg(unix)'.dependencies]
nix = "0.27"

[workspace.dependencies]
shared = "0.4"
`
  const found = ['serde (1.0)', 'real (^2)', 'forked (*)', 'tempfile (3)', 'shared (0.4)', 'nix (0.27)'].map(
    (one) => `pkg:cargo/${one} declared direct`,
  )
  it('declares what it asks for, where nothing is locked', async () => {
    expect(await read(cargoToml, 'a/Cargo.toml', manifest)).toEqual({ found, gaps: [] })
  })
  it.each([
    ['beside it', { 'a/b/Cargo.lock': '' }, 0],
    ['at the root of its workspace', { 'a/Cargo.lock': '', 'a/Cargo.toml': '[workspace]\n' }, 0],
    ['of a project around it that is none', { 'a/Cargo.lock': '', 'a/Cargo.toml': '[package]\n' }, 6],
  ])('leaves it to a lock %s', async (_, beside, count) => {
    expect((await read(cargoToml, 'a/b/Cargo.toml', manifest, beside)).found.length).toBe(count)
  })
})

describe('Rust programs', () => {
  const found = [
    'pkg:cargo/app@1.2.3 needs pkg:cargo/cc@1.0.83 pkg:cargo/member@0.1.0 pkg:cargo/serde@1.0.188',
    'pkg:cargo/cc@1.0.83 dev direct',
    'pkg:cargo/serde@1.0.188 direct needs pkg:cargo/serde_core@1.0.0',
    'pkg:cargo/time@0.1.43 direct',
    'pkg:cargo/serde_core@1.0.0',
  ]
  const sections = { '.dep-v0': packed(list) }
  it.each([
    ['ELF', elfOf({ sections })],
    ['ELF of 32 bits, big-endian', elfOf({ sections, bits: 32, little: false })],
    ['PE', peOf({ sections })],
    ['Mach-O', machOOf({ sections })],
  ])('%s lists its crates', async (_, bytes) => expect(await read(program, 'bin/app', bytes)).toEqual({ found, gaps: [] }))
  const of = (bytes: Uint8Array, name = '.dep-v0') => elfOf({ sections: { [name]: bytes } })
  it.each<[string, Uint8Array, RegExp | undefined]>([
    ['what is not packed', of(Buffer.from('{}')), /^its list of crates cannot be read: incorrect header check$/],
    ['a list that is cut', of(packed(list).subarray(0, 60)), /^its list of crates cannot be read: unexpected end of file$/],
    ['another form', of(packed([])), /^its list of crates cannot be read: expected a list "packages"$/],
    ['entries of another form', of(packed({ packages: [1] })), /^its list of crates has an entry without name or version$/],
    [
      'a bomb',
      of(deflateSync(Buffer.alloc((16 << 20) + 1))),
      /^its list of crates cannot be read: it unpacks to more than 16777216 bytes$/,
    ],
    [
      'no list',
      of(Buffer.from('GCC: 12\0rustc version 1.70.0 (90c541806 2023-05-31)\0'), '.comment'),
      /^built by rustc 1.70.0, without a list/,
    ],
    ['a program of another language', of(Buffer.from('GCC: 12\0'), '.comment'), undefined],
  ])('says so of %s', async (_, bytes, gap) => {
    const told = await read(program, 'bin/app', bytes)
    expect([told.found, told.gaps]).toEqual([[], gap === undefined ? [] : [expect.stringMatching(gap)]])
  })
})

describe('crates', () => {
  it('are looked up under their name', () => {
    expect(rust.advisoryKey({ purl: '', type: 'cargo', name: 'time', version: '0.1.43' })).toEqual({
      ecosystem: 'crates.io',
      name: 'time',
      version: '0.1.43',
    })
  })
})
