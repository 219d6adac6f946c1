import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { extractorContract, fileOf, near } from '../../../../test/contracts/extractor.ts'
import { npm } from './index.ts'
import { installed } from './installed.ts'
import { packageLock } from './package-lock.ts'

const fixture = (name: string) => readFileSync(join(import.meta.dirname, 'fixtures', name), 'utf8')
const lock = (content: unknown, path = 'package-lock.json', files: Record<string, string> = {}) =>
  packageLock.read(fileOf(path, typeof content === 'string' ? content : JSON.stringify(content)), near(files))
/** Name, version and what else is known of each occurrence, in short. */
const short = ({ occurrences }: Awaited<ReturnType<typeof lock>>) =>
  occurrences.map(({ component, scope, direct, dependsOn }) => [
    component.purl,
    scope,
    ...(direct ? ['direct'] : []),
    ...(dependsOn ? [dependsOn.map((purl) => purl.slice('pkg:npm/'.length))] : []),
  ])

extractorContract(packageLock, {
  path: 'package-lock.json',
  content: fixture('lock-v3.json'),
  wants: ['app/package-lock.json', 'app/npm-shrinkwrap.json', 'node_modules/.package-lock.json', 'app/node_modules/.package-lock.json'],
  refuses: [
    'node_modules/x/package-lock.json',
    'node_modules/x/npm-shrinkwrap.json',
    'app/.package-lock.json',
    'my-package-lock.json',
    'node_modules/x/.package-lock.json',
  ],
})
extractorContract(installed, {
  path: 'app/node_modules/@scope/web/package.json',
  content: fixture('installed-package.json'),
  wants: [
    'node_modules/x/package.json',
    'node_modules/@s/x/package.json',
    'node_modules/x/node_modules/@s/y/package.json',
    'node_modules/.pnpm/x@1.0.0/node_modules/x/package.json',
    'usr/lib/node_modules/npm/node_modules/semver/package.json',
    'usr/share/nodejs/express/package.json',
    'usr/share/nodejs/@babel/core/package.json',
    'usr/lib/nodejs/old/package.json',
  ],
  refuses: [
    'package.json',
    'app/package.json',
    'node_modules/package.json',
    'node_modules/@s/package.json',
    'node_modules/x/esm/package.json',
    'node_modules/@s/x/dist/package.json',
    'node_modules/.cache/package.json',
    'not_node_modules/x/package.json',
    'usr/share/nodejs/x/lib/package.json',
  ],
})

