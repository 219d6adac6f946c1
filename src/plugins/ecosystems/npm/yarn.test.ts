import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { extractorContract, fileOf, near } from '../../../../test/contracts/extractor.ts'
import { zipOf } from '../../../../test/zip.ts'
import type { Extracted, Extractor } from '../../../model/seams.ts'
import { yarnCache } from './yarn-cache.ts'
import { pnp, yarnState } from './yarn-installed.ts'
import { yarnLock } from './yarn-lock.ts'

const fixture = (name: string) => readFileSync(join(import.meta.dirname, 'fixtures', name), 'utf8')
const lock = (text: string, files: Record<string, string> = {}) => yarnLock.read(fileOf('yarn.lock', text), near(files))
/** Name, version and what else is known of each occurrence, in short. */
const short = ({ occurrences }: Extracted) =>
  occurrences.map(({ component, scope, direct, dependsOn }) => [
    component.purl.slice('pkg:npm/'.length),
    scope,
    ...(direct ? ['direct'] : []),
    ...(dependsOn ? [dependsOn.map((purl) => purl.slice('pkg:npm/'.length))] : []),
  ])
const told = (result: Extracted) => [result.occurrences.map(({ component }) => component.purl), result.gaps.map(({ reason }) => reason)]

/** What the locks of the fixtures belong to: one project, one workspace. */
const project = {
  'package.json': `{ "name": "shop", "workspaces": ["packages/*"],
    "dependencies": { "react-dom": "18.2.0", "ms-old": "npm:ms@2.0.0", "ported": "portal:./tools/ported", "@gar/promisify": "1.1.3" },
    "devDependencies": { "semver": "7.5.0" }, "optionalDependencies": { "file-uri-to-path": "1.0.0" } }`,
  'packages/lib/package.json': `{ "name": "lib", "dependencies": { "minimist": "1.2.5" }, "devDependencies": { "ms": "2.1.2" },
    "peerDependencies": { "react": "^18.2.0" } }`,
}

extractorContract(yarnLock, {
  path: 'app/yarn.lock',
  content: fixture('yarn-1.lock'),
  wants: ['yarn.lock', 'packages/a/yarn.lock'],
  refuses: ['node_modules/x/yarn.lock', 'my-yarn.lock', 'yarn.lock.bak'],
})
extractorContract(yarnState, {
  path: 'app/node_modules/.yarn-state.yml',
  content: '__metadata:\n  version: 1\n\n"ms@npm:2.0.0":\n  locations:\n    - "node_modules/ms"\n',
  wants: ['node_modules/.yarn-state.yml'],
  refuses: ['.yarn-state.yml', 'node_modules/x/.yarn-state.yml'],
})
const registry = (location: string) =>
  JSON.stringify({
    packageRegistryData: [
      [null, [[null, { packageLocation: './', linkType: 'SOFT' }]]],
      ['shop', [['workspace:.', { packageLocation: './' }]]],
      ['ms', [['npm:2.0.0', { packageLocation: `${location}ms.zip/node_modules/ms/` }]]],
      [
        'debug',
        [
          ['npm:4.3.4', { packageLocation: `${location}debug.zip/node_modules/debug/` }],
          ['virtual:6a03#npm:4.3.4', { packageLocation: './.yarn/__virtual__/debug-virtual-7d/0/cache/debug.zip/node_modules/debug/' }],
        ],
      ],
      ['fsevents', [['patch:fsevents@npm%3A2.3.2#optional!builtin<compat/fsevents>::version=2.3.2&hash=df0bf1', {}]]],
    ],
  })
extractorContract(pnp, {
  path: 'app/.pnp.data.json',
  content: registry('./.yarn/cache/'),
  wants: ['.pnp.cjs', '.pnp.js', '.pnp.data.json'],
  refuses: ['.pnp.loader.mjs', 'x.pnp.cjs', 'node_modules/x/.pnp.cjs'],
})
const archive = (manifest: string) => zipOf([{ name: 'node_modules/@gar/promisify/package.json', content: manifest }])
extractorContract(yarnCache, {
  path: '.yarn/cache/@gar-promisify-npm-1.1.3-ac1a325862-4059f790e2.zip',
  content: archive('{"name":"@gar/promisify","version":"1.1.3"}'),
  wants: ['app/.yarn/cache/x.zip'],
  refuses: ['root/.yarn/berry/cache/x.zip', '.yarn/cache/.gitignore', '.yarn/cache/a/b.zip'],
})

