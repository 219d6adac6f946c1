import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, expect, it } from 'vitest'
import { zipOf } from '../../test/zip.ts'
import { readZip } from './zip-file.ts'
import { zipLimits } from './zip.ts'

const folder = mkdtempSync(join(tmpdir(), 'zip-test-'))
const path = join(folder, 'a.zip')
afterAll(() => rmSync(folder, { recursive: true }))

async function read(archive: Uint8Array, limits = zipLimits): Promise<readonly (readonly [string, string])[]> {
  writeFileSync(path, archive)
  const entries: [string, string][] = []
  for await (const { name, bytes } of readZip(path, limits)) entries.push([name, bytes.toString()])
  return entries
}

it('gives entries in directory order, deflated or stored', async () => {
  const archive = zipOf([
    { name: 'b.json', content: '{"b":1}' },
    { name: 'a.json', content: 'x'.repeat(300_000).replace(/x{100}/g, (run, at: number) => run + at) },
    { name: 'c.json', content: '', method: 0 },
    { name: 'd.json', content: 'plain', method: 0 },
  ])
  const entries = await read(archive)
  expect(entries.map(([name]) => name)).toEqual(['b.json', 'a.json', 'c.json', 'd.json'])
  expect(entries[0]?.[1]).toBe('{"b":1}')
  expect(entries[1]?.[1].length).toBeGreaterThan(300_000)
  expect(entries[2]?.[1]).toBe('')
  expect(entries[3]?.[1]).toBe('plain')
})

const good = zipOf([{ name: 'a.json', content: 'hello hello hello' }])
const flipped = Buffer.from(good)
flipped.writeUInt8((flipped[40] ?? 0) ^ 0x55, 40)

it.each([
  ['a way up', zipOf([{ name: '../a.json', content: '1' }]), /plain file name/],
  ['a folder', zipOf([{ name: 'a/b.json', content: '1' }]), /entry "a\/b.json" is not a plain file name/],
  ['an absolute name', zipOf([{ name: '/a.json', content: '1' }]), /entry "\/a.json" is not a plain file name/],
  ['a bomb by ratio', zipOf([{ name: 'a.json', content: Buffer.alloc(1 << 20) }]), /unpacks more than 250 to 1/],
  ['an encrypted entry', zipOf([{ name: 'a.json', content: '1', encrypted: true }]), /encrypted/],
  ['an unknown method', zipOf([{ name: 'a.json', content: '1', method: 12 }]), /unknown method 12/],
  [
    'more content than it says',
    zipOf([{ name: 'a.json', content: 'abcdefgh', claimedSize: 3 }]),
    /has more than the 3 bytes its directory says/,
  ],
  ['less content than it says', zipOf([{ name: 'a.json', content: 'abc', claimedSize: 30 }]), /has 3 bytes, its directory says 30/],
  ['a cut end', good.subarray(0, good.length - 30), /truncated/i],
  ['a cut beginning', good.subarray(20), /zip archive/],
  ['damaged content', flipped, /zip archive/],
  ['nothing', Buffer.alloc(0), /zip archive/],
  ['a web page', Buffer.from('<!doctype html><title>Sign in</title>'), /is not a zip archive/],
])('refuses %s', async (_, archive, words) => {
  await expect(read(archive)).rejects.toMatchObject({ name: 'AppError', code: 'invalid', message: expect.stringMatching(words) })
})

it.each([
  ['entries', { entries: 1 }, /holds 2 entries, at most 1/],
  ['bytes of one entry', { entryBytes: 3 }, /unpacks to 4 bytes, at most 3/],
  ['bytes in all', { totalBytes: 7 }, /more than 7 bytes/],
])('keeps to its limit of %s', async (_, limit, words) => {
  const archive = zipOf([
    { name: 'a', content: 'aaaa' },
    { name: 'b', content: 'bbbb' },
  ])
  await expect(read(archive, { ...zipLimits, ...limit })).rejects.toThrow(words)
})

it('never gives wrong content for damaged bytes', async () => {
  await fc.assert(
    fc.asyncProperty(fc.nat(good.length - 1), fc.integer({ min: 1, max: 255 }), async (at, mask) => {
      const archive = Buffer.from(good)
      archive.writeUInt8((archive[at] ?? 0) ^ mask, at)
      try {
        for (const [, content] of await read(archive)) expect(content).toBe('hello hello hello')
      } catch (thrown) {
        expect(thrown).toMatchObject({ name: 'AppError', code: 'invalid' })
      }
    }),
    { numRuns: 300 },
  )
})