describe('package-lock', () => {
  it('reads versions 2 and 3: scopes, aliases, git, bundled, optional and peer packages, who asks for whom', async () => {
    const result = await lock(fixture('lock-v3.json'))
    expect(result.gaps).toEqual([])
    expect(short(result)).toEqual([
      ['pkg:npm/%40scope/web@2.0.1', 'runtime', 'direct', ['%40scope/part@1.0.0+build.1', 'deep@2.5.0', 'peered@4.0.0-rc.1']],
      ['pkg:npm/deep@2.5.0', 'runtime'],
      ['pkg:npm/%40scope/part@1.0.0+build.1', 'runtime', ['deep@1.9.0']],
      ['pkg:npm/deep@1.9.0', 'runtime', 'direct'],
      ['pkg:npm/peered@4.0.0-rc.1', 'peer'],
      ['pkg:npm/real-name@1.2.3', 'runtime', 'direct'],
      ['pkg:npm/from-git@5.0.0', 'runtime', 'direct'],
      ['pkg:npm/tester@3.0.0', 'dev', 'direct', ['shared@1.0.0']],
      ['pkg:npm/within@1.1.1', 'dev'],
      ['pkg:npm/native@1.0.0', 'optional', 'direct', ['both@1.0.0']],
      ['pkg:npm/both@1.0.0', 'optional'],
      ['pkg:npm/shared@1.0.0', 'runtime'],
    ])
    expect(result.occurrences[0]).toEqual({
      component: { purl: 'pkg:npm/%40scope/web@2.0.1', type: 'npm', name: '@scope/web', version: '2.0.1' },
      at: { path: 'package-lock.json' },
      extractor: 'npm/package-lock',
      scope: 'runtime',
      direct: true,
      dependsOn: ['pkg:npm/%40scope/part@1.0.0+build.1', 'pkg:npm/deep@2.5.0', 'pkg:npm/peered@4.0.0-rc.1'],
    })
  })

  const v1 = [
    ['pkg:npm/%40scope/web@2.0.1', 'runtime', ['deep@2.5.0']],
    ['pkg:npm/deep@1.9.0', 'dev', 'direct'],
    ['pkg:npm/%40real/name@1.2.3', 'runtime'],
    ['pkg:npm/from-git@git+https:%2F%2Fexample.org%2Fsomebody%2Ffrom-git.git%230123456789abcdef', 'runtime'],
    ['pkg:npm/from-web@https:%2F%2Fexample.org%2Ffrom-web.tgz', 'runtime'],
    ['pkg:npm/packed@file:packed-1.0.0.tgz', 'runtime'],
    ['pkg:npm/within@1.1.1', 'optional'],
    ['pkg:npm/deep@2.5.0', 'runtime'],
  ]
  it('reads version 1, without the secrets in addresses', async () => {
    const result = await lock(fixture('lock-v1.json'))
    expect([short(result), result.gaps]).toEqual([v1, []])
    expect(JSON.stringify(result)).not.toContain('secret')
  })
  it('learns from the package.json beside a version 1 lock what the project asks for', async () => {
    const result = await lock(fixture('lock-v1.json'), 'app/package-lock.json', {
      'app/package.json': '{"dependencies":{"@scope/web":"^2"},"devDependencies":{"nick":"*"}}',
    })
    expect(result.occurrences.filter(({ direct }) => direct).map(({ component }) => component.name)).toEqual([
      '@scope/web',
      'deep',
      '@real/name',
    ])
    expect(short(await lock(fixture('lock-v1.json'), 'package-lock.json', { 'package.json': 'broken' }))).toEqual(v1)
  })
  it('prefers packages where version 2 holds both', async () => {
    const both = { lockfileVersion: 2, packages: { 'node_modules/a': { version: '1.0.0' } }, dependencies: { b: { version: '1.0.0' } } }
    expect(short(await lock(both))).toEqual([['pkg:npm/a@1.0.0', 'runtime']])
  })
  it('believes a hidden lock file only where no installed package.json can speak', async () => {
    const hidden = { lockfileVersion: 3, packages: { 'node_modules/a': { version: '1.0.0' }, 'node_modules/b': { version: '1.0.0' } } }
    const path = 'app/node_modules/.package-lock.json'
    expect(short(await lock(hidden, path, { 'app/node_modules/b/package.json': '{}' }))).toEqual([])
    expect(short(await lock(hidden, path, { 'node_modules/b/package.json': '{}' }))).toEqual([
      ['pkg:npm/a@1.0.0', 'runtime'],
      ['pkg:npm/b@1.0.0', 'runtime'],
    ])
  })
  it('is empty for a project without dependencies', async () => {
    expect(await lock({ lockfileVersion: 1, requires: true })).toEqual({ occurrences: [], gaps: [] })
    expect(await lock({ lockfileVersion: 3, packages: { '': { name: 'x', version: '1.0.0' } } })).toEqual({ occurrences: [], gaps: [] })
  })
  it('takes a byte order mark', async () => {
    expect(short(await lock(`\ufeff${JSON.stringify({ packages: { 'node_modules/a': { version: '1' } } })}`))).toEqual([
      ['pkg:npm/a@1', 'runtime'],
    ])
  })

  const good = { 'node_modules/good': { version: '1.0.0' } }
  it.each([
    [
      'an entry of another type',
      { lockfileVersion: 3, packages: { ...good, 'node_modules/bad': [] } },
      'packages["node_modules/bad"]: expected an object',
    ],
    [
      'a version of another type',
      { lockfileVersion: 3, packages: { ...good, 'node_modules/bad': { version: 1 } } },
      'packages["node_modules/bad"]: expected text in name and version',
    ],
    [
      'a name that is none',
      { lockfileVersion: 3, packages: { ...good, 'node_modules/bad': { name: '../x', version: '1' } } },
      '"node_modules/bad": expected the name and the version of an npm package',
    ],
    [
      'a version with a blank',
      { lockfileVersion: 3, packages: { ...good, 'node_modules/bad': { version: '1 0' } } },
      '"node_modules/bad": expected the name and the version of an npm package',
    ],
    ['a version of the format nobody knows', { lockfileVersion: 9, packages: good }, 'expected lockfileVersion 1, 2 or 3, got 9'],
    ['a dependency of another type', { dependencies: { good: { version: '1.0.0' }, bad: 'x' } }, '"node_modules/bad": expected an object'],
    [
      'a dependency with a version of another type',
      { dependencies: { good: { version: '1.0.0' }, bad: { version: {} } } },
      '"node_modules/bad": expected text in version',
    ],
  ])('keeps the good entries beside %s', async (_title, content, reason) => {
    const result = await lock(content)
    expect(result.occurrences.map(({ component }) => component.name)).toEqual(['good'])
    expect(result.gaps).toEqual([{ path: 'package-lock.json', extractor: 'npm/package-lock', reason }])
  })
  it.each([
    ['text', '"x"', 'expected a JSON object'],
    ['packages of another type', '{"lockfileVersion":3,"packages":[]}', 'expected an object in packages'],
    ['dependencies of another type', '{"dependencies":"x"}', 'expected an object in dependencies'],
    ['no packages', '{"lockfileVersion":3}', 'expected packages, as lockfileVersion 2 and 3 have it'],
  ])('is a gap for %s', async (_title, content, reason) => {
    expect(await lock(content)).toEqual({ occurrences: [], gaps: [{ path: 'package-lock.json', extractor: 'npm/package-lock', reason }] })
  })
  it('throws on what is not JSON, for the runner to make a gap of', async () => {
    await expect(lock('{"packages": {"node_modules/a"')).rejects.toThrow(SyntaxError)
  })
  it('takes names such as __proto__ and constructor for names', async () => {
    const content =
      '{"lockfileVersion":3,"packages":{"":{"dependencies":{"constructor":"*"}},"node_modules/__proto__":{"version":"1.0.0"},"node_modules/constructor":{"version":"1.0.0","dependencies":{"__proto__":"*","toString":"*"}}}}'
    expect(short(await lock(content))).toEqual([
      ['pkg:npm/__proto__@1.0.0', 'runtime'],
      ['pkg:npm/constructor@1.0.0', 'runtime', 'direct', ['__proto__@1.0.0']],
    ])
  })
  it('neither falls nor hangs on nesting', async () => {
    const deep = `{"dependencies":${'{"a":{"version":"1.0.0","dependencies":'.repeat(5_000)}{}${'}}'.repeat(5_000)}}`
    const result = await lock(deep)
    expect(result.occurrences.map(({ component }) => component.purl)).toEqual(['pkg:npm/a@1.0.0'])
    expect(result.gaps.map(({ reason }) => reason.slice(-50))).toEqual([': dependencies nested deeper than 256 are not read'])
    await lock(`{"packages":${'['.repeat(1_000_000)}${']'.repeat(1_000_000)}}`).catch((thrown: unknown) =>
      expect(thrown).toBeInstanceOf(Error),
    )
  })
})