describe('yarn.lock of yarn 1', () => {
  it('reads aliases, what needs what, and digests; what workspaces add nobody can see, so only what runs has a scope', async () => {
    const result = await lock(fixture('yarn-1.lock'), project)
    expect(result.gaps).toEqual([])
    expect(short(result)).toEqual([
      ['%40gar/promisify@1.1.3', 'runtime', 'direct'],
      ['file-uri-to-path@1.0.0', undefined, 'direct'],
      ['js-tokens@4.0.0', 'runtime'],
      ['loose-envify@1.4.0', 'runtime', ['js-tokens@4.0.0']],
      ['lru-cache@6.0.0', undefined, ['yallist@4.0.0']],
      ['minimist@1.2.5', undefined],
      ['ms@2.0.0', 'runtime', 'direct'],
      ['ms@2.1.2', undefined],
      ['react-dom@18.2.0', 'runtime', 'direct', ['loose-envify@1.4.0', 'scheduler@0.23.2']],
      ['scheduler@0.23.2', 'runtime', ['loose-envify@1.4.0']],
      ['semver@7.5.0', undefined, 'direct', ['lru-cache@6.0.0']],
      ['yallist@4.0.0', undefined],
    ])
    expect(result.occurrences[6]).toEqual({
      component: { purl: 'pkg:npm/ms@2.0.0', type: 'npm', name: 'ms', version: '2.0.0' },
      at: { path: 'yarn.lock' },
      extractor: 'npm/yarn-lock',
      scope: 'runtime',
      direct: true,
      hashes: [
        'sha512:4e9a7ad0fe885090d3b8eabfe59f1c76c93326e8dfc2a7ce4e4af02308fb211212a679099d3e92c89e0f08f9c63281630bd75d85a979295218b40b7dee2c74e4',
      ],
    })
  })
  it('knows every scope where a project without workspaces lies beside the lock', async () => {
    const alone = { 'package.json': '{"dependencies":{"react-dom":"18.2.0"},"devDependencies":{"semver":"7.5.0"}}' }
    const found = short(await lock(fixture('yarn-1.lock'), alone))
    expect(found.filter(([, scope]) => scope === 'dev').map(([name]) => name)).toEqual(['lru-cache@6.0.0', 'semver@7.5.0', 'yallist@4.0.0'])
  })
  it('reads several ranges, archives, git, older digests, and leaves out folders', async () => {
    const text = `# yarn lockfile v1
"@s/a@^1.0.0", "@s/a@>= 1.0, < 2", "b@git+https://user:secret@example.org/b.git":
  version "1.2.0"
  resolved "https://registry.example.org/@s/a/-/a-1.2.0.tgz#0123456789abcdef0123456789abcdef01234567"

packed@./packed-1.0.0.tgz:
  version "1.0.0"
  resolved "./packed-1.0.0.tgz#0123456789abcdef0123456789abcdef01234567"

"folder@file:../folder":
  version "1.0.0"

"linked@link:../linked":
  version "0.0.0"
  uid ""
`
    const result = await lock(text)
    expect(told(result)).toEqual([['pkg:npm/%40s/a@1.2.0', 'pkg:npm/packed@1.0.0'], []])
    expect(result.occurrences[0]?.hashes).toEqual(['sha1:0123456789abcdef0123456789abcdef01234567'])
  })
  it.each([
    ['a@^1:\n  resolved "x"\n', 'line 1: expected a package with its version, got "a@^1"'],
    ['a@^1:\n  version "1.0.0"\n<<<<<<< HEAD\n', 'line 3: a merge conflict that is not resolved'],
    ['a@^1:\n  version "1.0.0\n', 'line 2: expected a name and a value as yarn writes them, got "version \\"1.0.0"'],
    ['a@^1:\n      version "1.0.0"\n', 'line 2: expected a name and a value as yarn writes them, got "version \\"1.0.0\\""'],
    ['{}', 'line 1: expected a name and a value as yarn writes them, got "{}"'],
    ['', 'expected what yarn locked, got an empty file'],
    ['"../x@1":\n  version "1.0.0"\n', '"../x@1": expected the name and the version of a package'],
  ])('tells what is wrong with %j', async (text, reason) => {
    expect((await lock(text)).gaps.map((gap) => gap.reason)).toContain(reason)
  })
  it('reads lines that end as on Windows', async () => {
    expect(told(await lock('a@^1:\r\n  version "1.0.0"\r\n'))).toEqual([['pkg:npm/a@1.0.0'], []])
  })
})

