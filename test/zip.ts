import { crc32, deflateRawSync } from 'node:zlib'

/** What to put into an archive; the odd members are for archives that lie. */
export type Packed = {
  readonly name: string
  readonly content: string | Uint8Array
  readonly claimedSize?: number
  readonly encrypted?: boolean
  readonly method?: number
  /** Sizes and checksum behind the content, as a writer that cannot go back does (section 4.3.9). */
  readonly descriptor?: boolean
  /** Type and permission bits of Unix. */
  readonly mode?: number
}
export type Odd = {
  /** Sizes, offsets and the count as a large archive writes them (sections 4.3.14 and 4.5.3). */
  readonly zip64?: boolean
  readonly comment?: string
}

/** A zip archive (APPNOTE 6.3.10, sections 4.3.7, 4.3.12, 4.3.16), deflated, up to 65,535 entries. */
export function zipOf(entries: readonly Packed[], { zip64 = false, comment = '' }: Odd = {}): Buffer {
  const local: Buffer[] = []
  const central: Buffer[] = []
  let at = 0
  for (const { name, content, claimedSize, encrypted, method = 8, descriptor = false, mode } of entries) {
    const raw = Buffer.from(content)
    const packed = method === 0 ? raw : deflateRawSync(raw)
    const size = claimedSize ?? raw.length
    const file = Buffer.from(name)
    const flags = 0x0800 | (encrypted ? 1 : 0) | (descriptor ? 8 : 0)
    const sizes = numbers([crc32(raw), packed.length, size], 4)
    const start = Buffer.concat([numbers([20, flags, method, 0, 0], 2), descriptor ? Buffer.alloc(12) : sizes, numbers([file.length], 2)])
    const after = descriptor ? Buffer.concat([Buffer.from('PK\x07\x08', 'latin1'), sizes]) : Buffer.alloc(0)
    const whole = Buffer.concat([Buffer.from('PK\x03\x04', 'latin1'), start, Buffer.alloc(2), file, packed, after])
    const extra = zip64 ? Buffer.concat([numbers([1, 24], 2), numbers([size, packed.length, at], 8)]) : Buffer.alloc(0)
    const told = zip64 ? numbers([crc32(raw), FULL, FULL], 4) : sizes
    local.push(whole)
    central.push(
      Buffer.from(`PK\x01\x02\x14${mode === undefined ? '\x00' : '\x03'}`, 'latin1'),
      Buffer.concat([numbers([20, flags, method, 0, 0], 2), told, numbers([file.length, extra.length, 0, 0, 0, 0, mode ?? 0], 2)]),
      numbers([zip64 ? FULL : at], 4),
      file,
      extra,
    )
    at += whole.length
  }
  const directory = Buffer.concat(central)
  const count = zip64 ? 0xffff : entries.length
  const end = [
    Buffer.from('PK\x05\x06', 'latin1'),
    numbers([0, 0, count, count], 2),
    numbers(zip64 ? [FULL, FULL] : [directory.length, at], 4),
    numbers([Buffer.byteLength(comment)], 2),
    Buffer.from(comment),
  ]
  return Buffer.concat([...local, directory, ...(zip64 ? large(entries.length, directory.length, at) : []), ...end])
}

const FULL = 0xffffffff

/** End record and locator of a large archive, as they stand before the common end record. */
function large(entries: number, directorySize: number, at: number): Buffer[] {
  return [
    Buffer.from('PK\x06\x06', 'latin1'),
    numbers([44], 8),
    numbers([45, 45], 2),
    numbers([0, 0], 4),
    numbers([entries, entries, directorySize, at], 8),
    Buffer.from('PK\x06\x07', 'latin1'),
    numbers([0], 4),
    numbers([at + directorySize], 8),
    numbers([1], 4),
  ]
}

/** Little-endian, each of the given width. */
function numbers(values: readonly number[], width: 2 | 4 | 8): Buffer {
  const bytes = Buffer.alloc(values.length * width)
  for (const [i, value] of values.entries()) {
    if (width === 2) bytes.writeUInt16LE(value, i * width)
    else if (width === 4) bytes.writeUInt32LE(value, i * width)
    else bytes.writeBigUInt64LE(BigInt(value), i * width)
  }
  return bytes
}
