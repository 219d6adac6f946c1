import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { extractorContract, fileOf } from '../../../../test/contracts/extractor.ts'
import { listed } from '../../../../test/listed.ts'
import { condaEnvironment } from './conda-environment.ts'
import { condaMeta } from './conda-meta.ts'
import { pyproject } from './pyproject.ts'
import { setupFiles } from './setup-files.ts'

const fixture = (name: string): string => readFileSync(join(import.meta.dirname, 'fixtures', name), 'utf8')

extractorContract(pyproject, {
  path: 'srv/pyproject.toml',
  content: fixture('pyproject.toml'),
  wants: ['pyproject.toml', 'Pipfile'],
  refuses: ['a/site-packages/x/pyproject.toml', 'pyproject.toml.bak', 'Pipfile.lock'],
})
extractorContract(setupFiles, {
  path: 'srv/setup.cfg',
  content: '[options]\ninstall_requires = six\n',
  wants: ['setup.py'],
  refuses: ['setup.txt', 'a/dist-packages/setup.py'],
})
extractorContract(condaEnvironment, {
  path: 'srv/environment.yml',
  content: 'dependencies: [numpy]\n',
  wants: ['environment.yaml', 'environment-dev.yml', 'ci-environment.yml', 'a/environment.linux.yml'],
  refuses: ['environments.yml', 'environment.yml.bak', 'myenvironment.yml'],
})
extractorContract(condaMeta, {
  path: 'opt/conda/conda-meta/openssl-3.2.0-hd590300_1.json',
  content: fixture('openssl-3.2.0-hd590300_1.json'),
  wants: ['conda-meta/x.json'],
  refuses: ['conda-meta/history', 'conda-meta/a/x.json', 'x.json'],
})

describe('pyproject.toml', () => {
  it('declares what each of its tables asks for', async () => {
    expect(await listed(pyproject, 'pyproject.toml', fixture('pyproject.toml'))).toEqual({
      list: [
        ['pkg:pypi/flask', 'declared', 'direct', '>=2.2,<3'],
        ['pkg:pypi/requests', 'declared', 'direct'],
        ['pkg:pypi/redis', 'declared', 'direct', '~=4.3'],
        ['pkg:pypi/pytest', 'declared', 'direct', '>=7'],
        ['pkg:pypi/coverage', 'declared', 'direct', '==7.2.1'],
        ['pkg:pypi/django', 'declared', 'direct', '^4.1'],
        ['pkg:pypi/pillow', 'declared', 'direct', '>=9'],
        ['pkg:pypi/tool', 'declared', 'direct', '@ https://example.org/tool.git@v1'],
        ['pkg:pypi/numpy', 'declared', 'direct', '<2'],
        ['pkg:pypi/numpy', 'declared', 'direct', '>=2'],
        ['pkg:pypi/black', 'declared', 'direct', '23.1'],
        ['pkg:pypi/mypy', 'declared', 'direct', '*'],
        ['pkg:pypi/tox', 'declared', 'direct', '>=4'],
        ['pkg:pypi/ruff', 'declared', 'direct'],
      ],
      gaps: [],
    })
  })
  it.each(['poetry.lock', 'uv.lock', 'pdm.lock', 'pylock.toml', 'Pipfile.lock'])('is left to %s beside it', async (lock) => {
    const read = (path: string, at: string) => listed(pyproject, path, fixture('pyproject.toml'), { [at]: '' })
    expect((await read('a/pyproject.toml', `a/${lock}`)).list).toEqual([])
    expect((await read('pyproject.toml', lock)).list).toEqual([])
    expect((await read('a/pyproject.toml', `b/${lock}`)).list).toHaveLength(14)
  })
  it('is left to the lock of the workspace above it', async () => {
    expect((await listed(pyproject, 'a/b/pyproject.toml', fixture('pyproject.toml'), { 'a/uv.lock': '' })).list).toEqual([])
    expect((await listed(pyproject, 'a/b/pyproject.toml', fixture('pyproject.toml'), { 'uv.lock': '' })).list).toEqual([])
  })
  it('tells what it cannot read', async () => {
    expect(
      (await listed(pyproject, 'pyproject.toml', '[project]\ndependencies = ["a b", 1, "c"]\n[tool.poetry.dependencies]\nd = 1\n')).gaps,
    ).toEqual(['expected a requirement, got "a b"', 'expected a requirement, got ""', '"d": expected a version or a table'])
  })
  it('of Pipenv has packages by category', async () => {
    const pipfile =
      '[[source]]\nurl = "x"\n[packages]\ndjango = "==4.1"\nown = {path = "."}\nt = {git = "https://a:b@example.org/t", ref = "1"}\n[dev-packages]\npytest = "*"\n[requires]\npython_version = "3"\n'
    expect(await listed(pyproject, 'Pipfile', pipfile)).toEqual({
      list: [
        ['pkg:pypi/django', 'declared', 'direct', '==4.1'],
        ['pkg:pypi/t', 'declared', 'direct', '@ https://example.org/t@1'],
        ['pkg:pypi/pytest', 'declared', 'direct', '*'],
      ],
      gaps: [],
    })
  })
})

