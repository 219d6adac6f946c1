import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { extractorContract, fileOf, near } from '../../../../test/contracts/extractor.ts'
import { listed } from '../../../../test/listed.ts'
import type { Extractor } from '../../../model/seams.ts'
import { pdmLock } from './pdm-lock.ts'
import { pipfileLock } from './pipfile-lock.ts'
import { poetryLock } from './poetry-lock.ts'
import { pylock } from './pylock.ts'
import { uvLock } from './uv-lock.ts'

const fixture = (name: string): string => readFileSync(join(import.meta.dirname, 'fixtures', name), 'utf8')

for (const [extractor, file, example, more] of [
  [pipfileLock, 'Pipfile.lock', 'Pipfile.lock', []],
  [poetryLock, 'poetry.lock', 'poetry-2.lock', []],
  [uvLock, 'uv.lock', 'uv.lock', []],
  [pdmLock, 'pdm.lock', 'pdm.lock', []],
  [pylock, 'pylock.toml', 'pylock.toml', ['pylock.dev.toml']],
] as const)
  extractorContract(extractor, {
    path: `srv/${file}`,
    content: fixture(example),
    wants: [file, ...more],
    refuses: [`x${file}`, `${file}.bak`, `a/site-packages/x/${file}`, 'pylock.a.b.toml'],
  })

const hash = (letter: string) => `sha256:${letter.repeat(64)}`
const hashesOf = async (extractor: Extractor, path: string, content: string) =>
  Object.fromEntries(
    (await extractor.read(fileOf(path, content), near())).occurrences.flatMap(({ component, hashes }) =>
      hashes === undefined ? [] : [[component.name, hashes]],
    ),
  )

describe('Pipfile.lock', () => {
  it('has scopes by its groups, the stronger of two, and what the Pipfile asks for', async () => {
    const files = { Pipfile: '[packages]\ndjango = "*"\n[dev-packages]\npytest = "*"\n' }
    expect(await listed(pipfileLock, 'Pipfile.lock', fixture('Pipfile.lock'), files)).toEqual({
      list: [
        ['pkg:pypi/click@8.1.3', 'runtime'],
        ['pkg:pypi/django@4.1.7', 'runtime', 'direct'],
        ['pkg:pypi/private', 'declared', '@ https://example.org/private.git@0f1e2d3'],
        ['pkg:pypi/pytest@7.2.1', 'dev', 'direct'],
      ],
      gaps: [],
    })
    expect(await hashesOf(pipfileLock, 'Pipfile.lock', fixture('Pipfile.lock'))).toEqual({
      click: [hash('a'), hash('b')],
      django: [hash('c')],
      pytest: [hash('d')],
    })
  })
  it.each([
    ['[]', ['expected a JSON object']],
    ['{}', ['expected packages in default or develop']],
    ['{"default":[],"develop":{}}', ['"default": expected an object of packages']],
    ['{"default":{"a":1}}', ['"a": expected the name and the version of a Python package']],
    ['{"default":{"a":{"version":"*"}}}', []],
    ['{"default":{"a":{"version":"== "}}}', []],
    ['{"default":{"__proto__":{"version":"==1"}}}', ['"__proto__": expected the name and the version of a Python package']],
  ])('reads %s', async (content, gaps) => expect((await listed(pipfileLock, 'Pipfile.lock', content)).gaps).toEqual(gaps))
})

describe('poetry.lock', () => {
  it('of version 1 has categories, and digests in a table of their own', async () => {
    const files = {
      'a/pyproject.toml': '[tool.poetry.dependencies]\npython = "^3.8"\nflask = "^2.2"\n[tool.poetry.dev-dependencies]\nattrs = "*"\n',
    }
    expect(await listed(poetryLock, 'a/poetry.lock', fixture('poetry-1.lock'), files)).toEqual({
      list: [
        ['pkg:pypi/attrs@22.1.0', 'dev', 'direct'],
        ['pkg:pypi/flask@2.2.2', 'runtime', 'direct', 'pkg:pypi/jinja2@3.1.2', 'pkg:pypi/werkzeug@2.2.2'],
        ['pkg:pypi/jinja2@3.1.2', 'runtime'],
        ['pkg:pypi/redis@4.3.4', 'optional'],
        ['pkg:pypi/werkzeug@2.2.2', 'runtime'],
      ],
      gaps: [],
    })
    expect(await hashesOf(poetryLock, 'a/poetry.lock', fixture('poetry-1.lock'))).toEqual({ flask: [hash('a'), hash('b')] })
  })
  it('of version 2.1 has groups', async () => {
    expect(await listed(poetryLock, 'poetry.lock', fixture('poetry-2.lock'))).toEqual({
      list: [
        ['pkg:pypi/anyio@4.8.0', 'runtime', 'pkg:pypi/idna@3.10'],
        ['pkg:pypi/idna@3.10', 'runtime'],
        ['pkg:pypi/pytest@8.3.4', 'dev'],
        ['pkg:pypi/uvloop@0.21.0', 'optional'],
      ],
      gaps: [],
    })
  })
  it('of version 2.0 says nothing: what the project asks for leads to each package', async () => {
    const content = fixture('poetry-2.lock')
      .replaceAll(/^groups = .*\n/gm, '')
      .replace('"2.1"', '"2.0"')
    const project =
      '[project]\ndependencies = ["IDNA>=3"]\n[dependency-groups]\ntest = ["pytest", {include-group = "more"}]\nmore = ["anyio"]\n'
    expect((await listed(poetryLock, 'poetry.lock', content, { 'pyproject.toml': project })).list).toEqual([
      ['pkg:pypi/anyio@4.8.0', 'dev', 'direct', 'pkg:pypi/idna@3.10'],
      ['pkg:pypi/idna@3.10', 'runtime', 'direct'],
      ['pkg:pypi/pytest@8.3.4', 'dev', 'direct'],
      ['pkg:pypi/uvloop@0.21.0', undefined],
    ])
  })
  it.each([
    ['', ['expected metadata of the lock']],
    ['package = 1\n[metadata]\nlock-version = "3.0"', ['expected a list of packages', 'expected lock-version 1 or 2, got "3.0"']],
    ['[[package]]\nname = "a"\n[metadata]', ['"a" "": expected the name and the version of a Python package']],
  ])('reads %j', async (content, gaps) => expect(await listed(poetryLock, 'poetry.lock', content)).toEqual({ list: [], gaps }))
})

