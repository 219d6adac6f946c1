import { expect, it } from 'vitest'
import { pathBudget } from './path-budget.ts'

it.each([
  ['usr/bin', 'ls', 'usr/bin/ls'],
  ['/usr/bin/', 'ls', 'usr/bin/ls'],
  ['', '.profile', '.profile'],
  ['/', 'init', 'init'],
  ['usr', '', undefined],
  ['x'.repeat(4096), 'y', undefined],
])('joins %s and %s', (folder, name, path) => expect(pathBudget().join(folder, name)).toBe(path))

it('stops where its characters are spent, and says so', () => {
  const budget = pathBudget(20)
  expect([budget.join('usr/bin', 'ls'), budget.spent()]).toEqual(['usr/bin/ls', undefined])
  expect([budget.join('usr/bin', 'cat'), budget.join('', 'a')]).toEqual([undefined, undefined])
  expect(budget.spent()).toBe('more than 20 characters of file names: the owners of further files are unknown')
})
