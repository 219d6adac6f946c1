import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { extractorContract, fileOf, near } from '../../../../test/contracts/extractor.ts'
import type { Extracted } from '../../../model/seams.ts'
import { bunLock, bunLockb } from './bun-lock.ts'
import { denoLock } from './deno-lock.ts'
import { npm } from './index.ts'
import { hashesOf } from './integrity.ts'
import { licencesOf } from './licences.ts'
import { packageJson } from './package-json.ts'

const fixture = (name: string) => readFileSync(join(import.meta.dirname, 'fixtures', name), 'utf8')
/** Name, version and what else is known of each occurrence, in short. */
const short = ({ occurrences }: Extracted) =>
  occurrences.map(({ component, scope, direct, dependsOn }) => [
    component.purl.slice('pkg:'.length),
    scope,
    ...(direct ? ['direct'] : []),
    ...(dependsOn ? [dependsOn.map((purl) => purl.slice('pkg:'.length))] : []),
  ])
const reasons = ({ gaps }: Extracted) => gaps.map(({ reason }) => reason)

extractorContract(bunLock, {
  path: 'app/bun.lock',
  content: fixture('bun.lock'),
  wants: ['bun.lock'],
  refuses: ['bun.lockb', 'node_modules/x/bun.lock', 'my-bun.lock'],
})
extractorContract(denoLock, {
  path: 'app/deno.lock',
  content: fixture('deno-5.json'),
  wants: ['deno.lock'],
  refuses: ['node_modules/x/deno.lock', 'deno.json'],
})
extractorContract(packageJson, {
  path: 'app/package.json',
  content: '{"dependencies":{"a":"^1"}}',
  wants: ['package.json', 'packages/a/package.json'],
  refuses: [
    'node_modules/a/package.json',
    'usr/share/nodejs/a/package.json',
    'usr/lib/python3/dist-packages/x/package.json',
    '.yarn/unplugged/x/package.json',
    'my-package.json',
  ],
})

