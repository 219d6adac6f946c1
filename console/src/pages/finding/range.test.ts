import { expect, test } from 'vitest'
import { rangeInWords } from './range.ts'

test.each([
  [{ type: 'ECOSYSTEM', events: [{ introduced: '0' }, { fixed: '1.2.3-1' }] }, 'from the first version, before 1.2.3-1'],
  [{ range: { type: 'SEMVER', events: [{ introduced: '2.0.0' }, { last_affected: '2.4.1' }] } }, 'from 2.0.0, up to 2.4.1'],
  [{ type: 'SEMVER', events: [{ introduced: '1.0.0' }, { limit: '2.0.0' }] }, 'from 1.0.0, below 2.0.0'],
  [{ version: '5.6.0-0.1' }, 'exactly 5.6.0-0.1'],
  [undefined, 'Unknown'],
  ['<2', '<2'],
  [{ other: 1 }, '{"other":1}'],
])('%j reads %s', (range, words) => {
  expect(rangeInWords(range)).toBe(words)
})