describe('uv.lock', () => {
  it('tells what the members of the workspace ask for, and several versions of one package', async () => {
    expect(await listed(uvLock, 'uv.lock', fixture('uv.lock'))).toEqual({
      list: [
        ['pkg:pypi/click@8.1.8', 'runtime'],
        ['pkg:pypi/httptools@0.6.4', 'runtime'],
        ['pkg:pypi/iniconfig@2.0.0', 'dev'],
        ['pkg:pypi/numpy@1.26.4', 'runtime', 'direct'],
        ['pkg:pypi/numpy@2.2.3', 'runtime', 'direct'],
        ['pkg:pypi/pytest@8.3.4', 'dev', 'direct', 'pkg:pypi/iniconfig@2.0.0'],
        ['pkg:pypi/redis@5.2.1', 'optional', 'direct'],
        ['pkg:pypi/uvicorn@0.34.0', 'runtime', 'direct', 'pkg:pypi/click@8.1.8', 'pkg:pypi/httptools@0.6.4'],
      ],
      gaps: [],
    })
    expect(await hashesOf(uvLock, 'uv.lock', fixture('uv.lock'))).toEqual({ click: [hash('a'), hash('b')] })
  })
  it('of another version is read as far as it can be, and says so', async () => {
    expect(await listed(uvLock, 'uv.lock', 'version = 2\n[[package]]\nname = "a"\nversion = "1"\n')).toEqual({
      list: [['pkg:pypi/a@1', undefined]],
      gaps: ['expected version 1, got 2'],
    })
    expect((await listed(uvLock, 'uv.lock', 'version = { a = 1 }\n')).gaps).toEqual(['expected version 1, got an object'])
  })
})

describe('pdm.lock', () => {
  it('puts extras to their package, and groups by what the project calls them', async () => {
    const project =
      '[project]\ndependencies = ["httpx"]\n[project.optional-dependencies]\nhttp2 = ["httpx[http2]"]\n[tool.pdm.dev-dependencies]\ntest = ["pytest", "-e file:///${PROJECT_ROOT}/tools#egg=tools"]\n'
    expect(await listed(pdmLock, 'pdm.lock', fixture('pdm.lock'), { 'pyproject.toml': project })).toEqual({
      list: [
        ['pkg:pypi/h2@4.2.0', 'optional'],
        ['pkg:pypi/httpx@0.28.1', 'runtime', 'direct', 'pkg:pypi/h2@4.2.0', 'pkg:pypi/httpx@0.28.1', 'pkg:pypi/idna@3.10'],
        ['pkg:pypi/idna@3.10', 'runtime'],
        ['pkg:pypi/pytest@8.3.4', 'dev', 'direct'],
      ],
      gaps: [],
    })
  })
})

describe('pylock.toml', () => {
  it('tells groups and extras by markers, and versions by archives', async () => {
    expect(
      await listed(pylock, 'pylock.toml', fixture('pylock.toml'), { 'pyproject.toml': '[project]\ndependencies = ["cattrs"]' }),
    ).toEqual({
      list: [
        ['pkg:pypi/attrs@25.1.0', 'runtime'],
        ['pkg:pypi/cattrs@24.1.2', 'runtime', 'direct', 'pkg:pypi/attrs@25.1.0'],
        ['pkg:pypi/fork', 'declared', '@ https://example.org/fork.git@0f1e2d3c4b5a69788796a5b4c3d2e1f00f1e2d3c'],
        ['pkg:pypi/numpy@2.0.1', undefined],
        ['pkg:pypi/pytest@8.3.4', 'dev'],
        ['pkg:pypi/redis@5.2.1', 'optional'],
      ],
      gaps: [],
    })
    expect(await hashesOf(pylock, 'pylock.toml', fixture('pylock.toml'))).toEqual({
      attrs: [hash('a')],
      cattrs: [hash('b')],
      numpy: [hash('c')],
    })
  })
})

describe('hostile locks', () => {
  it('of names an object always has are read', async () => {
    const content =
      '[[package]]\nname = "constructor"\nversion = "1"\n[package.dependencies]\n__proto__ = "*"\ntoString = "*"\n[metadata]\n'
    expect(await listed(poetryLock, 'poetry.lock', content)).toEqual({ list: [['pkg:pypi/constructor@1', undefined]], gaps: [] })
  })
  it('of endless depth are refused', async () => {
    await expect(listed(uvLock, 'uv.lock', `a = ${'['.repeat(100_000)}`)).rejects.toThrow()
    await expect(listed(uvLock, 'uv.lock', `[${'a.'.repeat(50_000)}b]`)).resolves.toMatchObject({ list: [] })
  })
  it('of one name in endless versions, each needed by each, are read', async () => {
    const packages = Array.from({ length: 5_000 }, (_, i) => `[[package]]\nname = "a"\nversion = "${i}"\ndependencies = [{ name = "a" }]\n`)
    const { list } = await listed(uvLock, 'uv.lock', `version = 1\n${packages.join('')}`)
    expect([list.length, list[0]?.length]).toEqual([5_000, 34])
  })
})
