import { stripVTControlCharacters } from 'node:util'
import { expect, it } from 'vitest'
import { humanLine } from './log.ts'

it('lets no name from outside steer the terminal', () => {
  const line = humanLine(
    JSON.stringify({
      level: 40,
      time: 0,
      msg: 'could not collect',
      target: 'dir:/srv/\u001b]0;owned\u0007\u009b31m\r\u202ex',
      err: { message: 'one\ntwo\u001b[2J' },
    }),
  )
  expect(stripVTControlCharacters(line).slice(9)).toBe('could not collect target=dir:/srv/ ]0;owned  31m  x one\ntwo [2J\n')
})
