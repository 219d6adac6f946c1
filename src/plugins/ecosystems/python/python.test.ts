import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { extractorContract, fileOf, near } from '../../../../test/contracts/extractor.ts'
import { listed } from '../../../../test/listed.ts'
import { zipOf } from '../../../../test/zip.ts'
import { archive } from './archive.ts'
import { python } from './index.ts'
import { distInfo, eggInfo } from './installed.ts'
import { vendored } from './vendored.ts'

const fixture = (name: string): string => readFileSync(join(import.meta.dirname, 'fixtures', name), 'utf8')

extractorContract(distInfo, {
  path: 'usr/lib/python3/site-packages/zope.interface-5.5.2.dist-info/METADATA',
  content: fixture('METADATA'),
  wants: ['app-1.dist-info/METADATA', 'a/pip/_vendor/x-1.dist-info/METADATA'],
  refuses: ['METADATA', 'a/x.dist-info/RECORD', 'a/x.dist-info/METADATA/y'],
})
extractorContract(eggInfo, {
  path: 'usr/lib/python3/dist-packages/zope.interface-5.5.2.egg-info',
  content: fixture('METADATA'),
  wants: ['a/x.egg-info/PKG-INFO', 'lib/x-1-py3.9.egg/EGG-INFO/PKG-INFO'],
  refuses: ['PKG-INFO', 'x-1/PKG-INFO', 'a/x.egg-info/requires.txt'],
})
extractorContract(vendored, {
  path: 'site-packages/pip/_vendor/vendor.txt',
  content: 'CacheControl==0.13.1  # Make sure to update\nrequests==2.31.0\n    certifi==2023.7.22\n',
  wants: ['a/setuptools/_vendor/vendored.txt'],
  refuses: ['vendor.txt', 'a/_vendor/x/vendor.txt'],
})

describe('installed Python packages', () => {
  const folder = 'venv/lib/python3.11/site-packages/zope.interface-5.5.2.dist-info/'
  it('are named as PEP 503 has it, with licence, and with who asked for them', async () => {
    const origin = { archive_info: { hash: `sha256=${'a'.repeat(64)}`, hashes: { sha256: 'a'.repeat(64), sha1: 7 } } }
    const files = { [`${folder}REQUESTED`]: '', [`${folder}direct_url.json`]: JSON.stringify(origin) }
    expect(await distInfo.read(fileOf(`${folder}METADATA`, fixture('METADATA')), near(files))).toEqual({
      occurrences: [
        {
          component: { purl: 'pkg:pypi/zope.interface@5.5.2', type: 'pypi', name: 'zope-interface', version: '5.5.2' },
          at: { path: `${folder}METADATA` },
          extractor: 'python/dist-info',
          licences: ['Zope Public License'],
          direct: true,
          hashes: [`sha256:${'a'.repeat(64)}`],
        },
      ],
      gaps: [],
    })
  })
  it.each([
    ['License-Expression: MIT OR Apache-2.0\nLicense: x\nClassifier: License :: OSI Approved :: MIT License', ['MIT OR Apache-2.0']],
    ['License: BSD-3-Clause\nClassifier: License :: OSI Approved', ['BSD-3-Clause']],
    ['License: Permission is hereby granted,\n  free of charge', undefined],
    ['License: UNKNOWN', undefined],
  ])('take the licence from %j', async (header, licences) => {
    const { occurrences } = await distInfo.read(fileOf('a.dist-info/METADATA', `Name: a\r\nVersion: 1\r\n${header}\r\n\r\nText`), near())
    expect(occurrences.map((one) => one.licences)).toEqual([licences])
  })
  it.each(['', 'Name: a\n', 'Version: 1\n', 'Name: a b\nVersion: 1\n', '\nName: a\nVersion: 1', `Name: ${'a'.repeat(300)}\nVersion: 1`])(
    'is a gap for %.20j',
    async (content) => {
      expect(await listed(distInfo, 'a.dist-info/METADATA', content)).toEqual({
        list: [],
        gaps: ['expected the name and the version of a Python package'],
      })
    },
  )
  it('does not take what an interrupted installation left behind for installed', async () => {
    expect(await listed(distInfo, 'site-packages/~ip-21.0.dist-info/METADATA', 'Name: pip\nVersion: 21.0\n')).toEqual({
      list: [],
      gaps: ['left behind by an interrupted installation: whether it is in use is unknown'],
    })
  })
  it('leaves out what building the project left in its own folder', async () => {
    const own = (path: string, files: Record<string, string>) => listed(eggInfo, path, 'Name: app\nVersion: 1\n', files)
    expect((await own('app.egg-info/PKG-INFO', { 'setup.py': '' })).list).toEqual([])
    expect((await own('srv/src/app.egg-info/PKG-INFO', { 'srv/pyproject.toml': '' })).list).toEqual([])
    expect((await own('site-packages/app.egg-info/PKG-INFO', {})).list).toEqual([['pkg:pypi/app@1', undefined]])
  })
})

