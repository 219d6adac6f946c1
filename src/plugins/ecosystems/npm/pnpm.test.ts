import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { extractorContract, fileOf, near } from '../../../../test/contracts/extractor.ts'
import type { Extracted } from '../../../model/seams.ts'
import { pnpmLock } from './pnpm-lock.ts'

const fixture = (name: string) => readFileSync(join(import.meta.dirname, 'fixtures', name), 'utf8')
const lock = (text: string, path = 'pnpm-lock.yaml', files: Record<string, string> = {}) => pnpmLock.read(fileOf(path, text), near(files))
/** Name, version and what else is known of each occurrence, in short. */
const short = ({ occurrences }: Extracted) =>
  occurrences.map(({ component, scope, direct, dependsOn }) => [
    component.purl.slice('pkg:npm/'.length),
    scope,
    ...(direct ? ['direct'] : []),
    ...(dependsOn ? [dependsOn.map((purl) => purl.slice('pkg:npm/'.length))] : []),
  ])
const reasons = ({ gaps }: Extracted) => gaps.map(({ reason }) => reason)

extractorContract(pnpmLock, {
  path: 'app/pnpm-lock.yaml',
  content: fixture('pnpm-9.0.yaml'),
  wants: ['pnpm-lock.yaml', 'pnpm-lock.main.yaml', 'node_modules/.pnpm/lock.yaml', 'app/node_modules/.pnpm/lock.yaml'],
  refuses: ['node_modules/x/pnpm-lock.yaml', 'lock.yaml', '.pnpm/lock.yaml', 'pnpm-workspace.yaml', 'my-pnpm-lock.yaml'],
})

