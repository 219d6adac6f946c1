import { expect, it } from 'vitest'
import { supportOf, supportWords } from './index.ts'

it.each([
  [{ id: 'debian', version: '12' }, { state: 'supported', until: '2028-06-30' }, undefined],
  [
    { id: 'debian', version: '9', name: 'Debian GNU/Linux 9 (stretch)' },
    { state: 'ended', until: '2022-06-30' },
    'Debian GNU/Linux 9 (stretch) got its last security updates on 2022-06-30: later weaknesses are not fixed, nor told by its advisories. A newer release clears this.',
  ],
  [{ id: 'wolfi', version: '20230201' }, { state: 'supported' }, undefined],
  [
    { id: 'plan9', version: '4' },
    { state: 'unknown' },
    'Until when plan9 4 gets security updates is not known here: whether later weaknesses are told is unknown.',
  ],
  [
    { id: 'constructor' },
    { state: 'unknown' },
    'Until when constructor gets security updates is not known here: whether later weaknesses are told is unknown.',
  ],
] as const)('%j is %j', (os, support, words) => {
  expect(supportOf(os, '2026-11-25')).toEqual(support)
  expect(supportWords(os, support)).toBe(words)
})

it('is supported on its last day', () => {
  const os = { id: 'alpine', version: '3.21' }
  expect(['2026-11-01', '2026-11-02'].map((day) => supportOf(os, day).state)).toEqual(['supported', 'ended'])
})
