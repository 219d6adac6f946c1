import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { extractorContract, fileOf } from '../../../../test/contracts/extractor.ts'
import type { Extracted } from '../../../model/seams.ts'
import { conanLock } from './conan-lock.ts'
import { conan } from './index.ts'
import { installed } from './installed.ts'

const fixture = (name: string) => readFileSync(join(import.meta.dirname, 'fixtures', name), 'utf8')
const read = (text: string) => conanLock.read(fileOf('conan.lock', text))
const short = ({ occurrences }: Extracted) =>
  occurrences.map(({ component, scope, direct, dependsOn }) => [component.purl, scope, direct, dependsOn])
const place = 'root/.conan/data/poco/1.9.4/_/_/package/0a420ff5c47119e668867cdb51baff0eca1fdb68/conaninfo.txt'

extractorContract(conanLock, {
  path: 'app/conan.lock',
  content: fixture('v2.json'),
  wants: ['conan.lock'],
  refuses: ['conanfile.txt', 'xconan.lock'],
})
extractorContract(installed, {
  path: place,
  content: fixture('conaninfo.txt'),
  wants: ['home/a/.conan/data/zlib/1.2.11/team/stable/package/0a/conaninfo.txt'],
  refuses: ['conaninfo.txt', '.conan/data/zlib/1.2.11/_/_/build/0a/conaninfo.txt', '.conan2/p/zlib1/p/conaninfo.txt'],
})

describe('conan.lock', () => {
  it('reads references of Conan 2', async () => {
    const result = await read(fixture('v2.json'))
    expect(result.gaps).toEqual([])
    expect(short(result)).toEqual([
      ['pkg:conan/zlib@1.2.11', 'runtime', undefined, undefined],
      ['pkg:conan/openssl@1.1.1k', 'runtime', undefined, undefined],
      ['pkg:conan/team/acme@1.0?channel=stable&user=team', 'runtime', undefined, undefined],
      ['pkg:conan/cmake@3.23.5', 'dev', undefined, undefined],
    ])
    expect(result.occurrences[1]).toEqual({
      component: { purl: 'pkg:conan/openssl@1.1.1k', type: 'conan', name: 'openssl', version: '1.1.1k' },
      ...{ at: { path: 'conan.lock' }, extractor: 'conan/conan-lock', scope: 'runtime' },
    })
  })
  it('reads the graph of Conan 1', async () => {
    const result = await read(fixture('v1.json'))
    expect(result.gaps).toEqual([])
    expect(short(result)).toEqual([
      ['pkg:conan/poco@1.9.4', 'runtime', true, ['pkg:conan/openssl@1.1.1k']],
      ['pkg:conan/openssl@1.1.1k', 'runtime', undefined, undefined],
      ['pkg:conan/cmake@3.23.5', 'dev', undefined, undefined],
    ])
  })
  it('reads the graph of older ones', async () => {
    const nodes = {
      0: { pref: null, requires: { 'aa/1.0': '1' } },
      1: { pref: 'aa/1.0#0:9a#0', requires: { 'bb/2.0': '2' } },
      2: { pref: 'bb/2.0:9b' },
    }
    expect(short(await read(JSON.stringify({ version: '0.1', graph_lock: { nodes } })))).toEqual([
      ['pkg:conan/aa@1.0', 'runtime', true, ['pkg:conan/bb@2.0']],
      ['pkg:conan/bb@2.0', 'runtime', undefined, undefined],
    ])
  })
  it.each([
    ['[]', 'expected a JSON object'],
    ['{"version":"0.5"}', 'expected lists of references, or a graph_lock with nodes'],
    ['{"requires":["zlib"]}', 'requires: expected "name/version", got "\\"zlib\\""'],
    ['{"requires":[7]}', 'requires: expected "name/version", got "7"'],
    ['{"graph_lock":{"nodes":{"1":{"ref":"../x"}}}}', 'expected "name/version", got "../x"'],
  ])('tells what is wrong with %s', async (text, reason) => expect((await read(text)).gaps.map((gap) => gap.reason)).toEqual([reason]))
})

describe('the cache of Conan 1', () => {
  it('tells what lies in it by its folders', async () => {
    const result = await installed.read(fileOf(place, fixture('conaninfo.txt')))
    expect([short(result), result.gaps]).toEqual([[['pkg:conan/poco@1.9.4', undefined, undefined, ['pkg:conan/openssl@1.1.1k']]], []])
  })
  it('is still told where the file is broken, with a gap', async () => {
    const { occurrences, gaps } = await installed.read(fileOf(place, '\0'))
    expect([occurrences.length, gaps.map(({ reason }) => reason)]).toEqual([
      1,
      ['expected what a package was built with, as Conan writes it'],
    ])
  })
})

describe('the advisory key of a Conan package', () => {
  it('is its name, but for builds of others', () => {
    const one = { type: 'conan', name: 'zlib', version: '1.2.11' }
    expect(conan.advisoryKey({ ...one, purl: 'pkg:conan/zlib@1.2.11' })).toEqual({
      ecosystem: 'ConanCenter',
      name: 'zlib',
      version: '1.2.11',
    })
    expect(conan.advisoryKey({ ...one, name: 'team/zlib', purl: 'pkg:conan/team/zlib@1.2.11?channel=stable&user=team' })).toBeUndefined()
  })
})
