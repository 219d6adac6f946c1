import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { extractorContract, fileOf } from '../../../../test/contracts/extractor.ts'
import { luarocksLock } from './luarocks-lock.ts'
import { rockspec } from './rockspec.ts'

const fixture = (name: string) => readFileSync(join(import.meta.dirname, 'fixtures', name), 'utf8')
const path = 'usr/local/lib/luarocks/rocks-5.4/lpeg/1.0.2-1/lpeg-1.0.2-1.rockspec'

extractorContract(rockspec, {
  path,
  content: fixture('lpeg.rockspec'),
  wants: ['lua_modules/lib/luarocks/rocks/a/1.0-1/a-1.0-1.rockspec'],
  refuses: ['a-1.0-1.rockspec', 'rocks-5.4/a/1.0-1/b-1.0-1.rockspec', 'rocks-5.4/a/1.0-1/rock_manifest'],
})
extractorContract(luarocksLock, {
  path: 'app/luarocks.lock',
  content: fixture('luarocks.lock'),
  wants: ['luarocks.lock'],
  refuses: ['x.lock'],
})

describe('installed rocks', () => {
  it('are told by their specification', async () => {
    expect(await rockspec.read(fileOf(path, fixture('lpeg.rockspec')))).toEqual({
      occurrences: [
        {
          component: { purl: 'pkg:luarocks/lpeg@1.0.2-1', type: 'luarocks', name: 'lpeg', version: '1.0.2-1' },
          ...{ at: { path }, extractor: 'lua/rockspec', licences: ['MIT/X11'] },
        },
      ],
      gaps: [],
    })
  })
  it.each(['', 'package = "a"\nversion = v .. "-1"\n', 'package = "a"\nversion = "1.0"\n'])('are not guessed from %j', async (text) => {
    const { gaps } = await rockspec.read(fileOf(path, text))
    expect(gaps.map(({ reason }) => reason)).toEqual(['expected a specification with the package and the version of a rock written out'])
  })
})

describe('luarocks.lock', () => {
  const read = (text: string) => luarocksLock.read(fileOf('luarocks.lock', text))
  it('pins rocks, without the language itself', async () => {
    const { occurrences, gaps } = await read(fixture('luarocks.lock'))
    expect([occurrences.map(({ component, scope }) => [component.purl, scope]), gaps]).toEqual([
      [
        ['pkg:luarocks/luarocks-build-x@0.1.0-1', 'dev'],
        ['pkg:luarocks/lpeg@1.0.2-1', 'runtime'],
        ['pkg:luarocks/lua-cjson@2.1.0.10-1', 'runtime'],
        ['pkg:luarocks/busted@2.1.2-3', 'dev'],
      ],
      [],
    ])
  })
  it.each([
    ['x', 'line 1: expected the name and the version of a rock, got "x"'],
    ['return {\n a = "1.0-1"\n}', 'line 2: expected the name and the version of a rock, got "a = \\"1.0-1\\""'],
    ['return {', 'expected the end of the table, got the end of the file'],
  ])('tells what is wrong with %j', async (text, reason) => expect((await read(text)).gaps.map((gap) => gap.reason)).toEqual([reason]))
})
