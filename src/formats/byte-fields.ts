/** Numbers and words of a binary header: byte order and width of an address are those of the file. Reading past the end throws. */
export type ByteFields = {
  readonly length: number
  u8(at: number): number
  u16(at: number): number
  u32(at: number): number
  /** Exact up to 2^53: whoever uses it as a place in a file checks that it is one. */
  u64(at: number): number
  /** 4 or 8 bytes. */
  address(at: number): number
  /** Latin-1 up to a NUL, at most `most` characters. */
  text(at: number, most: number): string
}

export function byteFields(bytes: Uint8Array, little: boolean, bits: 32 | 64): ByteFields {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const u32 = (at: number) => view.getUint32(at, little)
  const u64 = (at: number) => Number(view.getBigUint64(at, little))
  return {
    length: bytes.length,
    u8: (at) => view.getUint8(at),
    u16: (at) => view.getUint16(at, little),
    u32,
    u64,
    address: bits === 64 ? u64 : u32,
    text: (at, most) => textAt(bytes, at, most),
  }
}

function textAt(bytes: Uint8Array, at: number, most: number): string {
  const piece = bytes.subarray(at, at + most)
  const end = piece.indexOf(0)
  return Buffer.from(end === -1 ? piece : piece.subarray(0, end)).toString('latin1')
}
