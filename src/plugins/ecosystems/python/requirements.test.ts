import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { extractorContract, fileOf, near } from '../../../../test/contracts/extractor.ts'
import { listed } from '../../../../test/listed.ts'
import { parseRequirement } from './requirement.ts'
import { requirementsTxt } from './requirements-txt.ts'

const fixture = (name: string): string => readFileSync(join(import.meta.dirname, 'fixtures', name), 'utf8')

extractorContract(requirementsTxt, {
  path: 'srv/requirements.txt',
  content: fixture('compiled.txt'),
  wants: [
    ...['requirements.txt', 'requirements-dev.txt', 'dev-requirements.txt', 'requirements_test.txt', 'a/requirements/base.txt'],
    ...['requirements.in', 'constraints.txt', 'a/upper-constraints.txt', 'requirements.lock.txt', 'Requirements.txt'],
  ],
  refuses: [
    'readme.txt',
    'requirements.md',
    'a/site-packages/x/requirements.txt',
    'requires.txt',
    'requirements.txt.bak',
    'src/b.egg-info/SOURCES.txt',
  ],
})

describe('a requirement of PEP 508', () => {
  it.each([
    ['Django==4.1.7', { name: 'Django', extras: [], asked: '==4.1.7', pin: '4.1.7' }],
    ['a.b-c_d', { name: 'a.b-c_d', extras: [], asked: '' }],
    ['requests[security, socks] >= 2.28, < 3', { name: 'requests', extras: ['security', 'socks'], asked: '>=2.28,<3' }],
    ['x (>=1,<2)', { name: 'x', extras: [], asked: '>=1,<2' }],
    [
      'x~=1.4.5; python_version<"3" and extra == "a"',
      { name: 'x', extras: [], asked: '~=1.4.5', marker: 'python_version<"3" and extra == "a"' },
    ],
    ['x===1.0-custom', { name: 'x', extras: [], asked: '===1.0-custom', pin: '1.0-custom' }],
    ['x==1.*', { name: 'x', extras: [], asked: '==1.*' }],
    ['x>=1,==1.2,!=1.3', { name: 'x', extras: [], asked: '>=1,==1.2,!=1.3', pin: '1.2' }],
    [
      'x @ https://u:p@example.org/x-1.2-1-py3-none-any.whl?token=1#sha256=0 ; a',
      {
        ...{ name: 'x', extras: [], asked: '@ https://example.org/x-1.2-1-py3-none-any.whl', pin: '1.2', marker: 'a' },
      },
    ],
    ['x@git+ssh://git@example.org/x.git', { name: 'x', extras: [], asked: '@ git+ssh://example.org/x.git' }],
  ])('%s', (text, expected) => expect(parseRequirement(text)).toEqual(expected))
  it.each(
    ['', '==1', '-x', 'x-', 'x y', 'x==1 2', 'x=1', 'x>', 'x[a', 'x @', 'x (>=1', 'é', 'x^1', `x${'.'.repeat(9_000)}`].filter(
      (text) => text !== 'x==1;;',
    ),
  )('is not %j', (text) => expect(parseRequirement(text)).toBeUndefined())
})

