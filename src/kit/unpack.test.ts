import { gzipSync, zstdCompressSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { limits } from './limits.ts'
import { compressionOf, unpack, unreadFormat } from './unpack.ts'

async function* pieces(bytes: Uint8Array, step = 1000): AsyncIterable<Uint8Array> {
  for (let at = 0; at < bytes.length; at += step) yield bytes.subarray(at, at + step)
}
async function unpacked(bytes: Uint8Array, most = limits): Promise<string> {
  return Buffer.concat(await Array.fromAsync(unpack(pieces(bytes), compressionOf(bytes), 'layer', most))).toString()
}
const text = 'some text '.repeat(500)

it.each([
  ['bzip2', 'BZh91AY&SY'],
  ['bzip2', 'BZh9\x17rE8P\x90'],
  ['xz', '\xfd7zXZ\0\0\x04\xe6\xd6'],
  ['7z', '7z\xbc\xaf\x27\x1c\0\x04'],
  ['RAR', 'Rar!\x1a\x07\x01\0'],
  ['lz4', '\x04\x22\x4d\x18\x64\x40'],
  ['lzip', 'LZIP\x01\x0c'],
  ['compress', '\x1f\x9d\x90'],
  [undefined, 'BZh9.txt\0\0'],
  [undefined, 'BZh'],
  [undefined, 'LZIP-notes'],
  [undefined, '\x1f\x8b\x08'],
  [undefined, ''],
])('names %s by its first bytes', (name, head) => {
  expect(unreadFormat(Buffer.from(head, 'latin1'))).toBe(name)
})

describe('unpack', () => {
  it.each([
    ['none', Buffer.from(text)],
    ['gzip', gzipSync(text)],
    ['zstd', zstdCompressSync(text)],
  ] as const)('reads %s', async (compression, bytes) => {
    expect(compressionOf(bytes)).toBe(compression)
    expect(await unpacked(bytes)).toBe(text)
  })

  it.each([
    ['gzip', gzipSync(text).subarray(0, 40)],
    ['gzip', Buffer.concat([gzipSync(text).subarray(0, 30), Buffer.from('rubbish')])],
    ['zstd', zstdCompressSync(text).subarray(0, 15)],
  ])('refuses broken %s', async (compression, bytes) => {
    await expect(unpacked(bytes)).rejects.toThrow(`layer is not whole ${compression} data`)
  })

  it('passes on what the source throws', async () => {
    async function* failing(): AsyncIterable<Uint8Array> {
      yield gzipSync(text).subarray(0, 10)
      throw new Error('the disk is gone')
    }
    await expect(Array.fromAsync(unpack(failing(), 'gzip', 'layer'))).rejects.toThrow('the disk is gone')
  })

  it('stops a bomb by its ratio', async () => {
    const bomb = gzipSync(Buffer.alloc(4 << 20))
    await expect(unpacked(bomb, { ...limits, ratioFromBytes: 1 << 20 })).rejects.toThrow(/layer unpacks to more than 200 times its size/)
  })

  it('stops a bomb by its size', async () => {
    const bomb = gzipSync(Buffer.alloc(4 << 20))
    await expect(unpacked(bomb, { ...limits, unpackedBytes: 1 << 20 })).rejects.toThrow(
      'layer unpacks to more than 1048576 bytes: not read further',
    )
  })
})
