import { describe, expect, it } from 'vitest'
import { parseJsonc } from './jsonc.ts'

describe('JSON with comments', () => {
  it.each([
    ['{"a":[1,2,],}', { a: [1, 2] }],
    ['{ // one\n "a": "// no, \\" comment ,}", /* two */ "b": 1, // three\n}', { a: '// no, " comment ,}', b: 1 }],
    ['[1 /* , */ ]', [1]],
    ['[1, // a\n]', [1]],
    ['\ufeff1 // the end', 1],
  ])('reads %j', (text, value) => expect(parseJsonc(text)).toEqual(value))
  it.each(['', '{', '[,]x', '1 /* open', '"', '[1,,2]', '// "'])('throws on %j', (text) =>
    expect(() => parseJsonc(text)).toThrow(SyntaxError),
  )
  it('takes time as long as the text, whatever is in it', () => {
    for (const one of ['/*', '"', '\\', ',', ', ']) expect(() => parseJsonc(one.repeat(1_000_000))).toThrow(SyntaxError)
  })
})
