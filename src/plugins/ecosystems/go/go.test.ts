import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { extractorContract, fileOf, near } from '../../../../test/contracts/extractor.ts'
import { BASE, elfOf, fatOf, machOOf, peOf } from '../../../../test/programs.ts'
import type { Extracted, Extractor } from '../../../model/seams.ts'
import { asSemver, releaseOf } from './component.ts'
import { go } from './index.ts'
import { goMod } from './go-mod.ts'
import { goSum } from './go-sum.ts'
import { goWork } from './go-work.ts'
import { isLater } from './later.ts'
import { modulesTxt } from './modules-txt.ts'
import { program } from './program.ts'
import { toolchain } from './toolchain.ts'

const fixture = (name: string): string => readFileSync(join(import.meta.dirname, 'fixtures', name), 'utf8')
const hello = fixture('hello.txt')

/** What the linker writes: the head, and the strings in it or behind pointers. */
const MARK = Buffer.from('3077af0c9274080241e1c107e6d618e6', 'hex')
const framed = (lines: string): Buffer => (lines === '' ? Buffer.alloc(0) : Buffer.concat([MARK, Buffer.from(lines), MARK]))
const head = (width: number, flags: number): Buffer =>
  Buffer.concat([Buffer.from('\xff Go buildinf:', 'latin1'), Buffer.from([width, flags])])
function varint(value: number): Buffer {
  return value < 128 ? Buffer.from([value]) : Buffer.concat([Buffer.from([(value % 128) | 0x80]), varint(Math.floor(value / 128))])
}
const counted = (bytes: Uint8Array): Buffer => Buffer.concat([varint(bytes.length), bytes])
const inline = (version: string, lines: string): Buffer =>
  Buffer.concat([head(8, 2), Buffer.alloc(16), counted(Buffer.from(version)), counted(framed(lines))])

/** As Go wrote it before 1.18: `at` is where the section begins in the file. */
function pointed(version: string, lines: string, { at, bits, little }: { at: number; bits: 32 | 64; little: boolean }): Buffer {
  const width = bits / 8
  const number = (value: number) => {
    const bytes = Buffer.alloc(width)
    if (bits === 64) (little ? bytes.writeBigUInt64LE : bytes.writeBigUInt64BE).call(bytes, BigInt(value))
    else (little ? bytes.writeUInt32LE : bytes.writeUInt32BE).call(bytes, value)
    return bytes
  }
  const [first, second] = [Buffer.from(version), framed(lines)]
  const headers = BASE + at + 32
  const texts = headers + 4 * width
  return Buffer.concat([
    Buffer.concat([head(width, little ? 0 : 1), number(headers), number(headers + 2 * width), Buffer.alloc(16)], 32),
    ...[texts, first.length, texts + first.length, second.length].map(number),
    first,
    second,
  ])
}

const told = ({ occurrences, gaps }: Extracted) => ({
  found: occurrences.map(({ component: c, requirement, direct }) =>
    [`${c.name}@${c.version}`, requirement && `(${requirement})`, direct === undefined ? '' : direct ? 'direct' : 'indirect']
      .filter(Boolean)
      .join(' '),
  ),
  gaps: gaps.map(({ reason }) => reason),
})
const read = async (extractor: Extractor, path: string, content: string | Uint8Array, beside = {}) =>
  told(await extractor.read(fileOf(path, content), near(beside)))
const ofProgram = (content: Uint8Array) => read(program, 'bin/hello', content)

const revision = 'vcs.revision=d6ec21ef5264835e6b43fd17d04691dac254376c vcs.modified=false'
const expected = [
  'stdlib@1.19.8',
  `example.com/hello@ ((devel) -X main.version=1.2.3 ${revision})`,
  'golang.org/x/text@v0.3.7',
  'rsc.io/quote@ (v1.5.2 => ./quote)',
  'github.com/new/fork/v2@v2.0.1-0.20230102030405-abcdef123456',
  'github.com/docker/docker@v20.10.7+incompatible',
]

