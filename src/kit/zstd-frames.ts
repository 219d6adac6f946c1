import { AppError } from '../model/errors.ts'

/** What comes next in a stream of zstd frames (RFC 8878 section 3.1). */
type Part = 'magic' | 'descriptor' | 'header' | 'block' | 'content' | 'last' | 'checksum' | 'skip size' | 'unknown'

/** Bytes to collect before a part can be read; of the others the content is only counted. */
const collected: Partial<Record<Part, number>> = { magic: 4, descriptor: 1, block: 3, 'skip size': 4 }

/**
 * The same bytes, in pieces of which none goes past the end of a frame. Node's decompressor stops at the end of a frame and drops what
 * follows in the same piece; at the beginning of a piece it takes a next one. What is no frame is passed on for it to refuse. An end
 * inside a frame, which it does not always notice, is AppError `invalid` for `onCut`, who by default throws it.
 */
export async function* cutAtFrames(
  source: AsyncIterable<Uint8Array>,
  named: string,
  onCut: (why: AppError) => void = (why) => {
    throw why
  },
): AsyncIterable<Uint8Array> {
  const walk = frameWalk()
  for await (const piece of source) {
    let begun = 0
    for (let at = 0; at < piece.length; ) {
      const { taken, ended } = walk.take(piece.subarray(at))
      at += taken
      if (!ended) continue
      yield piece.subarray(begun, at)
      begun = at
    }
    if (begun < piece.length) yield piece.subarray(begun)
  }
  if (walk.inside()) onCut(new AppError('invalid', `${named} is not whole zstd data: it ends inside a frame`))
}

/** Takes bytes of one part at a time, and says when with them a frame ended. */
function frameWalk() {
  let part: Part = 'magic'
  let left = 4
  let value = 0
  let checksum = false

  const to = (next: Part, bytes: number = collected[next] ?? 0): boolean => {
    part = next
    left = bytes
    value = 0
    // A part of no bytes is over at once.
    return bytes === 0 && over()
  }
  /** The part was taken whole: what follows. True at the end of a frame. */
  function over(): boolean {
    switch (part) {
      case 'magic':
        if (value === 0xfd2fb528) return to('descriptor')
        return value >= 0x184d2a50 && value <= 0x184d2a5f ? to('skip size') : to('unknown', Number.POSITIVE_INFINITY)
      case 'descriptor':
        checksum = (value & 4) !== 0
        return to('header', headerBytes(value))
      case 'header':
        return to('block')
      case 'block': {
        // A block of one byte repeated says how often, and holds the byte.
        const bytes = ((value >> 1) & 3) === 1 ? 1 : value >> 3
        return to((value & 1) === 1 ? 'last' : 'content', bytes)
      }
      case 'content':
        return to('block')
      case 'last':
        return checksum ? to('checksum', 4) : ended()
      case 'skip size':
        return to('checksum', value)
      case 'checksum':
        return ended()
      case 'unknown':
        return false
    }
  }
  function ended(): boolean {
    to('magic')
    return true
  }
  return {
    inside: () => part !== 'unknown' && (part !== 'magic' || left < 4),
    take(bytes: Uint8Array): { readonly taken: number; readonly ended: boolean } {
      const taken = Math.min(left, bytes.length)
      const width = collected[part]
      // Little endian.
      if (width !== undefined) for (let i = 0; i < taken; i++) value += bytes[i]! * 2 ** (8 * (width - left + i))
      left -= taken
      return { taken, ended: left === 0 && over() }
    },
  }
}

/** Bytes of a frame's header behind its descriptor: window, dictionary, size of the content. */
function headerBytes(descriptor: number): number {
  const single = (descriptor & 0x20) !== 0
  const size = descriptor >> 6
  return (single ? 0 : 1) + [0, 1, 2, 4][descriptor & 3]! + (size === 0 ? (single ? 1 : 0) : 2 ** size)
}
