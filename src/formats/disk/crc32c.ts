const table = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1
  return crc
})

/**
 * CRC-32C (Castagnoli) as file systems use it: the running value, neither inverted before nor after. Begin with `~0`; the usual
 * checksum is the inverse of what comes out.
 */
export function crc32c(crc: number, bytes: Uint8Array): number {
  let running = crc >>> 0
  for (let at = 0; at < bytes.length; at++) running = (running >>> 8) ^ table[(running ^ bytes[at]!) & 0xff]!
  return running >>> 0
}

/** The four bytes of a number, for what checksums are seeded with. */
export function bytesOf32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32LE(value >>> 0)
  return bytes
}