describe('archives of Python packages', () => {
  const wheel = (name: string, content: Uint8Array) => archive.read(fileOf(name, content))
  const metadata = 'Name: Pip\nVersion: 23.0\n\n'
  it('hold the package they are, and those inside it', async () => {
    const bytes = zipOf([
      { name: 'pip/__init__.py', content: '' },
      { name: 'pip/_vendor/rich-13.0.dist-info/METADATA', content: 'Name: rich\nVersion: 13.0\n' },
      { name: 'pip-23.0.dist-info/METADATA', content: metadata },
    ])
    const { occurrences, gaps } = await wheel('usr/share/pip-23.0-py3-none-any.whl', bytes)
    expect([occurrences.map(({ component, at }) => [component.purl, at.path]), gaps]).toEqual([
      [
        ['pkg:pypi/rich@13.0', 'usr/share/pip-23.0-py3-none-any.whl!/pip/_vendor/rich-13.0.dist-info/METADATA'],
        ['pkg:pypi/pip@23.0', 'usr/share/pip-23.0-py3-none-any.whl!/pip-23.0.dist-info/METADATA'],
      ],
      [],
    ])
  })
  it('are eggs and zip applications too', async () => {
    const egg = zipOf([{ name: 'EGG-INFO/PKG-INFO', content: metadata }])
    expect((await wheel('a-1-py3.8.egg', egg)).occurrences.map(({ component }) => component.purl)).toEqual(['pkg:pypi/pip@23.0'])
    expect(await wheel('tool.pyz', zipOf([{ name: '__main__.py', content: '' }]))).toEqual({ occurrences: [], gaps: [] })
  })
  it('are gaps where they hold no package, or cannot be read', async () => {
    const reasons = async (content: Uint8Array) => (await wheel('a-1-py3-none-any.whl', content)).gaps.map(({ reason }) => reason)
    expect(await reasons(zipOf([]))).toEqual(['expected the description of a package inside'])
    expect(await reasons(zipOf([{ name: 'a-1.dist-info/METADATA', content: metadata, encrypted: true }]))).toEqual([
      '"a-1.dist-info/METADATA": entry "a-1.dist-info/METADATA" is encrypted',
    ])
    expect(await reasons(zipOf([{ name: 'a-1.dist-info/METADATA', content: 'x'.repeat(5_000_000) }]))).toHaveLength(1)
    await expect(wheel('a-1-py3-none-any.whl', Buffer.from('no archive'))).rejects.toThrow('is not a zip archive')
    await expect(wheel('a-1-py3-none-any.whl', zipOf([{ name: 'x', content: '' }]).subarray(0, 40))).rejects.toThrow('is truncated')
  })
  it('wants only those', () => {
    const wants = (path: string) => archive.wants({ path, size: 1, mode: 0o644 })
    expect(['a.whl', 'b/c.egg', 'x.pyz', 'x.pex', 'a.zip', 'a.egg/EGG-INFO/PKG-INFO', 'a.whl.txt'].map(wants)).toEqual([
      ...[true, true, true, true],
      ...[false, false, false],
    ])
  })
})

describe('Python advisory key', () => {
  it('is the normalised name, also of what another list calls by a spelling of its own', () => {
    expect(python.advisoryKey({ purl: 'pkg:pypi/Zope.Interface@5', type: 'pypi', name: 'Zope.Interface', version: '5' })).toEqual({
      ecosystem: 'PyPI',
      name: 'zope-interface',
      version: '5',
    })
  })
})