describe('setup.cfg and setup.py', () => {
  const cfg =
    '[metadata]\nname = x\ninstall_requires = no\n[options]\npackages = find:\ninstall_requires =\n    # why\n    requests[socks]>=2.28\n\n    six; python_version<"3"\n[options.extras_require]\ntest = pytest; tox>=4\ndocs = file: docs.txt\n[options.package_data]\n* = a\n'
  it('declares what setup.cfg lists', async () => {
    expect(await listed(setupFiles, 'setup.cfg', cfg)).toEqual({
      list: [
        ['pkg:pypi/requests', 'declared', 'direct', '>=2.28'],
        ['pkg:pypi/six', 'declared', 'direct'],
        ['pkg:pypi/pytest', 'declared', 'direct'],
        ['pkg:pypi/tox', 'declared', 'direct', '>=4'],
      ],
      gaps: [],
    })
  })
  const computed = 'install_requires is computed by a program, which is not run: not all it asks for is known'
  it.each([
    [`setup(\n  install_requires=[\n    'a>=1', # why\n    "b",\n  ],\n)`, ['a', 'b'], []],
    ['setup(install_requires = ("a",))', ['a'], []],
    ['install_requires = ["a"]\nsetup(install_requires=install_requires)', ['a'], [computed]],
    ['setup(install_requires=["a"] + more)', ['a'], [computed]],
    ['setup(install_requires=["a", b])', ['a'], [computed]],
    ['setup(install_requires=open("r.txt"))', [], [computed]],
    ['# install_requires=["a"]\nx.install_requires == 1\n"install_requires"', [], []],
    ['setup(install_requires=["a', [], [computed]],
    ['setup(install_requires=', [], [computed]],
    ['setup(install_requires=["not a name"])', [], ['expected a requirement, got "not a name"']],
    ['setup()', [], []],
  ])('reads %j', async (content, names, gaps) => {
    const result = await listed(setupFiles, 'setup.py', content)
    expect([result.list.map(([purl]) => purl), result.gaps]).toEqual([names.map((name) => `pkg:pypi/${name}`), gaps])
  })
  it('does not get lost in long programs', async () => {
    for (const unit of ['install_requires', 'install_requires#', 'install_requires=[ ', "install_requires=['a'", 'install_requires="'])
      expect((await listed(setupFiles, 'setup.py', unit.repeat(1_000_000 / unit.length))).list.length).toBeLessThan(2)
    expect((await listed(setupFiles, 'setup.py', ' '.repeat(2_000_000))).gaps).toEqual(['2000000 bytes, at most 1048576 are read'])
  })
})

describe('conda', () => {
  it('has a version where the environment names one', async () => {
    expect(await listed(condaEnvironment, 'environment.yml', fixture('environment.yml'))).toEqual({
      list: [
        ['pkg:conda/python@3.11.7', 'runtime', 'direct'],
        ['pkg:conda/numpy', 'declared', 'direct', '=1.26'],
        ['pkg:conda/pandas', 'declared', 'direct', '>=2.1,<3'],
        ['pkg:conda/scipy@1.11.4', 'runtime', 'direct'],
        ['pkg:conda/openssl@3.2.0', 'runtime', 'direct'],
        ['pkg:conda/pip', 'declared', 'direct'],
        ['pkg:pypi/requests@2.31.0', 'runtime', 'direct'],
        ['pkg:pypi/flask', 'declared', 'direct', '>=2'],
      ],
      gaps: [],
    })
    expect(await listed(condaEnvironment, 'environment.yml', 'dependencies: [{pip: [-r more.list, -e ., ./x]}]')).toEqual({
      list: [],
      gaps: ['includes "more.list", which is not read under that name: its packages are unknown'],
    })
  })
  it.each([
    ['name: production\nurl: x\n', []],
    ['dependencies: x\n', ['expected a list of dependencies']],
    [
      'dependencies: [[a], {b: c}, "=1", é]\n',
      [
        ...['expected a package of conda, or a list of them for pip', 'expected a package of conda, or a list of them for pip'],
        ...['expected a package of conda, got "=1"', 'expected a package of conda, got "é"'],
      ],
    ],
  ])('reads %j', async (content, gaps) => expect(await listed(condaEnvironment, 'environment.yml', content)).toEqual({ list: [], gaps }))
  it('has records of what it installed', async () => {
    const path = 'opt/conda/conda-meta/openssl-3.2.0-hd590300_1.json'
    expect(await condaMeta.read(fileOf(path, fixture('openssl-3.2.0-hd590300_1.json')))).toEqual({
      occurrences: [
        {
          component: { purl: 'pkg:conda/openssl@3.2.0', type: 'conda', name: 'openssl', version: '3.2.0' },
          at: { path },
          extractor: 'python/conda-meta',
          direct: true,
          licences: ['Apache-2.0'],
          hashes: ['sha256:80efc6f429bd8e622d999652e5cba2ca56fcdb9c16a439d2ce9b4313116e4a87'],
        },
      ],
      gaps: [],
    })
    expect((await listed(condaMeta, path, '{"name":"a","version":1}')).gaps).toEqual([
      'expected the name and the version of a conda package',
    ])
  })
})
