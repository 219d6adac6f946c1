import { describe, expect, it } from 'vitest'
import { storable } from './storable.ts'

describe('storable', () => {
  it.each([
    ['a\0b', 'a\ufffdb'],
    ['half \ud800 pair', 'half \ufffd pair'],
    ['\ud83d\ude00', '\ud83d\ude00'],
    [
      { a: ['\0', 1, null, { b: '\udc00' }], c: undefined },
      { a: ['\ufffd', 1, null, { b: '\ufffd' }], c: undefined },
    ],
    [{ '\0': true }, { '\ufffd': true }],
  ])('%j', (value, expected) => expect(storable<unknown>(value)).toEqual(expected))
  it('gives back what needs no change, and what is no plain data', () => {
    const value = { a: [{ b: 'text' }], at: new Date(0), bytes: Buffer.from('\0') }
    expect(storable(value)).toBe(value)
  })
})
