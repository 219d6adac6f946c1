import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { extractorContract } from '../../../../test/contracts/extractor.ts'
import { listed } from '../../../../test/listed.ts'
import { dart } from './index.ts'
import { pubspec } from './pubspec.ts'
import { pubspecLock } from './pubspec-lock.ts'

const fixture = (name: string): string => readFileSync(join(import.meta.dirname, 'fixtures', name), 'utf8')
const cached = 'root/.pub-cache/hosted/pub.dev/http-1.1.0/pubspec.yaml'

extractorContract(pubspecLock, {
  path: 'srv/pubspec.lock',
  content: fixture('pubspec.lock'),
  wants: ['pubspec.lock'],
  refuses: ['pubspec.yaml', 'pubspec.lock.bak', 'xpubspec.lock', 'root/.pub-cache/hosted/pub.dev/http-1.1.0/pubspec.lock'],
})
extractorContract(pubspec, {
  path: 'srv/pubspec.yaml',
  content: fixture('pubspec.yaml'),
  wants: ['pubspec.yaml', cached, 'flutter/.pub-cache/hosted/pub.dartlang.org/http-1.1.0/pubspec.yaml'],
  refuses: [
    'pubspec.lock',
    'pubspec.yaml.bak',
    'root/.pub-cache/hosted/pub.dev/http-1.1.0/example/pubspec.yaml',
    'ios/.symlinks/plugins/a/pubspec.yaml',
  ],
})

describe('pubspec.lock', () => {
  it('tells what the project asks for, and keeps versions as they are written', async () => {
    expect(await listed(pubspecLock, 'pubspec.lock', fixture('pubspec.lock'))).toEqual({
      list: [
        ['pkg:pub/async@2.11.0', undefined],
        ['pkg:pub/http@1.10', 'runtime', 'direct'],
        ['pkg:pub/lints@2.0.1', 'dev', 'direct'],
        ['pkg:pub/yaml@3.1.2+1', undefined, 'direct'],
      ],
      gaps: [],
    })
  })
  it.each([
    ['a: 1', ['expected a table of packages']],
    ['packages: {}', []],
    ['packages:\n', []],
    ['packages: [a]', ['expected a table of packages']],
    [
      'packages: {a: 1, b-c: {version: "1"}}',
      ['"a": expected the name and the version of a Dart package', '"b-c": expected the name and the version of a Dart package'],
    ],
    ['packages: {__proto__: {source: hosted}}', ['"__proto__": expected the name and the version of a Dart package']],
  ])('reads %j', async (content, gaps) => expect(await listed(pubspecLock, 'pubspec.lock', content)).toEqual({ list: [], gaps }))
  it('that never ends is refused', async () => {
    await expect(listed(pubspecLock, 'pubspec.lock', `packages: ${'{a: '.repeat(10_000)}`)).rejects.toThrow()
  })
})

describe('pubspec.yaml', () => {
  it('in the cache is a package', async () => {
    expect(await listed(pubspec, cached, 'name: http\nversion: 1.1.0\n')).toEqual({ list: [['pkg:pub/http@1.1.0', undefined]], gaps: [] })
    expect(await listed(pubspec, cached, 'name: http\n')).toEqual({
      list: [],
      gaps: ['expected the name and the version of a Dart package'],
    })
  })
  it('of a project declares what it asks for, where nothing locks it', async () => {
    expect(await listed(pubspec, 'a/pubspec.yaml', fixture('pubspec.yaml'))).toEqual({
      list: [
        ['pkg:pub/http', 'declared', 'direct', '^1.1.0'],
        ['pkg:pub/intl', 'declared', 'direct', 'any'],
        ['pkg:pub/meta', 'declared', 'direct'],
        ['pkg:pub/private', 'declared', 'direct', '^2.0.0'],
        ['pkg:pub/tool', 'declared', 'direct', '@ https://example.org/tool.git'],
        ['pkg:pub/lints', 'declared', 'direct', '^2.0.0'],
      ],
      gaps: [],
    })
    for (const lock of ['a/b/pubspec.lock', 'a/pubspec.lock', 'pubspec.lock'])
      expect((await listed(pubspec, 'a/b/pubspec.yaml', fixture('pubspec.yaml'), { [lock]: '' })).list).toEqual([])
  })
  it.each([
    ['- a', ['expected a table']],
    ['dependencies: {a-b: any}', ['"a-b": expected the name of a Dart package']],
  ])('is a gap for %j', async (content, gaps) => expect(await listed(pubspec, 'pubspec.yaml', content)).toEqual({ list: [], gaps }))
})

describe('Dart advisory key', () => {
  it('is the name', () => {
    expect(dart.advisoryKey({ purl: 'pkg:pub/http@1.1.0', type: 'pub', name: 'http', version: '1.1.0' })).toEqual({
      ecosystem: 'Pub',
      name: 'http',
      version: '1.1.0',
    })
  })
})