describe('yarn.lock of yarn 2 and later', () => {
  const all = [
    ['%40gar/promisify@1.1.3', 'runtime', 'direct'],
    ['file-uri-to-path@1.0.0', 'optional', 'direct'],
    ['js-tokens@4.0.0', 'runtime'],
    ['loose-envify@1.4.0', 'runtime', ['js-tokens@4.0.0']],
    ['lru-cache@6.0.0', 'dev', ['yallist@4.0.0']],
    ['minimist@1.2.5', 'runtime', 'direct'],
    ['ms@2.0.0', 'runtime', 'direct'],
    ['ms@2.1.2', 'dev', 'direct'],
    ['react-dom@18.2.0', 'runtime', 'direct', ['loose-envify@1.4.0', 'scheduler@0.23.2']],
    ['scheduler@0.23.2', 'runtime', ['loose-envify@1.4.0']],
    ['semver@7.5.0', 'dev', 'direct', ['lru-cache@6.0.0']],
    ['yallist@4.0.0', 'dev'],
  ]
  it.each(['yarn-berry-4.lock', 'yarn-berry-10.lock'])('reads %s, and scopes from the manifests of workspaces', async (name) => {
    const result = await lock(fixture(name), project)
    expect([short(result), result.gaps]).toEqual([all, []])
  })
  it('has the digest of the archive in the cache', async () => {
    const { occurrences } = await lock(fixture('yarn-berry-10.lock'), project)
    expect(occurrences[6]?.hashes).toEqual([
      'sha512:f8fda810b39fd7255bbdc451c46286e549794fcc700dc9cd1d25658bbc4dc2563a5de6fe7c60f798a16a60c6ceb53f033cb353f493f0cf63e5199b702943159d',
    ])
  })
  it('knows who asks for what without the manifests, and no more', async () => {
    expect(short(await lock(fixture('yarn-berry-10.lock')))).toEqual(all.map(([name, , ...more]) => [name, undefined, ...more]))
  })
  it('reads patched packages, git, long names, answers by resolutions, and leaves out what is the project’s own', async () => {
    const long = Array.from({ length: 100 }, (_, i) => `long@npm:^1.0.${i}`).join(', ')
    const entry = (key: string, resolution: string, more = '') =>
      `${key}:\n  version: 1.0.0\n  resolution: "${resolution}"\n${more}  languageName: node\n  linkType: hard\n\n`
    const text = [
      '__metadata:\n  version: 8\n\n',
      entry(`? "${long}"\n`, 'long@npm:1.0.0', '  dependencies:\n    pinned: "npm:^9.0.0"\n'),
      entry('"pinned@npm:1.0.0"', 'pinned@npm:1.0.0'),
      entry('"p@patch:p@npm%3A1.0.0#~/x.patch"', 'p@patch:p@npm%3A1.0.0#~/x.patch::version=1.0.0&hash=df0bf1&locator=shop%40workspace%3A.'),
      entry('"g@https://github.com/a/g.git"', 'g@https://github.com/a/g.git#commit=0123'),
      entry('"f@file:./f::locator=shop%40workspace%3A."', 'f@file:./f#./f::hash=1&locator=shop%40workspace%3A.'),
      entry('"t@file:./t.tgz::locator=shop%40workspace%3A."', 't@file:./t.tgz#./t.tgz::hash=1&locator=shop%40workspace%3A.'),
      entry('"e@exec:./e.js"', 'e@exec:./e.js#./e.js::hash=1'),
    ].join('')
    const result = await lock(text)
    expect(result.gaps).toEqual([])
    expect(short(result)).toEqual([
      ['long@1.0.0', undefined, ['pinned@1.0.0']],
      ['pinned@1.0.0', undefined],
      ['p@1.0.0', undefined],
      ['g@1.0.0', undefined],
      ['t@1.0.0', undefined],
    ])
  })
  it('opens nothing outside the project', async () => {
    const text =
      '__metadata:\n  version: 8\n\n"x@workspace:../../etc":\n  version: 0\n  resolution: "x@workspace:../../etc"\n  linkType: soft\n'
    const opened: string[] = []
    await yarnLock.read(fileOf('a/yarn.lock', text), { open: async (path) => void opened.push(path) })
    expect(opened).toEqual([])
  })
  it('is a gap for an entry without resolution', async () => {
    expect(told(await lock('__metadata:\n  version: 8\n\n"a@npm:^1":\n  version: 1.0.0\n'))).toEqual([
      [],
      ['line 4: expected a package with its resolution and its version, got "a@npm:^1"'],
    ])
  })
})