describe('requirements.txt', () => {
  it('has pinned and declared packages, those of its constraints, and of files nobody else reads', async () => {
    const files = {
      'srv/constraints.txt': 'uvicorn==0.20.0\nDjango==1.0\nelsewhere==1\n',
      'srv/base.list': '-r requirements.txt\nredis==4.3.4\nsix>=1\n',
      'srv/requirements-dev.txt': 'pytest==7.2.1\n',
    }
    expect(await listed(requirementsTxt, 'srv/requirements.txt', fixture('requirements.txt'), files)).toEqual({
      list: [
        ['pkg:pypi/django@4.1.7', 'runtime', 'direct'],
        ['pkg:pypi/zope.interface@5.5.2', 'runtime', 'direct'],
        ['pkg:pypi/requests', 'declared', 'direct', '>=2.28,<3'],
        ['pkg:pypi/uvicorn@0.20.0', 'runtime', 'direct'],
        ['pkg:pypi/flask', 'declared', 'direct', '==2.2.*'],
        ['pkg:pypi/click@8.1.3', 'runtime', 'direct'],
        ['pkg:pypi/pyyaml@6.0', 'runtime', 'direct'],
        ['pkg:pypi/pip@22.0.2', 'runtime', 'direct'],
        ['pkg:pypi/our-tool', 'declared', 'direct', '@ git+https://example.org/tool.git@v1.0'],
        ['pkg:pypi/redis@4.3.4', 'runtime', 'direct'],
        ['pkg:pypi/six', 'declared', 'direct', '>=1'],
      ],
      gaps: [],
    })
    const { occurrences } = await requirementsTxt.read(fileOf('srv/requirements.txt', fixture('requirements.txt')), near(files))
    expect(occurrences.map(({ at, hashes }) => (at.path === 'srv/requirements.txt' ? (hashes ?? '') : at.path))).toEqual([
      ...['', '', '', '', '', [`sha256:${'a'.repeat(64)}`, `sha256:${'b'.repeat(64)}`], '', '', ''],
      ...['srv/base.list', 'srv/base.list'],
    ])
  })
  it('that is compiled says who asked for each package', async () => {
    expect((await listed(requirementsTxt, 'requirements.txt', fixture('compiled.txt'))).list).toEqual([
      ['pkg:pypi/click@8.1.3', 'runtime', 'direct'],
      ['pkg:pypi/flask@2.2.2', 'runtime', 'direct', 'pkg:pypi/click@8.1.3', 'pkg:pypi/jinja2@3.1.2', 'pkg:pypi/werkzeug@2.2.3'],
      ['pkg:pypi/jinja2@3.1.2', 'runtime', 'pkg:pypi/markupsafe@2.1.2'],
      ['pkg:pypi/markupsafe@2.1.2', 'runtime'],
      ['pkg:pypi/werkzeug@2.2.3', 'runtime', 'pkg:pypi/markupsafe@2.1.2'],
    ])
  })
  it.each([
    ['requirements-dev.txt', 'dev'],
    ['requirements/test.txt', 'dev'],
    ['docs/requirements.txt', 'dev'],
    ['requirements/production.txt', 'runtime'],
    ['device/requirements.txt', 'runtime'],
  ])('%s is there for %s', async (path, scope) =>
    expect((await listed(requirementsTxt, path, 'a==1')).list).toEqual([['pkg:pypi/a@1', scope, 'direct']]),
  )
  it('of constraints installs nothing', async () => {
    expect((await listed(requirementsTxt, 'constraints.txt', 'a==1\n')).list).toEqual([['pkg:pypi/a', 'declared', '==1']])
  })
  it('that is compiled into another is left to that', async () => {
    expect((await listed(requirementsTxt, 'requirements.in', 'a\n', { 'requirements.txt': '' })).list).toEqual([])
    expect((await listed(requirementsTxt, 'requirements.in', 'a\n')).list).toEqual([['pkg:pypi/a', 'declared', 'direct']])
  })
  it('in the encodings of PowerShell is read', async () => {
    const little = Buffer.from('\ufeffa==1\r\nb==2\r\n', 'utf16le')
    for (const bytes of [little, Buffer.from(little).swap16(), Buffer.from('\ufeffa==1\rb==2')])
      expect((await listed(requirementsTxt, 'requirements.txt', bytes)).list.map(([purl]) => purl)).toEqual([
        'pkg:pypi/a@1',
        'pkg:pypi/b@2',
      ])
  })
  it.each([
    ['--extra-index-url https://example.org\n--pre\n-f x\n--hash=sha256:0\n# only a comment', []],
    ['a==1#no comment', ['expected a requirement, got "a==1"']],
    ['a == 1 \\\n# a comment ends it\nb', []],
    [
      '-r https://u:p@example.org/r.txt',
      ['includes "https://example.org/r.txt", which is not in what was looked at: its packages are unknown'],
    ],
    ['-r ../../up.txt', ['includes "../../up.txt", which is not in what was looked at: its packages are unknown']],
    ['-rmore.list', ['includes "more.list", which is not there: its packages are unknown']],
    ['--requirement=more.list', ['includes "more.list", which is not there: its packages are unknown']],
    ['https://u:p@example.org/x.zip', ['expected a requirement, got "https://example.org/x.zip"']],
    ['not a requirement', ['expected a requirement, got "not a requirement"']],
    ['file:///srv/x\n./y\n../z[extra]\ndist/x\n-e git+file:///x\n.', []],
  ])('tells what it cannot read of %j', async (content, gaps) =>
    expect((await listed(requirementsTxt, 'a/requirements.txt', content)).gaps).toEqual(gaps),
  )
  it('that includes itself, or without end, ends', async () => {
    const files = Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`${i}.list`, `-r ${i + 1}.list\n-r ${i}.list\nx${i}==1`]))
    const { list, gaps } = await listed(requirementsTxt, 'requirements.txt', '-r 0.list', files)
    expect([list.length, gaps]).toEqual([63, ['includes more than 64 files: not read further']])
  })
  it('of millions of blanks, dashes and continued lines is read in time', async () => {
    for (const content of [
      ' '.repeat(2_000_000),
      'a-'.repeat(1_000_000),
      'a\\\n'.repeat(700_000),
      '# via\n#   x\n'.repeat(200_000),
      `a==1 ${'#'.repeat(2_000_000)}`,
    ])
      expect((await listed(requirementsTxt, 'requirements.txt', content)).list.length).toBeLessThan(2)
  })
})
