import { crc32, deflateRawSync } from 'node:zlib'

/** What to put into an archive; the odd members are for archives that lie. */
export type Packed = {
  readonly name: string
  readonly content: string | Uint8Array
  readonly claimedSize?: number
  readonly encrypted?: boolean
  readonly method?: number
}

/** A zip archive (APPNOTE 6.3.10, sections 4.3.7, 4.3.12, 4.3.16), deflated, up to 65,535 entries. */
export function zipOf(entries: readonly Packed[]): Buffer {
  const local: Buffer[] = []
  const central: Buffer[] = []
  let at = 0
  for (const { name, content, claimedSize, encrypted, method = 8 } of entries) {
    const raw = Buffer.from(content)
    const packed = method === 0 ? raw : deflateRawSync(raw)
    const file = Buffer.from(name)
    const common = Buffer.alloc(26)
    common.writeUInt16LE(20, 0)
    common.writeUInt16LE(0x0800 | (encrypted ? 1 : 0), 2)
    common.writeUInt16LE(method, 4)
    common.writeUInt32LE(crc32(raw), 10)
    common.writeUInt32LE(packed.length, 14)
    common.writeUInt32LE(claimedSize ?? raw.length, 18)
    common.writeUInt16LE(file.length, 22)
    const offset = Buffer.alloc(4)
    offset.writeUInt32LE(at)
    const header = Buffer.concat([Buffer.from('PK\x03\x04', 'latin1'), common, file, packed])
    local.push(header)
    central.push(Buffer.from('PK\x01\x02\x14\x00', 'latin1'), common, Buffer.alloc(10), offset, file)
    at += header.length
  }
  const directory = Buffer.concat(central)
  const end = Buffer.alloc(22)
  end.write('PK\x05\x06', 'latin1')
  end.writeUInt16LE(entries.length, 8)
  end.writeUInt16LE(entries.length, 10)
  end.writeUInt32LE(directory.length, 12)
  end.writeUInt32LE(at, 16)
  return Buffer.concat([...local, directory, end])
}