describe('what yarn installed', () => {
  const purls = ['pkg:npm/ms@2.0.0', 'pkg:npm/debug@4.3.4', 'pkg:npm/fsevents@2.3.2']
  const program = JSON.stringify(JSON.parse(registry('./.yarn/cache/')), null, 2)
  const asText = program.replaceAll('\\', '\\\\').replaceAll("'", "\\'").replaceAll('\n', '\\\n')
  const read = (extractor: Extractor, path: string, text: string, files: Record<string, string> = {}) =>
    extractor.read(fileOf(path, text), near(files))
  it.each([
    ['yarn 4', `"use strict";\n\nconst RAW_RUNTIME_STATE =\n'${asText}';\n\nfunction $$SETUP_STATE() {}\n`],
    ['yarn 3', `function $$SETUP_STATE(hydrateRuntimeState, basePath) {\n  return hydrateRuntimeState(JSON.parse('${asText}'), {});\n}\n`],
    ['yarn 2', `function $$SETUP_STATE(hydrateRuntimeState, basePath) {\n  return hydrateRuntimeState(${program}, {\n`],
  ])('reads the data in .pnp.cjs of %s', async (_title, text) => {
    expect(told(await read(pnp, '.pnp.cjs', text))).toEqual([purls, []])
  })
  it('lets the archives in the cache speak, where they are', async () => {
    expect(told(await read(pnp, 'a/.pnp.data.json', registry('./.yarn/cache/'), { 'a/.yarn/cache/ms.zip': '' }))).toEqual([[], []])
  })
  it.each(['module.exports = {}', "const RAW_RUNTIME_STATE = '{}';"])('is a gap for a program without data: %s', async (text) => {
    expect(told(await read(pnp, '.pnp.cjs', text))).toEqual([[], ['expected the data of Plug’n’Play, with packageRegistryData']])
    expect(told(await read(pnp, '.pnp.cjs', 'x', { '.pnp.data.json': '{}' }))).toEqual([[], []])
  })
  it('believes the note in node_modules only where no package.json can speak', async () => {
    const note =
      '__metadata:\n  version: 1\n\n"ms@npm:2.0.0":\n  locations:\n    - "node_modules/ms"\n\n"shop@workspace:.":\n  locations:\n    - ""\n'
    expect(told(await read(yarnState, 'a/node_modules/.yarn-state.yml', note))).toEqual([['pkg:npm/ms@2.0.0'], []])
    expect(told(await read(yarnState, 'a/node_modules/.yarn-state.yml', note, { 'a/node_modules/ms/package.json': '{}' }))).toEqual([
      [],
      [],
    ])
  })
  it('reads name, version and licences out of an archive of the cache', async () => {
    const path = '.yarn/cache/x.zip'
    const content = archive('{"name":"@gar/promisify","version":"1.1.3","license":"MIT"}')
    expect(await yarnCache.read(fileOf(path, content))).toEqual({
      occurrences: [
        {
          component: { purl: 'pkg:npm/%40gar/promisify@1.1.3', type: 'npm', name: '@gar/promisify', version: '1.1.3' },
          ...{ at: { path }, extractor: 'npm/yarn-cache', licences: ['MIT'] },
        },
      ],
      gaps: [],
    })
  })
  it.each([
    [zipOf([{ name: 'package.json', content: '{}' }]), 'expected the package.json of a package in node_modules'],
    [archive('[]'), 'expected a JSON object in package.json'],
    [archive('{"name":"x"}'), 'expected the name and the version of an npm package'],
  ])('is a gap for an archive that holds no package', async (content, reason) => {
    expect(told(await yarnCache.read(fileOf('.yarn/cache/x.zip', content)))).toEqual([[], [reason]])
  })
})
