import { constants, zstdCompressSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { unpack } from './unpack.ts'
import { cutAtFrames } from './zstd-frames.ts'

async function* pieces(bytes: Uint8Array, step: number): AsyncIterable<Uint8Array> {
  for (let at = 0; at < bytes.length; at += step) yield bytes.subarray(at, at + step)
}
const skippable = (content: string) => {
  const head = Buffer.from([0x53, 0x2a, 0x4d, 0x18, 0, 0, 0, 0])
  head.writeUInt32LE(content.length, 4)
  return Buffer.concat([head, Buffer.from(content)])
}
const noise = Buffer.from(Array.from({ length: 400_000 }, (_, i) => (i * i * 7919) >> 5))
const frames = [
  zstdCompressSync('first '),
  skippable('a table of contents'),
  zstdCompressSync(noise, { params: { [constants.ZSTD_c_checksumFlag]: 1 } }),
  zstdCompressSync(Buffer.alloc(300_000, 'x')),
  zstdCompressSync('', { params: { [constants.ZSTD_c_contentSizeFlag]: 0 } }),
  skippable(''),
  zstdCompressSync('last'),
]
const whole = Buffer.concat(frames)
const content = Buffer.concat([Buffer.from('first '), noise, Buffer.alloc(300_000, 'x'), Buffer.from('last')])

/** Damaged inside, and cut short. */
const both =
  'KLUv/WAAET0GAFJHGBtgidvwFfheVH+LwLFlDcMAC5tie/PmxmEYlB15mOtHoOFBN+vhqsP55GGJAIBmyVVnC0GwQIwAiB24IcUPl////3/GKTdOGExhQ8Kduvn3X8OPgzh1qIs/Hv/j7vp/qZsDJiAAAxIAAAAAAAAI0oAvKAAA//89YATaE210UIkCNpRH5gHEsU6PadrLKkwxqFogDkhAVW4IrKiddjeAjKEtMZFjqQIQJ01gVL4yDjiGYFrSKaAt1F6SDph8iIUQcMzA8AS0'

describe('zstd of several frames', () => {
  it.each([1, 2, 3, 7, 1000, 65_536, whole.length])('is read whole in pieces of %d', async (step) => {
    const read = Buffer.concat(await Array.fromAsync(unpack(pieces(whole, step), 'zstd', 'layer')))
    expect(read.equals(content)).toBe(true)
  })

  it('is cut where its frames end, and nowhere else', async () => {
    const cut = await Array.fromAsync(cutAtFrames(pieces(whole, whole.length), 'layer'))
    expect(cut.map(({ length }) => length)).toEqual(frames.map(({ length }) => length))
    expect(Buffer.concat(cut).equals(whole)).toBe(true)
  })

  it('is told broken for one reason, whoever is faster', async () => {
    const damaged = Buffer.from(both, 'base64')
    const reasons = new Set<string>()
    for (let i = 0; i < 400; i++) {
      await Array.fromAsync(unpack(pieces(damaged, damaged.length), 'zstd', 'layer')).catch(({ message }: Error) => reasons.add(message))
    }
    expect(reasons.size).toBe(1)
  })

  it.each([
    ['rubbish behind a frame', Buffer.concat([frames[0]!, Buffer.from('rubbish, and more of it')])],
    ['a second frame cut short', Buffer.concat([frames[0]!, frames[2]!.subarray(0, 3000)])],
    ['a frame without its checksum', frames[2]!.subarray(0, -4)],
  ])('is not whole with %s', async (_, bytes) => {
    await expect(Array.fromAsync(unpack(pieces(bytes, bytes.length), 'zstd', 'layer'))).rejects.toThrow('layer is not whole zstd data')
  })
})