extractorContract(program, {
  path: 'bin/hello',
  content: elfOf({ sections: { '.go.buildinfo': inline('go1.19.8', hello) } }),
  mode: 0o755,
  wants: ['usr/local/bin/terraform', 'lib/libgo.so', 'app.exe'],
  refuses: ['bin/script.sh', 'doc/index.html'],
})
extractorContract(goMod, {
  path: 'app/go.mod',
  content: fixture('go.mod.txt'),
  wants: ['go.mod'],
  refuses: ['go.modx', 'vendor/x/go.mod', 'root/go/pkg/mod/x@v1/go.mod', 'usr/local/go/src/go.mod'],
})
extractorContract(goSum, { path: 'go.sum', content: 'a.b/c v1.0.0 h1:x=\n', wants: ['x/go.sum'], refuses: ['vendor/x/go.sum'] })
extractorContract(goWork, { path: 'go.work', content: 'go 1.21\n\nuse ./a\n', wants: ['x/go.work'], refuses: ['go.works'] })
extractorContract(modulesTxt, {
  path: 'vendor/modules.txt',
  content: '# golang.org/x/text v0.3.7\n## explicit\ngolang.org/x/text/language\n',
  wants: ['app/vendor/modules.txt'],
  refuses: ['modules.txt', 'usr/local/go/src/vendor/modules.txt'],
})
extractorContract(toolchain, {
  path: 'usr/local/go/VERSION',
  content: 'go1.21.3\ntime 2023-10-09T17:04:35Z\n',
  wants: ['usr/lib/go-1.19/VERSION'],
  refuses: ['VERSION.txt'],
})

describe('go programs', () => {
  const blob = inline('go1.19.8', hello)
  it.each<[string, Uint8Array]>([
    ['ELF', elfOf({ sections: { '.text': Buffer.from('x'), '.go.buildinfo': blob } })],
    ['ELF of 32 bits, big-endian', elfOf({ bits: 32, little: false, sections: { '.go.buildinfo': blob } })],
    ['ELF without a section table', elfOf({ bare: true, sections: { '.text': Buffer.from('x'), '.data': blob } })],
    ['PE', peOf({ sections: { '.data': blob } })],
    ['Mach-O', machOOf({ sections: { __text: Buffer.from('x'), __go_buildinfo: blob } })],
  ])('%s', async (_, bytes) => expect(await ofProgram(bytes)).toEqual({ found: expected, gaps: [] }))

  it.each([
    [64, true],
    [64, false],
    [32, true],
    [32, false],
  ] as const)('as written before Go 1.18: %i bits, little-endian: %s', async (bits, little) => {
    const build = (at: number) => elfOf({ bits, little, sections: { '.go.buildinfo': pointed('go1.17.13', hello, { at, bits, little }) } })
    const at = build(0).indexOf('\xff Go buildinf:', 0, 'latin1')
    expect(await ofProgram(build(at))).toEqual({ found: ['stdlib@1.17.13', ...expected.slice(1)], gaps: [] })
  })
  it('each program of a fat file', async () => {
    const of = (version: string) => machOOf({ sections: { __go_buildinfo: inline(version, 'path\tcommand-line-arguments\n') } })
    expect(await ofProgram(fatOf([of('go1.20'), of('go1.21rc2')]))).toEqual({ found: ['stdlib@1.20', 'stdlib@1.21rc2'], gaps: [] })
  })
  it('a command of Go itself', async () => {
    const bytes = elfOf({ sections: { '.go.buildinfo': inline('go1.19.8', 'path\tcmd/go\nbuild\t-compiler=gc\n') } })
    expect(await ofProgram(bytes)).toEqual({ found: ['stdlib@1.19.8', 'toolchain@1.19.8'], gaps: [] })
  })
  it.each<[string, Uint8Array, readonly string[], readonly string[]]>([
    [
      'no modules',
      elfOf({
        sections: {
          '.go.buildinfo': inline(
            'go1.24.3',
            'path\tgithub.com/docker/cli/cmd/docker\nbuild\t-ldflags=" -X \\"x/version.Version=28.2.2\\""\n',
          ),
        },
      }),
      ['stdlib@1.24.3'],
      ['a Go program that names no modules, those in it are unknown: github.com/docker/cli/cmd/docker -X x/version.Version=28.2.2'],
    ],
    [
      'a development version',
      elfOf({ sections: { '.go.buildinfo': inline('devel go1.23-0a1b2c3 Mon', 'path\tx\nmod\tx.y/z\tv1.0.0\n') } }),
      ['x.y/z@v1.0.0'],
      ['built by "devel go1.23-0a1b2c3 Mon", which is no release of Go: its standard library is unknown'],
    ],
    [
      'no build information',
      elfOf({ sections: { '.gopclntab': Buffer.from('x') } }),
      [],
      ['a Go program without build information: the modules in it are unknown'],
    ],
    [
      'a text longer than the file',
      elfOf({ sections: { '.go.buildinfo': Buffer.concat([head(8, 2), Buffer.alloc(16), varint(1_000)]) } }),
      [],
      ['a Go program whose build information cannot be read: a text of 1000 bytes in its build information, which do not lie in the file'],
    ],
    [
      'an endless text',
      elfOf({ sections: { '.go.buildinfo': Buffer.concat([head(8, 2), Buffer.alloc(16), Buffer.alloc(16, 0xff)]) } }),
      [],
      ['a Go program whose build information cannot be read: expected the length of a text in its build information, got none'],
    ],
    [
      'pointers to nowhere',
      elfOf({ sections: { '.go.buildinfo': Buffer.concat([head(8, 0), Buffer.alloc(16, 0x77)]) } }),
      [],
      ['a Go program whose build information cannot be read: its build information points to what is not in the file'],
    ],
    ['another program', elfOf({ sections: { '.text': Buffer.from('x') } }), [], []],
    ['what is cut', elfOf({ sections: { '.text': Buffer.from('x') } }).subarray(0, 200), [], []],
  ])('says so of %s', async (_, bytes, found, gaps) => expect(await ofProgram(bytes)).toEqual({ found, gaps }))
})

