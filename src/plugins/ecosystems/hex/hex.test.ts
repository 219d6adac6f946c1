import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { extractorContract, fileOf } from '../../../../test/contracts/extractor.ts'
import { application, metadata } from './installed.ts'
import { mixLock } from './mix-lock.ts'
import { rebarLock } from './rebar-lock.ts'
import { readTerms } from './terms.ts'

const fixture = (name: string) => readFileSync(join(import.meta.dirname, 'fixtures', name), 'utf8')
const [a, b] = ['a1'.repeat(32), 'b2'.repeat(32)]

extractorContract(mixLock, {
  path: 'app/mix.lock',
  content: fixture('mix.lock'),
  wants: ['mix.lock'],
  refuses: ['mix.exs', 'deps/x/mix.lock', 'app/deps/x/mix.lock', 'xmix.lock'],
})
extractorContract(rebarLock, {
  path: 'app/rebar.lock',
  content: fixture('rebar.lock'),
  wants: ['rebar.lock'],
  refuses: ['rebar.config', '_build/default/lib/x/rebar.lock'],
})
extractorContract(application, {
  path: 'app/_build/prod/lib/jason/ebin/jason.app',
  content: fixture('jason.app'),
  wants: ['srv/release/lib/jason-1.4.1/ebin/jason.app', 'lib/jason/ebin/jason.app'],
  refuses: ['lib/jason/ebin/other.app', 'usr/lib/erlang/lib/stdlib-4.2/ebin/stdlib.app', 'lib/logger/ebin/logger.app', 'ebin/jason.app'],
})
extractorContract(metadata, {
  path: 'deps/jason/hex_metadata.config',
  content: fixture('hex_metadata.config'),
  wants: ['_build/default/lib/jason/hex_metadata.config'],
  refuses: ['metadata.config'],
})

describe('mix.lock', () => {
  const read = (text: string) => mixLock.read(fileOf('mix.lock', text))
  it('reads packages of Hex, of an organization and of git, what they need, and digests', async () => {
    const { occurrences, gaps } = await read(fixture('mix.lock'))
    expect(gaps).toEqual([])
    expect(occurrences.map(({ component, dependsOn, hashes }) => [component.purl, component.name, dependsOn, hashes])).toEqual([
      ['pkg:hex/cowlib@2.12.1', 'cowlib', undefined, [`sha256:${b}`]],
      ['pkg:hex/cowboy@2.10.0', 'cowboy', ['pkg:hex/cowlib@2.12.1'], [`sha256:${a}`]],
      ['pkg:hex/forked@0123456789abcdef0123456789abcdef01234567', 'forked', undefined, undefined],
      ['pkg:hex/acme/real_name@1.0.0-rc.1', 'acme/real_name', ['pkg:hex/forked@0123456789abcdef0123456789abcdef01234567'], [`sha256:${b}`]],
      ['pkg:hex/old@0.1.0', 'old', undefined, undefined],
    ])
    expect(occurrences[4]).toEqual({
      component: { purl: 'pkg:hex/old@0.1.0', type: 'hex', name: 'old', version: '0.1.0' },
      ...{ at: { path: 'mix.lock' }, extractor: 'hex/mix-lock' },
    })
  })
  it('is empty for a project without packages', async () => expect(await read('%{\n}\n')).toEqual({ occurrences: [], gaps: [] }))
  it.each([
    ['', 'expected a map of packages'],
    ['%{"a": {:svn, "x", "y"}}', 'expected a package of Hex or of git, got "[\\"a\\",[\\"svn\\",\\"x\\",\\"y\\"]]"'],
    ['%{"a": {:hex, :"../a", "1.0.0"}}', 'expected a package of Hex or of git, got "[\\"a\\",[\\"hex\\",\\"../a\\",\\"1.0.0\\"]]"'],
    ['%{"a" => {:hex, :a}}', 'expected a package of Hex or of git, got "[\\"a\\",[\\"hex\\",\\"a\\"]]"'],
  ])('tells what is wrong with %j', async (text, reason) => expect((await read(text)).gaps.map((gap) => gap.reason)).toEqual([reason]))
})

