import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { extractorContract, fileOf, near } from '../../../../test/contracts/extractor.ts'
import { listed } from '../../../../test/listed.ts'
import { description } from './description.ts'
import { r } from './index.ts'
import { packratLock } from './packrat-lock.ts'
import { renvLock } from './renv-lock.ts'

const fixture = (name: string): string => readFileSync(join(import.meta.dirname, 'fixtures', name), 'utf8')
const installed = fixture('DESCRIPTION')
const project = installed.replace(/^Built:.*\n/m, '')

extractorContract(renvLock, {
  path: 'srv/renv.lock',
  content: fixture('renv.lock'),
  wants: ['renv.lock'],
  refuses: ['renv.lock.bak', 'xrenv.lock', 'renv'],
})
extractorContract(packratLock, {
  path: 'srv/packrat/packrat.lock',
  content: fixture('packrat.lock'),
  wants: ['packrat.lock'],
  refuses: ['packrat.lock.bak', 'packrat/packrat.opts'],
})
extractorContract(description, {
  path: 'usr/local/lib/R/site-library/commonmark/DESCRIPTION',
  content: installed,
  wants: ['DESCRIPTION'],
  refuses: ['description', 'DESCRIPTION.in', 'a/.git/description'],
})

describe('renv.lock', () => {
  it('names packages of CRAN and Bioconductor, what they need, and what the project asks for', async () => {
    expect(
      await listed(renvLock, 'a/renv.lock', fixture('renv.lock'), { 'a/DESCRIPTION': 'Package: x\nImports: readxl, Biobase\n' }),
    ).toEqual({
      list: [
        ['pkg:bioconductor/Biobase@2.58.0', undefined, 'direct'],
        ['pkg:cran/MASS@7.3-58.1', undefined],
        ['pkg:cran/readxl@1.4.1', undefined, 'direct', 'pkg:cran/tibble@3.1.8'],
        ['pkg:cran/tibble@3.1.8', undefined, 'pkg:cran/MASS@7.3-58.1'],
      ],
      gaps: [],
    })
  })
  it.each([
    ['[]', ['expected an object with Packages']],
    ['{"Packages":[]}', ['expected an object with Packages']],
    ['{"Packages":{"a":1}}', ['"a": expected the name and the version of an R package']],
    ['{"Packages":{"__proto__":{"Version":"1.0"}}}', ['"__proto__": expected the name and the version of an R package']],
    ['{"Packages":{"a":{"Version":"1.0-x"}}}', ['"a": expected the name and the version of an R package']],
  ])('is a gap for %s', async (content, gaps) => expect(await listed(renvLock, 'renv.lock', content)).toEqual({ list: [], gaps }))
})

describe('packrat.lock', () => {
  it('names packages and what they need', async () => {
    expect(await listed(packratLock, 'packrat.lock', fixture('packrat.lock'))).toEqual({
      list: [
        ['pkg:cran/digest@0.6.31', undefined],
        ['pkg:cran/testthat@3.1.6', undefined, 'pkg:cran/digest@0.6.31'],
      ],
      gaps: [],
    })
  })
  it.each([
    ['', ['expected a header with PackratFormat']],
    ['PackratFormat: 1.4\n\nPackage: a\n', ['"a": expected the name and the version of an R package']],
  ])('is a gap for %j', async (content, gaps) => expect(await listed(packratLock, 'packrat.lock', content)).toEqual({ list: [], gaps }))
})

describe('DESCRIPTION', () => {
  const path = 'usr/lib/R/library/commonmark/DESCRIPTION'
  it('of an installed package tells its version and licence', async () => {
    expect(await description.read(fileOf(path, installed), near())).toEqual({
      occurrences: [
        {
          component: { purl: 'pkg:cran/commonmark@1.8.1', type: 'cran', name: 'commonmark', version: '1.8.1' },
          at: { path },
          extractor: 'r/description',
          licences: ['BSD_2_clause + file LICENSE'],
        },
      ],
      gaps: [],
    })
  })
  it('of a package of Bioconductor is known by its views', async () => {
    const views = (more: string) =>
      listed(description, path, `biocViews: Infrastructure\n${more}${installed.replace('Repository: CRAN\n', '')}`)
    expect((await views('')).list).toEqual([['pkg:bioconductor/commonmark@1.8.1', undefined]])
    expect((await views('Repository: CRAN\n')).list).toEqual([['pkg:cran/commonmark@1.8.1', undefined]])
  })
  it('of a project declares what it asks for, where nothing locks it', async () => {
    expect((await listed(description, 'a/DESCRIPTION', project)).list).toEqual([
      ['pkg:cran/rlang', 'declared', 'direct', '>=1.0.0'],
      ['pkg:cran/methods', 'declared', 'direct'],
      ['pkg:cran/curl', 'declared', 'direct'],
      ['pkg:cran/testthat', 'declared', 'direct'],
    ])
    expect((await listed(description, 'a/DESCRIPTION', project, { 'a/renv.lock': '' })).list).toEqual([])
  })
  it('of something else is none of R', async () => {
    expect(await listed(description, 'DESCRIPTION', 'This is a program.\nIt does: things\n')).toEqual({ list: [], gaps: [] })
  })
  it('is a gap where name or version cannot be those of a package', async () => {
    expect((await listed(description, path, 'Package: a b\nVersion: 1\nBuilt: R\n')).gaps).toEqual([
      'expected the name and the version of an R package',
    ])
  })
  it('of millions of lines is read in time', async () => {
    for (const line of [' x\n', ':\n', 'a:\n', '\n', 'Imports: a (((\n'])
      expect((await listed(description, path, line.repeat(500_000))).list).toEqual([])
  })
})

describe('R advisory key', () => {
  it('tells the publishers apart', () => {
    const key = (type: string) => r.advisoryKey({ purl: '', type, name: 'MASS', version: '7.3-58.1' })
    expect([key('cran'), key('bioconductor')]).toEqual([
      { ecosystem: 'CRAN', name: 'MASS', version: '7.3-58.1' },
      { ecosystem: 'Bioconductor', name: 'MASS', version: '7.3-58.1' },
    ])
  })
})