describe('go.mod', () => {
  it('names what is asked for, with replacements', async () => {
    expect(await read(goMod, 'go.mod', fixture('go.mod.txt'))).toEqual({
      found: [
        'github.com/Masterminds/semver/v3@v3.2.1 direct',
        'golang.org/x/net@v0.17.0 indirect',
        'github.com/quoted/module@v1.0.0 direct',
        'github.com/new/fork@v1.2.4 direct',
        'example.com/local@ (v0.0.0-00010101000000-000000000000 => ../local) direct',
        'example.com/bad@ (v1.0.0) direct',
        'github.com/docker/docker@v20.10.7+incompatible direct',
        'stdlib@ (1.21.4)',
      ],
      gaps: [],
    })
  })
  it('finds what replaces a module at once, however often one is replaced', async () => {
    const lines = (word: (at: number) => string) => Array.from({ length: 50_000 }, (_, at) => word(at)).join('\n')
    const text = `${lines((at) => `replace a.b/c v1.0.${at} => a.b/d v1.0.${at}`)}\n${lines((at) => `require a.b/c v1.0.${at}`)}\n`
    const { found, gaps } = await read(goMod, 'go.mod', text)
    expect([found.length, found[49_999], gaps]).toEqual([50_000, 'a.b/d@v1.0.49999 direct', []])
  })
  it('before Go 1.17, also what only go.sum has', async () => {
    const sum = 'a.b/c v1.0.0 h1:x=\na.b/d v1.9.0 h1:x=\na.b/d v1.10.0 h1:x=\na.b/d v1.11.0/go.mod h1:x=\na.b/e v1.0.0/go.mod h1:x=\n'
    const mod = (release: string) => `module x\n\ngo ${release}\n\nrequire a.b/c v1.0.0\n`
    expect((await read(goMod, 'm/go.mod', mod('1.16'), { 'm/go.sum': sum })).found).toEqual([
      'a.b/c@v1.0.0 direct',
      'a.b/d@v1.10.0 indirect',
      'stdlib@ (1.16)',
    ])
    expect((await read(goMod, 'm/go.mod', mod('1.17'), { 'm/go.sum': sum })).found).toEqual(['a.b/c@v1.0.0 direct', 'stdlib@ (1.17)'])
  })
  it.each([
    ['require (\n\ta.b/c v1.0.0\n', ['a.b/c@v1.0.0 direct'], ['the block of require does not end: the file is cut']],
    ['require a.b/c\n', [], ['line 1: expected "require module version"']],
    ['require "a.b/c v1.0.0\n', [], ['line 1: a quoted text that does not end']],
    ['replace a.b/c v1\n', [], ['line 1: expected "replace module => module version" or a folder']],
    ['require <x> v1.0.0\n', [], ['line 1: expected a module and its version, got "<x> v1.0.0"']],
    ['require a.b/c latest\n', ['a.b/c@ (latest) direct'], []],
    [`require ${'a'.repeat(5_000)} v1\n`, [], ['line 1: 5010 characters, at most 4096 are read'.replace('5010', String(5_011))]],
  ])('says what is wrong in %j', async (text, found, gaps) => expect(await read(goMod, 'go.mod', text)).toEqual({ found, gaps }))
})

