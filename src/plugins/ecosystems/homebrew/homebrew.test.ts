import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { extractorContract, fileOf, near } from '../../../../test/contracts/extractor.ts'
import type { Extracted } from '../../../model/seams.ts'
import { brewfile, brewfileLock } from './brewfile.ts'
import { cask } from './cask.ts'
import { keg } from './keg.ts'

const fixture = (name: string) => readFileSync(join(import.meta.dirname, 'fixtures', name), 'utf8')
const KEG = 'home/linuxbrew/.linuxbrew/Cellar/wget/1.24.5'
const RECEIPT = `${KEG}/INSTALL_RECEIPT.json`
const CASK = 'opt/homebrew/Caskroom/firefox/.metadata/132.0.2/20241118120000.123/Casks/firefox'
const short = ({ occurrences }: Extracted) => occurrences.map(({ component, scope, direct }) => [component.purl, scope, direct])
const reasons = ({ gaps }: Extracted) => gaps.map(({ reason }) => reason)

extractorContract(keg, {
  path: RECEIPT,
  content: fixture('receipt.json'),
  wants: ['usr/local/Cellar/a@1/2_1/INSTALL_RECEIPT.json'],
  refuses: ['INSTALL_RECEIPT.json', 'Cellar/a/INSTALL_RECEIPT.json', 'Cellar/a/1/share/INSTALL_RECEIPT.json'],
})
extractorContract(cask, {
  path: `${CASK}.json`,
  content: fixture('firefox.json'),
  wants: [`${CASK}.rb`],
  refuses: ['Caskroom/a/1/Casks/a.rb', 'Library/Taps/homebrew/homebrew-cask/Casks/f/firefox.rb'],
})
extractorContract(brewfile, { path: 'app/Brewfile', content: fixture('Brewfile'), wants: ['.Brewfile'], refuses: ['Brewfile.lock.json'] })
extractorContract(brewfileLock, {
  path: 'app/Brewfile.lock.json',
  content: fixture('Brewfile.lock.json'),
  wants: ['.Brewfile.lock.json'],
  refuses: ['Brewfile'],
})

describe('an installed formula', () => {
  it('is told with what it needs, who asked for it, and its licence', async () => {
    expect(await keg.read(fileOf(RECEIPT, fixture('receipt.json')), near({ [`${KEG}/.brew/wget.rb`]: fixture('wget.rb') }))).toEqual({
      occurrences: [
        {
          component: { purl: 'pkg:brew/wget@1.24.5', type: 'brew', name: 'wget', version: '1.24.5' },
          ...{ at: { path: RECEIPT }, extractor: 'homebrew/keg', direct: true },
          dependsOn: ['pkg:brew/acme/tools/idn@2.3.7_1', 'pkg:brew/ca-certificates@2024-09-24', 'pkg:brew/openssl%403@3.4.0'],
          licences: ['GPL-3.0-or-later'],
        },
      ],
      gaps: [],
      covers: true,
    })
  })
  it('of a tap has the tap in its name', async () => {
    const text = '{"source":{"tap":"acme/tools"},"installed_on_request":false,"runtime_dependencies":null}'
    const { occurrences } = await keg.read(fileOf('opt/homebrew/Cellar/idn/HEAD-1a2b3c4/INSTALL_RECEIPT.json', text), near())
    expect(occurrences.map(({ component, direct }) => [component, direct])).toEqual([
      [{ purl: 'pkg:brew/acme/tools/idn@HEAD-1a2b3c4', type: 'brew', name: 'acme/tools/idn', version: 'HEAD-1a2b3c4' }, false],
    ])
  })
  it.each([
    ['[]', RECEIPT, ['expected a JSON object']],
    ['{}', 'Cellar/a b/1/INSTALL_RECEIPT.json', ['expected the name and the version of a formula in the path, got "a b/1"']],
    [
      '{"source":{"tap":"../x"}}',
      'Cellar/a/1/INSTALL_RECEIPT.json',
      ['expected the name and the version of a formula in the path, got "a/1" of the tap "../x"'],
    ],
    [
      '{"runtime_dependencies":[{"full_name":"x"},7]}',
      RECEIPT,
      [
        'expected a formula with its version among what it needs, got "x"',
        'expected a formula with its version among what it needs, got 7',
      ],
    ],
  ])('tells what is wrong with %s at %s', async (text, path, expected) =>
    expect(reasons(await keg.read(fileOf(path, text), near()))).toEqual(expected),
  )
})

describe('an installed cask', () => {
  it.each([
    ['json', fixture('firefox.json'), 'pkg:brew/firefox@132.0.2'],
    ['rb', 'cask "firefox" do\n  version "132.0.2"\nend\n', 'pkg:brew/firefox@132.0.2'],
    ['json', '{"token":"firefox","tap":"acme/casks"}', 'pkg:brew/acme/casks/firefox@132.0.2'],
  ])('is told by its place (%s)', async (kind, text, purl) => {
    const result = await cask.read(fileOf(`${CASK}.${kind}`, text))
    expect([short(result), result.gaps]).toEqual([[[purl, undefined, true]], []])
  })
  it.each([
    [`${CASK}.json`, '[]', 'expected the definition of a cask'],
    [`${CASK}.rb`, 'class X\n', 'expected the definition of a cask'],
    [
      CASK.replace('firefox/', 'fire fox/') + '.json',
      '{}',
      'expected the name and the version of a cask in the path, got "fire fox/132.0.2"',
    ],
  ])('tells what is wrong with %s', async (path, text, reason) => expect(reasons(await cask.read(fileOf(path, text)))).toEqual([reason]))
})

describe('Brewfile', () => {
  it('declares formulae and casks', async () => {
    const result = await brewfile.read(fileOf('Brewfile', fixture('Brewfile')))
    expect([short(result), result.gaps]).toEqual([
      [
        ['pkg:brew/openssl%403', 'declared', true],
        ['pkg:brew/acme/tools/idn', 'declared', true],
        ['pkg:brew/firefox', 'declared', true],
      ],
      [],
    ])
  })
  it('tells lines whose name is computed', async () => {
    expect(reasons(await brewfile.read(fileOf('Brewfile', 'brew name\nbrew "a#{x}"\nbrew_cask "x"\n')))).toEqual([
      'line 1: expected the name of a formula or cask, got "name"',
      'line 2: expected the name of a formula or cask, got "\\"a#{x}\\""',
    ])
  })
})

describe('Brewfile.lock.json', () => {
  it('tells what was installed', async () => {
    const result = await brewfileLock.read(fileOf('Brewfile.lock.json', fixture('Brewfile.lock.json')))
    expect([short(result), result.gaps]).toEqual([
      [
        ['pkg:brew/openssl%403@3.4.0', undefined, true],
        ['pkg:brew/acme/tools/idn@2.3.7_1', undefined, true],
        ['pkg:brew/firefox@132.0.2', undefined, true],
      ],
      [],
    ])
  })
  it.each([
    ['[]', ['expected a JSON object with entries']],
    ['{"entries":{"brew":{"a":{"version":false}},"cask":[1]}}', ['brew "a": expected a name with a version, got false']],
    ['{"entries":{"cask":{"__proto__x y":{"version":"1"}}}}', ['cask "__proto__x y": expected a name with a version, got "1"']],
  ])('tells what is wrong with %s', async (text, expected) =>
    expect(reasons(await brewfileLock.read(fileOf('Brewfile.lock.json', text)))).toEqual(expected),
  )
})
