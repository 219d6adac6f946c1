import { pathToFileURL } from 'node:url'
import { expect, it } from 'vitest'
import { below, fileCursor, heldMark } from './mirror.ts'

it.each([
  ['https://example.org/m', ['osv', 'Rocky Linux', 'all.zip'], 'https://example.org/m/osv/Rocky%20Linux/all.zip'],
  ['https://example.org/m/', ['a#b?c.json'], 'https://example.org/m/a%23b%3Fc.json'],
  ['file:///srv/mirror', ['epss'], 'file:///srv/mirror/epss'],
  ['/srv/my mirror', ['epss'], 'file:///srv/my%20mirror/epss'],
  ['mirror', ['epss'], `${pathToFileURL('mirror').href}/epss`],
])('finds a file below %s', (base, segments, expected) => {
  expect(below(base, ...segments)).toBe(expected)
})

it.each([['..'], ['.'], [''], ['a/b'], ['a\\b'], ['a\0']])('takes %j for no name', (segment) => {
  expect(() => below('/srv/mirror', 'osv', segment)).toThrow(expect.objectContaining({ code: 'invalid' }))
})

it('holds what a file is known by, for its own address only', () => {
  const file = { path: '', bytes: 1, sha256: '', etag: '"1"', dispose: async () => undefined }
  const cursor = fileCursor('https://example.org/a', file)
  expect(heldMark(cursor, 'https://example.org/a')).toEqual({ etag: '"1"' })
  expect(heldMark(cursor, 'https://example.org/b')).toEqual({})
  expect(heldMark('{', 'https://example.org/a')).toEqual({})
  expect(heldMark(undefined, 'https://example.org/a')).toEqual({})
})