describe('pnpm-lock', () => {
  const withPeers = [
    ['%40gar/promisify@1.1.3', 'runtime', 'direct'],
    ['file-uri-to-path@1.0.0', 'optional', 'direct'],
    ['js-tokens@4.0.0', 'runtime'],
    ['loose-envify@1.4.0', 'runtime', ['js-tokens@4.0.0']],
    ['lru-cache@6.0.0', 'dev', ['yallist@4.0.0']],
    ['minimist@1.2.5', 'runtime', 'direct'],
    ['ms@2.0.0', 'runtime', 'direct'],
    ['ms@2.1.2', 'dev', 'direct'],
    ['react-dom@18.2.0', 'runtime', 'direct', ['loose-envify@1.4.0', 'react@18.3.1', 'scheduler@0.23.2']],
    ['react@18.3.1', 'runtime', 'direct', ['loose-envify@1.4.0']],
    ['scheduler@0.23.2', 'runtime', ['loose-envify@1.4.0']],
    ['semver@7.5.0', 'dev', 'direct', ['lru-cache@6.0.0']],
    ['yallist@4.0.0', 'dev'],
  ]
  it.each(['pnpm-6.0.yaml', 'pnpm-9.0.yaml'])('reads %s: workspaces, aliases, peers, scopes, what needs what', async (name) => {
    const result = await lock(fixture(name))
    expect(result.gaps).toEqual([])
    expect(new Set(short(result))).toEqual(new Set(withPeers))
  })
  it('reads version 5, in which peers are not installed by themselves', async () => {
    const result = await lock(fixture('pnpm-5.4.yaml'))
    expect(result.gaps).toEqual([])
    expect(short(result)).toEqual(
      withPeers
        .filter(([name]) => name !== 'react@18.3.1')
        .map((one) => (one[0] === 'react-dom@18.2.0' ? [...one.slice(0, 3), ['loose-envify@1.4.0', 'scheduler@0.23.2']] : one)),
    )
    expect(result.occurrences[6]).toEqual({
      component: { purl: 'pkg:npm/ms@2.0.0', type: 'npm', name: 'ms', version: '2.0.0' },
      at: { path: 'pnpm-lock.yaml' },
      extractor: 'npm/pnpm-lock',
      scope: 'runtime',
      direct: true,
      hashes: [
        'sha512:4e9a7ad0fe885090d3b8eabfe59f1c76c93326e8dfc2a7ce4e4af02308fb211212a679099d3e92c89e0f08f9c63281630bd75d85a979295218b40b7dee2c74e4',
      ],
    })
  })
  it('reads version 5 without workspaces, with peers, other registries, git and archives', async () => {
    const text = `lockfileVersion: 5.3
dependencies:
  '@s/a': 1.0.0_b@2.0.0
  h: registry.example.org/h/1.0.0
  g: github.com/somebody/g/0123456789abcdef
  t: '@example.org/t.tgz'
devDependencies:
  d: 1.0.0_0123456789abcdef0123456789abcdef
packages:
  /@s/a/1.0.0_b@2.0.0: {resolution: {integrity: sha512-bad}, dependencies: {b: 2.0.0}}
  /b/2.0.0: {resolution: {integrity: sha512-bad}}
  /d/1.0.0_0123456789abcdef0123456789abcdef: {resolution: {integrity: sha512-bad}}
  registry.example.org/h/1.0.0: {resolution: {tarball: 'https://registry.example.org/h.tgz'}}
  github.com/somebody/g/0123456789abcdef: {resolution: {tarball: x}, name: g, version: 3.0.0}
  '@example.org/t.tgz': {resolution: {tarball: x}, name: t, version: 4.0.0}
  file:own: {resolution: {directory: own, type: directory}, name: own, version: 1.0.0}
`
    const result = await lock(text)
    expect(result.gaps).toEqual([])
    expect(short(result)).toEqual([
      ['%40s/a@1.0.0', 'runtime', 'direct', ['b@2.0.0']],
      ['b@2.0.0', 'runtime'],
      ['d@1.0.0', 'dev', 'direct'],
      ['h@1.0.0', 'runtime', 'direct'],
      ['g@3.0.0', 'runtime', 'direct'],
      ['t@4.0.0', 'runtime', 'direct'],
    ])
  })
  it('reads version 9 with catalogs, patches, git, archives, links, and pnpm’s own tools in a document before', async () => {
    const text = `---
lockfileVersion: '9.0'
importers:
  .:
    packageManagerDependencies:
      pnpm: {specifier: 11.0.0, version: 11.0.0}
packages:
  pnpm@11.0.0: {resolution: {integrity: sha512-bad}}
snapshots:
  pnpm@11.0.0: {}
---
lockfileVersion: '9.0'
catalogs:
  default:
    a: {specifier: ^1.0.0, version: 1.10.0}
importers:
  .:
    dependencies:
      a: {specifier: 'catalog:', version: 1.10.0(patch_hash=abc)(b@2.0.0(a@1.10.0))}
      g: {specifier: somebody/g, version: https://codeload.github.com/somebody/g/tar.gz/0123}
      t: {specifier: 'file:t.tgz', version: 'file:t.tgz'}
      w: {specifier: 'workspace:*', version: link:packages/w}
      own: {specifier: 'file:own', version: 'file:own'}
packages:
  a@1.10.0: {resolution: {integrity: sha512-bad}}
  b@2.0.0: {resolution: {integrity: sha512-bad}}
  g@https://codeload.github.com/somebody/g/tar.gz/0123: {resolution: {tarball: x}, version: 3.0.0}
  t@file:t.tgz: {resolution: {tarball: 'file:t.tgz'}, version: 1.0.0}
  own@file:own: {resolution: {directory: own, type: directory}}
  node@runtime:24.0.0: {resolution: {type: variations}, version: 24.0.0}
snapshots:
  a@1.10.0(patch_hash=abc)(b@2.0.0(a@1.10.0)): {dependencies: {b: 2.0.0(a@1.10.0)}}
  b@2.0.0(a@1.10.0): {dependencies: {missing: 1.0.0}}
  g@https://codeload.github.com/somebody/g/tar.gz/0123: {}
  t@file:t.tgz: {}
  own@file:own: {}
  node@runtime:24.0.0: {}
`
    const result = await lock(text)
    expect(reasons(result)).toEqual(['"node@runtime:24.0.0": a runtime that pnpm installs is no npm package, and is not judged'])
    expect(short(result)).toEqual([
      ['pnpm@11.0.0', 'dev', 'direct'],
      ['a@1.10.0', 'runtime', 'direct', ['b@2.0.0']],
      ['b@2.0.0', 'runtime'],
      ['g@3.0.0', 'runtime', 'direct'],
      ['t@1.0.0', 'runtime', 'direct'],
    ])
  })
  it('believes the record of what is installed only where no package.json can speak', async () => {
    const text = fixture('pnpm-9.0.yaml')
    const path = 'app/node_modules/.pnpm/lock.yaml'
    expect((await lock(text, path)).occurrences).toHaveLength(13)
    const installed = { 'app/node_modules/.pnpm/@gar+promisify@1.1.3/node_modules/@gar/promisify/package.json': '{}' }
    expect(await lock(text, path, installed)).toEqual({ occurrences: [], gaps: [] })
  })
  it('is empty for a project without dependencies', async () => {
    expect(await lock("lockfileVersion: '9.0'\nsettings:\n  autoInstallPeers: true\nimporters:\n  .: {}\n")).toEqual({
      occurrences: [],
      gaps: [],
    })
  })
  it.each([
    ['', 'expected what pnpm locked, got an empty file'],
    ['[]', 'expected a map of names'],
    ["lockfileVersion: '10.0'", 'expected lockfileVersion 5 to 9, got "10.0"'],
    ["lockfileVersion: '9.0'\npackages: []", 'expected a map in packages'],
    ["lockfileVersion: '9.0'\npackages: {}\nsnapshots: {a@1.0.0: {}}", '"a@1.0.0": expected a package with its resolution'],
    ["lockfileVersion: '9.0'\npackages: {a: {}}", '"a": expected the name and the version of a package'],
    ["lockfileVersion: '9.0'\npackages: {../x@1: {}}", '"../x@1": expected the name and the version of a package'],
  ])('tells what is wrong with %j', async (text, reason) => expect(reasons(await lock(text))).toEqual([reason]))
  it('throws on what is not YAML, for the runner to make a gap of', async () => {
    await expect(lock('a: [')).rejects.toThrow(Error)
    await expect(lock(`a: ${'['.repeat(200_000)}`)).rejects.toThrow(Error)
  })
  it('follows anchors without copying what they name', async () => {
    const bomb = Array.from({ length: 30 }, (_, i) => `x${i + 1}: &x${i + 1} [*x${i}, *x${i}, *x${i}, *x${i}]`).join('\n')
    expect(reasons(await lock(`lockfileVersion: '9.0'\nx0: &x0 [a]\n${bomb}\npackages: {}\n`))).toEqual([])
  })
})
