import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { extractorContract, fileOf } from '../../../../test/contracts/extractor.ts'
import { listed } from '../../../../test/listed.ts'
import { cabalFreeze } from './cabal-freeze.ts'
import { haskell } from './index.ts'
import { packageConf } from './package-conf.ts'
import { planJson } from './plan-json.ts'
import { stackLock } from './stack-lock.ts'

const fixture = (name: string): string => readFileSync(join(import.meta.dirname, 'fixtures', name), 'utf8')
const withoutSnapshots = (text: string) => text.slice(0, text.indexOf('snapshots:'))

extractorContract(stackLock, {
  path: 'srv/stack.yaml.lock',
  content: withoutSnapshots(fixture('stack.yaml.lock')),
  wants: ['stack.yaml.lock', 'stack-9.6.yaml.lock'],
  refuses: ['stack.yaml', 'mystack.yaml.lock', 'stack.yaml.lock.bak'],
})
extractorContract(cabalFreeze, {
  path: 'srv/cabal.project.freeze',
  content: fixture('cabal.project.freeze'),
  wants: ['cabal.config', 'cabal.ghc96.project.freeze'],
  refuses: ['cabal.project', 'x.cabal.project.freeze', 'cabal.project.local'],
})
extractorContract(planJson, {
  path: 'srv/dist-newstyle/cache/plan.json',
  content: fixture('plan.json'),
  wants: ['dist-newstyle/cache/plan.json'],
  refuses: ['plan.json', 'cache/plan.json', 'dist-newstyle/cache/plan.json.bak'],
})
extractorContract(packageConf, {
  path: 'usr/lib/ghc/package.conf.d/text-2.0.2.conf',
  content: fixture('text-2.0.2.conf'),
  wants: ['var/lib/ghc/package.conf.d/x-1.conf', 'root/.local/state/cabal/store/ghc-9.6.3/package.db/x-1-abc.conf'],
  refuses: ['etc/text-2.0.2.conf', 'package.conf.d/package.cache', 'package.conf.d/a/x.conf'],
})

describe('stack.yaml.lock', () => {
  it('names what is taken beside the snapshot, and says that the snapshot is not read', async () => {
    expect(await listed(stackLock, 'stack.yaml.lock', fixture('stack.yaml.lock'))).toEqual({
      list: [
        ['pkg:hackage/fuzzyset@0.2.4', undefined, 'direct'],
        ['pkg:hackage/hasql-pool@1.1', undefined, 'direct'],
      ],
      gaps: ['the packages taken from the snapshot "20/26.yaml" are not named here: they are unknown'],
    })
  })
  it.each([
    ['a: 1', ['expected a list of packages']],
    [
      'packages: [a, {completed: {hackage: "x"}}]',
      ['"" "": expected the name and the version of a Haskell package', '"x" "": expected the name and the version of a Haskell package'],
    ],
    ['packages: []\nsnapshots: [1]', ['the packages taken from the snapshot "without a name" are not named here: they are unknown']],
  ])('reads %j', async (content, gaps) => expect(await listed(stackLock, 'stack.yaml.lock', content)).toEqual({ list: [], gaps }))
})

describe('cabal', () => {
  it('freezes versions among its constraints', async () => {
    expect(await listed(cabalFreeze, 'cabal.project.freeze', fixture('cabal.project.freeze'))).toEqual({
      list: [
        ['pkg:hackage/aeson@2.1.2.1', undefined],
        ['pkg:hackage/base@4.18.1.0', undefined],
        ['pkg:hackage/text-short@0.1.5', undefined],
      ],
      gaps: [],
    })
    expect(await listed(cabalFreeze, 'cabal.project.freeze', 'with-compiler: ghc\nx\n')).toEqual({
      list: [],
      gaps: ['expected constraints'],
    })
  })
  it('plans units, and what they need', async () => {
    expect(await listed(planJson, 'dist-newstyle/cache/plan.json', fixture('plan.json'))).toEqual({
      list: [
        ['pkg:hackage/base@4.18.1.0', undefined],
        ['pkg:hackage/aeson@2.1.2.1', undefined, 'direct', 'pkg:hackage/base@4.18.1.0'],
      ],
      gaps: [],
    })
  })
  it.each([
    ['{}', ['expected a list install-plan']],
    [
      '{"install-plan":[1,{"id":"a","components":[{"depends":[1]}]}]}',
      ['"": expected the name and the version of a Haskell package', '"a": expected the name and the version of a Haskell package'],
    ],
  ])('plan %s is a gap', async (content, gaps) => expect(await listed(planJson, 'plan.json', content)).toEqual({ list: [], gaps }))
})

describe('libraries of GHC', () => {
  it('are described each in a file', async () => {
    const path = 'usr/lib/ghc/package.conf.d/text-2.0.2.conf'
    expect((await packageConf.read(fileOf(path, fixture('text-2.0.2.conf')))).occurrences).toEqual([
      {
        component: { purl: 'pkg:hackage/text@2.0.2', type: 'hackage', name: 'text', version: '2.0.2' },
        at: { path },
        extractor: 'haskell/package-conf',
        licences: ['BSD-2-Clause'],
      },
    ])
  })
  it('of several in one package go by the package', async () => {
    const content = 'name: z-attoparsec-z-internal\npackage-name: attoparsec\nlib-name: internal\nversion: 0.14.4\n'
    expect((await listed(packageConf, 'package.db/x.conf', content)).list).toEqual([['pkg:hackage/attoparsec@0.14.4', undefined]])
  })
})

describe('Haskell advisory key', () => {
  it('is the name', () => {
    expect(haskell.advisoryKey({ purl: '', type: 'hackage', name: 'aeson', version: '1.0' })).toEqual({
      ecosystem: 'Hackage',
      name: 'aeson',
      version: '1.0',
    })
  })
})
