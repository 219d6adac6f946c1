import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { extractorContract, fileOf, near } from '../../../../test/contracts/extractor.ts'
import { composerJson } from './composer-json.ts'
import { composerLock } from './composer-lock.ts'
import { php } from './index.ts'
import { installed } from './installed.ts'

const fixture = (name: string) => readFileSync(join(import.meta.dirname, 'fixtures', name), 'utf8')
const manifest = JSON.stringify({
  require: { php: '>=8.1', 'monolog/monolog': '^2.0', 'ext-json': '*' },
  'require-dev': { 'phpunit/phpunit': '^9' },
})

extractorContract(composerLock, {
  path: 'app/composer.lock',
  content: fixture('composer.lock'),
  wants: ['composer.lock'],
  refuses: ['app/vendor/acme/tip/composer.lock', 'composer.lock.bak', 'mycomposer.lock'],
})
extractorContract(installed, {
  path: 'app/vendor/composer/installed.json',
  content: fixture('installed-v2.json'),
  wants: ['composer/installed.json', 'lib/composer/installed.json'],
  refuses: ['installed.json', 'vendor/composer/installed.php'],
})
extractorContract(composerJson, {
  path: 'composer.json',
  content: manifest,
  wants: ['app/composer.json'],
  refuses: ['vendor/acme/tip/composer.json', 'xcomposer.json'],
})

const at = { path: 'composer.lock' }
const composer = (name: string, version: string) => ({
  purl: `pkg:composer/${name}${version === '' ? '' : `@${version}`}`,
  type: 'composer',
  name,
  version,
})

const packageNamed = (name: string) => JSON.stringify({ packages: [{ name, version: '1' }] })

describe('composer.lock', () => {
  it('reads packages with scope, what they need, licences and digests, and who asked for them', async () => {
    const { occurrences, gaps } = await composerLock.read(
      fileOf('composer.lock', fixture('composer.lock')),
      near({ 'composer.json': manifest }),
    )
    const seen = { at, extractor: 'php/composer-lock' }
    expect(gaps).toEqual([])
    expect(occurrences).toEqual([
      {
        component: composer('monolog/monolog', '2.9.1'),
        ...seen,
        scope: 'runtime',
        direct: true,
        dependsOn: ['pkg:composer/psr/log@3.0.0'],
        licences: ['MIT'],
      },
      {
        component: composer('psr/log', '3.0.0'),
        ...seen,
        scope: 'runtime',
        licences: ['MIT'],
        hashes: ['sha1:fe5ea303b0887d5caefd3d431c3e61ad47037001'],
      },
      { component: composer('smarty/smarty', 'v3.1.39'), ...seen, scope: 'runtime', licences: ['LGPL-3.0-only', 'proprietary'] },
      { component: composer('acme/tip', 'dev-main'), ...seen, scope: 'runtime' },
      { component: composer('phpunit/phpunit', '9.6.3'), ...seen, scope: 'dev', direct: true, licences: ['BSD-3-Clause'] },
    ])
  })

  it.each([
    ['[]', 'expected a JSON object'],
    ['{}', 'expected a list of packages'],
    ['{"packages":{}}', 'expected a list of packages'],
    ['{"packages":[7]}', 'package 1: expected an object'],
    ['{"packages":[{"name":"a/b"}]}', 'package 1 ("a/b"): expected the name and the version of a package'],
    ['{"packages":[{"name":"../b","version":"1"}]}', 'package 1 ("../b"): expected the name and the version of a package'],
    ['{"packages":[{"name":"a/b","version":"1 2"}]}', 'package 1 ("a/b"): expected the name and the version of a package'],
  ])('tells what is wrong with %s', async (text, reason) => {
    expect(await composerLock.read(fileOf('composer.lock', text), near())).toEqual({
      occurrences: [],
      gaps: [{ path: 'composer.lock', extractor: 'php/composer-lock', reason }],
    })
  })

  it('takes a name as long as it is, whatever is in it', async () => {
    for (const piece of ['a', 'a-', '_'])
      expect((await composerLock.read(fileOf('composer.lock', packageNamed(`${piece.repeat(400)}!`)), near())).gaps).toHaveLength(1)
  })

  it('counts what is broken past the first hundred', async () => {
    const text = JSON.stringify({ packages: Array.from({ length: 250 }, () => 1) })
    const { gaps } = await composerLock.read(fileOf('composer.lock', text), near())
    expect([gaps.length, gaps.at(-1)?.reason]).toEqual([101, '150 more problems'])
  })
})

describe('installed.json', () => {
  it('reads the object of Composer 2, with what was installed for development', async () => {
    const { occurrences } = await installed.read(fileOf('vendor/composer/installed.json', fixture('installed-v2.json')))
    expect(occurrences.map(({ component, scope, dependsOn }) => [component.purl, scope, dependsOn])).toEqual([
      ['pkg:composer/guzzlehttp/psr7@2.4.4', 'runtime', ['pkg:composer/psr/http-message@1.0.1']],
      ['pkg:composer/psr/http-message@1.0.1', 'runtime', undefined],
      ['pkg:composer/mockery/mockery@1.5.1', 'dev', undefined],
    ])
  })
  it('reads the list of Composer 1', async () => {
    const { occurrences } = await installed.read(fileOf('vendor/composer/installed.json', '[{"name":"twig/twig","version":"v1.44.6"}]'))
    expect(occurrences.map(({ component }) => component.purl)).toEqual(['pkg:composer/twig/twig@v1.44.6'])
  })
})

describe('composer.json', () => {
  it('declares what is asked for', async () => {
    const { occurrences } = await composerJson.read(fileOf('composer.json', manifest))
    const seen = { at: { path: 'composer.json' }, extractor: 'php/composer-json', scope: 'declared', direct: true }
    expect(occurrences).toEqual([
      { component: composer('monolog/monolog', ''), ...seen, requirement: '^2.0' },
      { component: composer('phpunit/phpunit', ''), ...seen, requirement: '^9' },
    ])
  })
})

it.each([
  ['Acme/Tip', 'v1.0.0', { ecosystem: 'Packagist', name: 'acme/tip', version: 'v1.0.0' }],
  ['acme/tip', 'dev-main', undefined],
  ['acme/tip', '1.x-dev', undefined],
])('judges %s %s by %j', (name, version, key) => {
  expect(php.advisoryKey({ purl: '', type: 'composer', name, version })).toEqual(key)
})
