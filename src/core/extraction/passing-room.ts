/** Bytes of a file for which a buffer of its own is cheap, and of the room for one that is larger. */
const [SMALL, ROOM] = [1 << 14, 1 << 22]

/**
 * Room for files that come by: one place used again and again, and for a large file one that is given back at once. A layer holds a
 * gigabyte of programs; left to the collector, they would fill the memory before it looks.
 */
export function passingRoom(): { take(size: number): Buffer<ArrayBuffer> | undefined; free(content: Buffer): void } {
  let kept: Buffer<ArrayBuffer> | undefined
  let taken = false
  const large = new Set<ArrayBufferLike>()
  return {
    take(size) {
      if (size > ROOM) {
        const bytes = Buffer.allocUnsafeSlow(size)
        large.add(bytes.buffer)
        return bytes
      }
      if (taken || size < SMALL) return undefined
      kept ??= Buffer.allocUnsafeSlow(ROOM)
      taken = true
      return kept.subarray(0, size)
    },
    free(content) {
      if (content.buffer === kept?.buffer) taken = false
      if (content.buffer instanceof ArrayBuffer && large.delete(content.buffer)) content.buffer.transfer(0)
    },
  }
}