describe('bun.lock', () => {
  const read = (text: string) => bunLock.read(fileOf('bun.lock', text))
  it('reads workspaces, aliases, peers, scopes, what needs what', async () => {
    const result = await read(fixture('bun.lock'))
    expect(result.gaps).toEqual([])
    expect(short(result)).toEqual([
      ['npm/%40gar/promisify@1.1.3', 'runtime', 'direct'],
      ['npm/file-uri-to-path@1.0.0', 'optional', 'direct'],
      ['npm/js-tokens@4.0.0', 'runtime'],
      ['npm/loose-envify@1.4.0', 'runtime', ['npm/js-tokens@4.0.0']],
      ['npm/lru-cache@6.0.0', 'dev', ['npm/yallist@4.0.0']],
      ['npm/minimist@1.2.5', 'runtime', 'direct'],
      ['npm/ms@2.1.2', 'dev', 'direct'],
      ['npm/ms@2.0.0', 'runtime', 'direct'],
      ['npm/react@18.3.1', 'peer', 'direct', ['npm/loose-envify@1.4.0']],
      ['npm/react-dom@18.2.0', 'runtime', 'direct', ['npm/loose-envify@1.4.0', 'npm/react@18.3.1', 'npm/scheduler@0.23.2']],
      ['npm/scheduler@0.23.2', 'runtime', ['npm/loose-envify@1.4.0']],
      ['npm/semver@7.5.0', 'dev', 'direct', ['npm/lru-cache@6.0.0']],
      ['npm/yallist@4.0.0', 'dev'],
    ])
    expect(result.occurrences[7]?.hashes).toEqual([
      'sha512:4e9a7ad0fe885090d3b8eabfe59f1c76c93326e8dfc2a7ce4e4af02308fb211212a679099d3e92c89e0f08f9c63281630bd75d85a979295218b40b7dee2c74e4',
    ])
  })
  it('finds the nearest of several, reads git and archives, and leaves out what is the project’s own', async () => {
    const text = `{ // a comment
      "lockfileVersion": 1,
      "workspaces": { "": { "dependencies": { "@s/a": "1", "g": "x", "t": "x", "w": "x", "f": "x" } } },
      "packages": {
        "@s/a": ["@s/a@1.0.0", "", { "dependencies": { "b": "2" }, "peerDependencies": { "p": "*" }, "optionalPeers": ["p"] }, ""],
        "@s/a/b": ["b@2.0.0", "", { "dependencies": { "c": "1" } }, ""],
        "@s/a/c": ["c@1.1.0", "", {}, ""],
        "b": ["b@1.0.0", "", {}, ""],
        "p": ["p@1.0.0", "", {}, ""],
        "g": ["g@github:somebody/g#0123", {}, "somebody-g-0123"],
        "t": ["t@https://user:secret@example.org/t.tgz", {}],
        "w": ["w@workspace:packages/w"],
        "f": ["f@file:f", { "dependencies": { "b": "1" } }], /* and
        another */
      },
    }`
    const result = await read(text)
    expect(result.gaps).toEqual([])
    expect(short(result)).toEqual([
      ['npm/%40s/a@1.0.0', 'runtime', 'direct', ['npm/b@2.0.0']],
      ['npm/b@2.0.0', 'runtime', ['npm/c@1.1.0']],
      ['npm/c@1.1.0', 'runtime'],
      ['npm/b@1.0.0', 'runtime'],
      ['npm/p@1.0.0', undefined],
      ['npm/g@github:somebody%2Fg%230123', 'runtime', 'direct'],
      ['npm/t@https:%2F%2Fexample.org%2Ft.tgz', 'runtime', 'direct'],
    ])
  })
  it.each([
    ['[]', 'expected a JSON object'],
    ['{"lockfileVersion":9,"packages":{}}', 'expected lockfileVersion 0, 1 or 2, got 9'],
    ['{"lockfileVersion":1,"packages":[]}', 'expected an object in packages'],
    ['{"lockfileVersion":1,"packages":{"a":["a"]}}', 'packages["a"]: expected a list that begins with "name@version"'],
    ['{"lockfileVersion":1,"packages":{"a":["../a@1"]}}', '"a": expected the name and the version of a package'],
  ])('tells what is wrong with %j', async (text, reason) => expect(reasons(await read(text))).toEqual([reason]))
  it('takes no place that nobody could open, however many ask for something there', async () => {
    const needs = Object.fromEntries(Array.from({ length: 5_000 }, (_, i) => [`n${i}`, '1']))
    const place = 'a/'.repeat(100_000)
    const lock = {
      lockfileVersion: 1,
      workspaces: { '': { name: place, dependencies: needs } },
      packages: { [place]: ['a@1.0.0', '', { dependencies: needs }, ''] },
    }
    const { occurrences, gaps } = await read(JSON.stringify(lock))
    expect([occurrences, gaps.length]).toEqual([[], 1])
  })
  it('says how to have the binary lock read', async () => {
    expect(bunLockb.wants({ path: 'a/bun.lockb', size: 1, mode: 0o644 })).toBe(true)
    expect(reasons(await bunLockb.read(fileOf('bun.lockb', '\0')))).toEqual([
      'the binary lock of bun is not read: `bun install --save-text-lockfile` writes it as text, into bun.lock',
    ])
  })
})

