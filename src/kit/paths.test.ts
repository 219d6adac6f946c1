import { expect, it } from 'vitest'
import { ancestorsOf, cleanPath, parentOf } from './paths.ts'

it.each([
  ['a/b', 'a/b'],
  ['./a/b', 'a/b'],
  ['/a/b', 'a/b'],
  ['a//b/./c/', 'a/b/c'],
  ['./', ''],
  ['.', ''],
  ['..a/b..', '..a/b..'],
  ['.wh.x', '.wh.x'],
  ['..', undefined],
  ['a/../b', undefined],
  ['../../etc/passwd', undefined],
  ['a/..', undefined],
  ['a\0b', undefined],
])('cleanPath(%j) is %j', (raw, clean) => {
  expect(cleanPath(raw)).toBe(clean)
})

it('names the folders above', () => {
  expect([...ancestorsOf('a/b/c')]).toEqual(['a/b', 'a'])
  expect([...ancestorsOf('a')]).toEqual([])
  expect([parentOf('a/b'), parentOf('a')]).toEqual(['a', ''])
})