describe('rebar.lock', () => {
  const read = (text: string) => rebarLock.read(fileOf('rebar.lock', text))
  it('reads packages and repositories, who asked for them, and digests', async () => {
    const { occurrences, gaps } = await read(fixture('rebar.lock'))
    expect(gaps).toEqual([])
    expect(occurrences.map(({ component, direct, hashes }) => [component.purl, direct, hashes])).toEqual([
      ['pkg:hex/cowboy@2.10.0', true, [`sha256:${b}`]],
      ['pkg:hex/cowlib@2.12.1', undefined, undefined],
      ['pkg:hex/forked@0123456789abcdef0123456789abcdef01234567', true, undefined],
    ])
  })
  it('reads the list of older ones', async () => {
    const { occurrences } = await read('[{<<"a">>,{pkg,<<"b">>,<<"1.0.0">>},0}].\n')
    expect(occurrences.map(({ component }) => component.purl)).toEqual(['pkg:hex/b@1.0.0'])
    expect(await read('[].\n')).toEqual({ occurrences: [], gaps: [] })
  })
  it.each([
    ['', 'expected a list of packages'],
    ['[{<<"a">>,{raw,x},0}].', 'expected a package of Hex or of a repository, got "[\\"a\\",[\\"raw\\",\\"x\\"],\\"0\\"]"'],
  ])('tells what is wrong with %j', async (text, reason) => expect((await read(text)).gaps.map((gap) => gap.reason)).toEqual([reason]))
})

describe('what is installed', () => {
  it('is told by an application', async () => {
    const path = '_build/prod/lib/jason/ebin/jason.app'
    expect(await application.read(fileOf(path, fixture('jason.app')))).toEqual({
      occurrences: [
        {
          component: { purl: 'pkg:hex/jason@1.4.1', type: 'hex', name: 'jason', version: '1.4.1' },
          at: { path },
          extractor: 'hex/application',
        },
      ],
      gaps: [],
    })
  })
  it('is told by the note of Hex, with licences', async () => {
    const { occurrences, gaps } = await metadata.read(fileOf('deps/jason/hex_metadata.config', fixture('hex_metadata.config')))
    expect([occurrences.map(({ component, licences }) => [component.purl, licences]), gaps]).toEqual([
      [['pkg:hex/jason@1.4.1', ['Apache-2.0']]],
      [],
    ])
  })
  it.each(['{application,x,[]}.', '{other,x,[{vsn,"1"}]}.', '[].', ''])('is a gap for %j', async (text) => {
    const { gaps } = await application.read(fileOf('lib/x/ebin/x.app', text))
    expect(gaps.map(({ reason }) => reason)).toEqual(['expected the name and the version of a package'])
  })
})

describe('terms', () => {
  it('takes text of every kind for text', () => {
    expect(readTerms(`{a, 'B c', "d\\"e", <<"f">>, <<"g"/utf8>>, <<>>, -1, 2.50, [], {}}. % h\nx.`, 'erlang')).toEqual([
      ['a', 'B c', 'd"e', 'f', 'g', '', '-1', '2.50', [], []],
      'x',
    ])
    expect(readTerms('%{"a": {:b, :"c-d", true}, "e" => [f: 1, g?: "h"]} # i', 'elixir')).toEqual([
      [
        ['a', ['b', 'c-d', 'true']],
        [
          'e',
          [
            ['f', '1'],
            ['g?', 'h'],
          ],
        ],
      ],
    ])
  })
  it.each([
    ['{a', 'line 1: expected "}", got the end of the file'],
    ['\n{a]', 'line 2: expected "}", got "]"'],
    ['}', 'line 1: expected "", got "}"'],
    ['"a', 'line 1: expected a value, got "\\"a"'],
    ['a + b', 'line 1: expected a value, got "+ b"'],
    ['['.repeat(100_000), 'line 1: values nested deeper than 64 are not read'],
  ])('throws on %.20j', (text, message) => expect(() => readTerms(text, 'erlang')).toThrow(message))
})