describe('package-lock made to keep us busy', () => {
  it('looks for a package once for each folder that holds some, not for each folder there is', async () => {
    const needs = Object.fromEntries(Array.from({ length: 20_000 }, (_, i) => [`n${i}`, '1']))
    const packages = { ['a/'.repeat(2_000)]: { dependencies: { ...needs, x: '1' } }, 'node_modules/x': { version: '1.0.0' } }
    expect(short(await lock({ lockfileVersion: 3, packages }))).toEqual([['pkg:npm/x@1.0.0', 'runtime', 'direct']])
  })
  it('reads no path that nobody could open', async () => {
    const path = `${'a/'.repeat(50_000)}node_modules/x`
    const result = await lock({ lockfileVersion: 3, packages: { [path]: { version: '1.0.0', dependencies: { y: '1' } } } })
    expect(result.occurrences).toEqual([])
    expect(result.gaps.map(({ reason }) => reason.slice(-37))).toEqual([': a path of more than 4096 characters'])
  })
  it('spells out no more paths of nested dependencies than it can hold', async () => {
    const leaves = Array.from({ length: 30_000 }, (_, i) => `"${i}":{}`).join()
    const nested = `${`{"${'n'.repeat(800)}":{"dependencies":`.repeat(4)}{${leaves}}${'}}'.repeat(4)}`
    const result = await lock(`{"lockfileVersion":1,"dependencies":${nested}}`)
    expect(result.gaps.map(({ reason }) => reason)).toEqual([
      'dependencies whose paths have more than 67108864 characters together: not read further',
    ])
  })
})

describe('installed', () => {
  const read = (content: string, path = 'node_modules/x/package.json') => installed.read(fileOf(path, content))
  it('takes the name within, not the folder', async () => {
    expect(await read('{"name":"real-name","version":" v1.2.3 "}', 'node_modules/nick/package.json')).toEqual({
      occurrences: [
        {
          component: { purl: 'pkg:npm/real-name@v1.2.3', type: 'npm', name: 'real-name', version: 'v1.2.3' },
          at: { path: 'node_modules/nick/package.json' },
          extractor: 'npm/installed',
        },
      ],
      gaps: [],
    })
  })
  it.each(['{}', '{"type":"module"}', '{"name":"x"}', '{"version":"1.0.0"}'])('finds no package in %s', async (content) => {
    expect(await read(content)).toEqual({ occurrences: [], gaps: [] })
  })
  it.each([
    ['[]', 'expected a JSON object'],
    ['null', 'expected a JSON object'],
    ['{"name":1,"version":"1.0.0"}', 'expected text in name and version'],
    ['{"name":"x","version":[]}', 'expected text in name and version'],
    ['{"name":"a/b","version":"1.0.0"}', 'expected the name and the version of an npm package'],
    ['{"name":"x","version":""}', 'expected the name and the version of an npm package'],
    [`{"name":"${'x'.repeat(10_000)}","version":"1"}`, 'expected the name and the version of an npm package'],
  ])('is a gap for %.40s', async (content, reason) => {
    expect(await read(content)).toEqual({
      occurrences: [],
      gaps: [{ path: 'node_modules/x/package.json', extractor: 'npm/installed', reason }],
    })
  })
  it('throws on what is not JSON, for the runner to make a gap of', async () => await expect(read('{"name":')).rejects.toThrow(SyntaxError))
})

describe('npm advisory key', () => {
  it('is the full name', () => {
    expect(npm.advisoryKey({ purl: 'pkg:npm/%40scope/web@2.0.1', type: 'npm', name: '@scope/web', version: '2.0.1' })).toEqual({
      ecosystem: 'npm',
      name: '@scope/web',
      version: '2.0.1',
    })
  })
})