describe('other files of Go', () => {
  it('go.sum only where no go.mod is beside it', async () => {
    const sum = 'a.b/d v1.9.0 h1:x=\na.b/d v1.10.0 h1:x=\nbroken\n'
    expect(await read(goSum, 'm/go.sum', sum)).toEqual({
      found: ['a.b/d@v1.10.0'],
      gaps: ['line 3: expected "module version h1:sum" of go.sum'],
    })
    expect(await read(goSum, 'm/go.sum', sum, { 'm/go.mod': '' })).toEqual({ found: [], gaps: [] })
  })
  it('vendor/modules.txt with replacements', async () => {
    const text =
      '# a.b/c v1.0.0\n## explicit; go 1.17\na.b/c/x\n# a.b/d v1.0.0 => a.b/fork v1.1.0\n# a.b/e v1.0.0 => ./e\n# a.b/e => ./e\n# <>\n'
    expect(await read(modulesTxt, 'vendor/modules.txt', text)).toEqual({
      found: ['a.b/c@v1.0.0', 'a.b/fork@v1.1.0', 'a.b/e@ (v1.0.0 => ./e)'],
      gaps: ['line 7: expected "# module version"'],
    })
  })
  it('go.work', async () => {
    const text = 'go 1.22\n\nuse (\n\t./a\n\t./b\n)\n\nreplace a.b/c => a.b/fork v1.1.0\n'
    expect(await read(goWork, 'go.work', text)).toEqual({ found: ['a.b/fork@v1.1.0', 'stdlib@ (1.22)'], gaps: [] })
  })
  it('an installed toolchain', async () => {
    expect(await read(toolchain, 'usr/local/go/VERSION', 'go1.21.3\ntime x\n')).toEqual({
      found: ['toolchain@1.21.3', 'stdlib@1.21.3'],
      gaps: [],
    })
  })
})

describe('releases and versions of Go', () => {
  it.each([
    ['go1.21.3', '1.21.3', '1.21.3'],
    ['go1.20', '1.20', '1.20.0'],
    ['go1.22rc1', '1.22rc1', '1.22.0-rc.1'],
    ['go1.18beta2', '1.18beta2', '1.18.0-beta.2'],
    ['go1.20.12 (Red Hat 1.20.12-1.el9)', '1.20.12', '1.20.12'],
    ['go1.21.4 X:boringcrypto', '1.21.4', '1.21.4'],
    ['go1.21.4-custom', '1.21.4', '1.21.4'],
    ['devel go1.23-0a1b2c3', undefined, undefined],
    ['go1', undefined, undefined],
    ['1.21', undefined, undefined],
  ])('%s', (written, release, ordered) => expect([releaseOf(written), release && asSemver(release)]).toEqual([release, ordered]))
  it.each([
    ['v1.10.0', 'v1.9.0'],
    ['v1.0.0', 'v1.0.0-rc.1'],
    ['v1.0.0-rc.10', 'v1.0.0-rc.9'],
    ['v0.0.0-20230102030405-abcdef123456', 'v0.0.0-20220102030405-ffffff123456'],
    ['v2.0.1+incompatible', 'v2.0.0+incompatible'],
  ])('%s is later than %s', (left, right) =>
    expect([isLater(left, right), isLater(right, left), isLater(left, left)]).toEqual([true, false, false]),
  )
  it('is looked up under the path, Go itself in SemVer', () => {
    const key = (name: string, version: string) => go.advisoryKey({ purl: '', type: 'golang', name, version })
    expect(key('github.com/Masterminds/semver', 'v1.2.0')).toEqual({
      ecosystem: 'Go',
      name: 'github.com/Masterminds/semver',
      version: 'v1.2.0',
    })
    expect(key('stdlib', '1.22rc1')).toEqual({ ecosystem: 'Go', name: 'stdlib', version: '1.22.0-rc.1' })
  })
})