describe('deno.lock', () => {
  const read = (value: unknown) => denoLock.read(fileOf('deno.lock', typeof value === 'string' ? value : JSON.stringify(value)))
  it('reads version 5', async () => {
    const result = await read(fixture('deno-5.json'))
    expect(result.gaps).toEqual([])
    expect(short(result)).toEqual([
      ['npm/ansi-styles@4.3.0', undefined, ['npm/color-convert@2.0.1']],
      ['npm/chalk@4.1.2', undefined, 'direct', ['npm/ansi-styles@4.3.0', 'npm/supports-color@7.2.0']],
      ['npm/color-convert@2.0.1', undefined, ['npm/color-name@1.1.4']],
      ['npm/color-name@1.1.4', undefined],
      ['npm/has-flag@4.0.0', undefined],
      ['npm/js-tokens@4.0.0', undefined],
      ['npm/loose-envify@1.4.0', undefined, ['npm/js-tokens@4.0.0']],
      ['npm/lru-cache@6.0.0', undefined, ['npm/yallist@4.0.0']],
      ['npm/react-dom@18.2.0', undefined, 'direct', ['npm/loose-envify@1.4.0', 'npm/react@18.3.1', 'npm/scheduler@0.23.2']],
      ['npm/react@18.3.1', undefined, ['npm/loose-envify@1.4.0']],
      ['npm/scheduler@0.23.2', undefined, ['npm/loose-envify@1.4.0']],
      ['npm/semver@7.5.0', undefined, 'direct', ['npm/lru-cache@6.0.0']],
      ['npm/supports-color@7.2.0', undefined, ['npm/has-flag@4.0.0']],
      ['npm/yallist@4.0.0', undefined],
    ])
  })
  const sum = 'ab'.repeat(32)
  const jsr = { '@std/path@1.0.6': { integrity: sum, dependencies: ['jsr:@std/internal'] }, '@std/internal@1.0.1': { integrity: sum } }
  const both = [
    ['npm/a@1.0.0', undefined, 'direct', ['npm/b@2.0.0']],
    ['npm/b@2.0.0', undefined],
    ['jsr/%40std/path@1.0.6', undefined, 'direct', ['jsr/%40std/internal@1.0.1']],
    ['jsr/%40std/internal@1.0.1', undefined],
  ]
  it('reads versions 4 and 3 with packages of JSR', async () => {
    const workspace = { dependencies: ['jsr:@std/path@1'], members: { w: { packageJson: { dependencies: ['npm:a@1'] } } } }
    const four = {
      version: '4',
      specifiers: { 'npm:a@1': '1.0.0', 'jsr:@std/path@1': '1.0.6', 'jsr:@std/internal@1': '1.0.1' },
      jsr,
      npm: { 'a@1.0.0': { integrity: 'x', dependencies: ['b'] }, 'b@2.0.0': {} },
      workspace,
    }
    const three = {
      version: '3',
      packages: {
        specifiers: { 'npm:a@1': 'npm:a@1.0.0', 'jsr:@std/path@1': 'jsr:@std/path@1.0.6' },
        jsr,
        npm: { 'a@1.0.0': { integrity: 'x', dependencies: { b: 'b@2.0.0' } }, 'b@2.0.0': { dependencies: {} } },
      },
      workspace,
    }
    const result = await read(four)
    expect([short(result), reasons(result)]).toEqual([both, []])
    expect(result.occurrences[2]?.hashes).toEqual([`sha256:${sum}`])
    expect(short(await read(three))).toEqual(both)
  })
  it('reads version 2, and says of modules from web addresses that they are unknown', async () => {
    const two = {
      version: '2',
      remote: { 'https://deno.land/std@0.200.0/fmt/colors.ts': sum },
      npm: { specifiers: { 'a@1': 'a@1.0.0' }, packages: { 'a@1.0.0': { integrity: 'x', dependencies: { b: 'b@2.0.0' } }, 'b@2.0.0': {} } },
    }
    const result = await read(two)
    expect(short(result)).toEqual([
      ['npm/a@1.0.0', undefined, ['npm/b@2.0.0']],
      ['npm/b@2.0.0', undefined],
    ])
    expect(reasons(result)).toEqual(['1 modules are loaded from web addresses: whose they are, and in which version, is not told'])
  })
  it.each([
    ['[]', 'expected a JSON object'],
    ['{"version":"9"}', 'expected version 2, 3, 4 or 5, got "9"'],
    ['{"version":"5","npm":{"a":{}}}', 'npm: expected "name@version" with what it needs, got "a"'],
    ['{"version":"5","jsr":{"a@1":{}}}', '"jsr:a@1": expected the name and the version of a package'],
  ])('tells what is wrong with %j', async (text, reason) => expect(reasons(await read(text))).toEqual([reason]))
  it('leaves packages of JSR without a judge', () => {
    expect(npm.advisoryKey({ purl: 'pkg:jsr/%40std/path@1.0.6', type: 'jsr', name: '@std/path', version: '1.0.6' })).toBeUndefined()
  })
})

