import { expect, it } from 'vitest'
import { checkVersions, compareVersions } from './versions.ts'

it.each([
  ['deb', '1.0~rc1', '1.0', '<'],
  ['debian', '1.0-1', '1.0-1', '='],
  ['Debian:12', '1:1.0', '2.0', '>'],
  ['npm', '1.0.0-beta.2', '1.0.0-beta.11', '<'],
])('compareVersions(%s, %s, %s) is %s', (scheme, a, b, order) => expect(compareVersions(scheme, a, b)).toBe(order))

it('says which version is none, and which schemes there are', () => {
  expect(() => compareVersions('npm', '1.0.0', 'latest')).toThrow('Expected two versions of Semantic Versioning 2.0.0; "latest" is none.')
  expect(() => compareVersions('cobol', '1', '2')).toThrow(/^Expected a version scheme \(.*deb, debian, .*semver, .*\), got "cobol"\.$/)
})

it('lists wrong lines with their number and why', () => {
  const text = '# order\n\n1.0 < 2.0\n// more\n2.0 < 1.0\r\n1.0 <= 1.0\n1.0 != 1.0\n1.0 ~ 2.0\n1.0 <\nx < 1.0\n'
  expect(checkVersions('deb', text)).toEqual({
    checked: 7,
    wrong: [
      { line: 5, text: '2.0 < 1.0', why: 'compares >' },
      { line: 7, text: '1.0 != 1.0', why: 'compares =' },
      { line: 8, text: '1.0 ~ 2.0', why: 'expected `A op B` with op <, <=, =, >=, > or !=' },
      { line: 9, text: '1.0 <', why: 'expected `A op B` with op <, <=, =, >=, > or !=' },
      { line: 10, text: 'x < 1.0', why: 'cannot be ordered by deb' },
    ],
  })
})
