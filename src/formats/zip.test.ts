import { describe, expect, it } from 'vitest'
import { zipOf, type Packed } from '../../test/zip.ts'
import { bytesSource, openZip, zipLimits, type Unpacked } from './zip.ts'

/** Path and content of each entry; instead of the content, why there is none. */
async function contents(archive: Uint8Array, limits = zipLimits, unpacked?: Unpacked) {
  const zip = await openZip(bytesSource(archive), limits, unpacked)
  const found: (readonly [string | undefined, string])[] = []
  for (const entry of zip.entries()) {
    const content = await zip.read(entry).then(String, (thrown: Error) => `! ${thrown.message}`)
    found.push([entry.path, content])
  }
  return found
}

const entries: readonly Packed[] = [
  { name: 'META-INF/', content: '', method: 0 },
  { name: 'META-INF/MANIFEST.MF', content: 'Manifest-Version: 1.0\n' },
  { name: 'lib/é.jar', content: 'plain', method: 0 },
]
const found = [
  ['META-INF', ''],
  ['META-INF/MANIFEST.MF', 'Manifest-Version: 1.0\n'],
  ['lib/é.jar', 'plain'],
]

describe('openZip', () => {
  it.each([
    ['plain', zipOf(entries)],
    ['with a comment', zipOf(entries, { comment: 'made by PK\x05\x06 us, and this is long enough for an end record' })],
    ['large', zipOf(entries, { zip64: true })],
    ['written without going back', zipOf(entries.map((entry) => ({ ...entry, descriptor: true })))],
    ['behind a program', Buffer.concat([Buffer.from('#!/bin/sh\nexec java -jar "$0"\n'), zipOf(entries)])],
    ['large behind a program', Buffer.concat([Buffer.alloc(100_000, 'x'), zipOf(entries, { zip64: true })])],
    ['before foreign bytes', Buffer.concat([zipOf(entries), Buffer.from('\n\n')])],
  ])('reads an archive %s', async (_, archive) => {
    expect(await contents(archive)).toEqual(found)
  })

  it('tells folders, and reads one entry without the others', async () => {
    const zip = await openZip(bytesSource(zipOf(entries)))
    const listed = [...zip.entries()]
    expect(listed.map(({ isFolder, size, method }) => [isFolder, size, method])).toEqual([
      [true, 0, 0],
      [false, 22, 8],
      [false, 5, 0],
    ])
    expect(String(await zip.read(listed[2]!))).toBe('plain')
  })

  it('gives no path to names that lead out, and one to those that only look odd', async () => {
    const names = ['../a', 'a/../../b', '/etc/passwd', 'a\\b', '..\\c', 'C:\\d', './e//f', 'a\0b', '.', '', 'x', 'X', 'x']
    const archive = zipOf(names.map((name, i) => ({ name, content: String(i) })))
    expect(await contents(archive)).toEqual([
      [undefined, '0'],
      [undefined, '1'],
      ['etc/passwd', '2'],
      ['a/b', '3'],
      [undefined, '4'],
      ['C:/d', '5'],
      ['e/f', '6'],
      [undefined, '7'],
      [undefined, '8'],
      [undefined, '9'],
      ['x', '10'],
      ['X', '11'],
      ['x', '12'],
    ])
  })

  it('refuses single entries and goes on', async () => {
    const archive = zipOf([
      { name: 'secret', content: '1', encrypted: true },
      { name: 'odd', content: '1', method: 12 },
      { name: 'bomb', content: Buffer.alloc(1 << 20) },
      { name: 'short', content: 'abc', claimedSize: 30 },
      { name: 'good', content: 'abc' },
    ])
    expect(await contents(archive)).toEqual([
      ['secret', '! entry "secret" is encrypted'],
      ['odd', '! entry "odd" is packed by unknown method 12'],
      ['bomb', '! entry "bomb" unpacks more than 250 to 1'],
      ['short', '! entry "short" has 3 bytes, its directory says 30'],
      ['good', 'abc'],
    ])
  })

  it('shares the limit of bytes among archives inside one another', async () => {
    const unpacked = { bytes: 0 }
    const one = zipOf([{ name: 'a', content: 'aaaa' }])
    const limits = { ...zipLimits, totalBytes: 7 }
    expect(await contents(one, limits, unpacked)).toEqual([['a', 'aaaa']])
    expect(await contents(one, limits, unpacked)).toEqual([['a', '! unpacks to more than 7 bytes']])
  })

  it('refuses entries that all lie over the same bytes', async () => {
    const one = zipOf([{ name: 'a', content: Buffer.alloc(60_000) }])
    const at = one.indexOf('PK\x01\x02', 0, 'latin1')
    const line = one.subarray(at, one.length - 22)
    const end = Buffer.from(one.subarray(one.length - 22))
    end.writeUInt16LE(500, 8)
    end.writeUInt16LE(500, 10)
    end.writeUInt32LE(line.length * 500, 12)
    const archive = Buffer.concat([one.subarray(0, at), ...Array.from({ length: 500 }, () => line), end])
    expect((await contents(archive)).at(-1)).toEqual(['a', '! unpacks more than 250 to 1'])
  })

  const good = zipOf(entries)
  it.each([
    ['cut at its end', good.subarray(0, good.length - 30), 'is truncated: it has no end record'],
    ['cut at its beginning', good.subarray(20), /is truncated: its directory should end at byte \d+, not at \d+/],
    ['nothing', Buffer.alloc(0), 'is not a zip archive'],
    ['text', Buffer.from('<!doctype html><title>Sign in</title>'), 'is not a zip archive'],
  ])('refuses what is %s', async (_, archive, words) => {
    await expect(contents(archive)).rejects.toMatchObject({ code: 'invalid', message: expect.stringMatching(words) })
  })

  it('keeps to its limit of entries, whatever the archive tells', async () => {
    const archive = Buffer.from(good)
    await expect(contents(archive, { ...zipLimits, entries: 2 })).rejects.toThrow('holds 3 entries, at most 2 are read')
    archive.writeUInt16LE(1, archive.length - 12)
    await expect(contents(archive, { ...zipLimits, entries: 2 })).rejects.toThrow('holds more than 2 entries')
    await expect(contents(archive)).rejects.toThrow('1 entries told, 3 there')
  })
})