describe('package.json of a project', () => {
  const read = (value: unknown) => packageJson.read(fileOf('package.json', JSON.stringify(value)), near())
  it('declares what it asks for, aliases by the real name, without secrets and without what is its own', async () => {
    const { occurrences, gaps } = await read({
      dependencies: { a: '^1.0.0', nick: 'npm:@s/real@^2', w: 'workspace:*', f: 'file:../f', p: '../p' },
      devDependencies: { g: 'git+https://user:secret@example.org/g.git', catalogued: 'catalog:' },
      optionalDependencies: { a: '^1.1.0' },
      peerDependencies: { '@std/path': 'jsr:^1.0.0' },
    })
    expect(gaps).toEqual([])
    expect(occurrences.map(({ component, requirement }) => [component.purl, requirement])).toEqual([
      ['pkg:jsr/%40std/path', 'jsr:^1.0.0'],
      ['pkg:npm/g', 'git+https://example.org/g.git'],
      ['pkg:npm/catalogued', 'catalog:'],
      ['pkg:npm/a', '^1.1.0'],
      ['pkg:npm/%40s/real', '^2'],
    ])
    expect(occurrences[1]).toEqual({
      component: { purl: 'pkg:npm/g', type: 'npm', name: 'g', version: '' },
      ...{ at: { path: 'package.json' }, extractor: 'npm/package-json', scope: 'declared', direct: true },
      requirement: 'git+https://example.org/g.git',
    })
  })
  it.each([
    [[], 'expected a JSON object'],
    [{ dependencies: 'x' }, 'expected an object in dependencies'],
    [{ dependencies: { '../x': '1' } }, 'expected the name of a package, got "../x"'],
  ])('tells what is wrong with %j', async (value, reason) => expect(reasons(await read(value))).toEqual([reason]))
})

describe('package.json of a workspace', () => {
  const asked = async (path: string, files: Record<string, string>) =>
    (await packageJson.read(fileOf(path, '{"dependencies":{"a":"^1"}}'), near(files))).occurrences.length
  const root = (workspaces: unknown) => ({ 'r/package.json': JSON.stringify({ workspaces }), 'r/yarn.lock': '' })
  it.each([
    ['packages/*', 'r/packages/a/package.json'],
    ['./packages/*', 'r/packages/a/package.json'],
    ['packages/**', 'r/packages/a/b/package.json'],
    ['tools/one', 'r/tools/one/package.json'],
  ])('leaves it to the lock of a project that has workspaces in %s', async (pattern, path) => {
    expect(await asked(path, root([pattern]))).toBe(0)
    expect(await asked(path, root({ packages: [pattern] }))).toBe(0)
    expect(await asked(path, { 'r/pnpm-workspace.yaml': `packages: ['${pattern}']`, 'r/pnpm-lock.yaml': '' })).toBe(0)
  })
  it.each([
    ['packages/*', 'r/package.json'],
    ['packages/*', 'r/examples/a/package.json'],
    ['packages/*', 'r/packages/a/b/package.json'],
    ['packages/*', 'packages/a/package.json'],
  ])('speaks where %s means another folder than %s', async (pattern, path) => expect(await asked(path, root([pattern]))).toBe(1))
  it('speaks where no lock does, or nothing can be read above', async () => {
    expect(await asked('r/packages/a/package.json', { 'r/package.json': '{"workspaces":["packages/*"]}' })).toBe(1)
    expect(await asked('r/packages/a/package.json', { 'r/package.json': '{', 'r/pnpm-workspace.yaml': '[', 'r/yarn.lock': '' })).toBe(1)
  })
})

describe('digests and licences', () => {
  it.each([
    ['sha1-qUqP5cyxm6YcTAhz05Hph5gvu9M=', ['sha1:a94a8fe5ccb19ba61c4c0873d391e987982fbbd3']],
    ['sha1-qUqP5cyxm6YcTAhz05Hph5gvu9M= sha1-qUqP5cyxm6YcTAhz05Hph5gvu9M=?x', ['sha1:a94a8fe5ccb19ba61c4c0873d391e987982fbbd3']],
    ['sha512-qUqP5cyxm6YcTAhz05Hph5gvu9M=', []],
    ['md5-CY9rzUYh03PK3k6DJie09g==', []],
    ['', []],
    [7, []],
  ])('reads the digests of %j', (integrity, hashes) => expect(hashesOf(integrity)).toEqual(hashes))
  it.each([
    [{ license: 'MIT' }, ['MIT']],
    [{ license: { type: 'ISC', url: 'x' } }, ['ISC']],
    [{ licenses: [{ type: 'MIT' }, { type: 'Apache-2.0' }] }, ['Apache-2.0', 'MIT']],
    [{ license: ['MIT', 'BSD'] }, ['BSD', 'MIT']],
    [{ license: 7, licenses: {} }, []],
    [{}, []],
  ])('reads the licences of %j', (manifest, licences) => expect(licencesOf(manifest)).toEqual(licences))
})
