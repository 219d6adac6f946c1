/**
 * Blobs of rpm's own "new database" (`Packages.db`; layout: rpm's `lib/backend/ndb/rpmpkg.c`, little-endian): pages of slots,
 * each pointing to a blob between a head and a tail that name its length and checksum.
 */
export function* readNdb(bytes: Uint8Array, onDamage: (reason: string) => void): Generator<Uint8Array> {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (file.length < PAGE || file.readUInt32LE(0) !== HEAD || file.readUInt32LE(4) !== 0)
    throw new Error(`expected a Packages.db of rpm, version 0, got ${file.length} bytes that begin otherwise`)
  const slotPages = file.readUInt32LE(12)
  if (slotPages === 0 || slotPages * PAGE > file.length)
    throw new Error(`expected ${slotPages} pages of slots, got ${file.length} bytes in all`)
  let budget = file.length
  for (let at = FIRST_SLOT; at < slotPages * PAGE; at += SLOT_SIZE) {
    if (file.readUInt32LE(at) !== SLOT) {
      onDamage(`the slot at byte ${at} is none`)
      continue
    }
    const id = file.readUInt32LE(at + 4)
    const block = file.readUInt32LE(at + 8)
    if (block === 0) continue // free
    const blob = blobAt(file, block * BLOCK, file.readUInt32LE(at + 12) * BLOCK, id)
    // Slots that share a blob would be read again and again.
    budget -= blob?.length ?? 0
    if (blob === undefined || budget < 0) onDamage(`package ${id} cannot be read`)
    else yield blob
  }
}

const PAGE = 4096
const BLOCK = 16
const SLOT_SIZE = 16
const FIRST_SLOT = 32
const BLOB_HEAD = 16
const BLOB_TAIL = 12
const HEAD = word('RpmP')
const SLOT = word('Slot')
const BLOB_BEGINS = word('BlbS')
const BLOB_ENDS = word('BlbE')

function word(text: string): number {
  return Buffer.from(text, 'latin1').readUInt32LE(0)
}

function blobAt(file: Buffer, start: number, size: number, id: number): Uint8Array | undefined {
  const end = start + size
  if (start < PAGE || size < BLOB_HEAD + BLOB_TAIL || end > file.length) return undefined
  const length = file.readUInt32LE(start + 12)
  if (file.readUInt32LE(start) !== BLOB_BEGINS || file.readUInt32LE(start + 4) !== id || length > size - BLOB_HEAD - BLOB_TAIL)
    return undefined
  if (file.readUInt32LE(end - 4) !== BLOB_ENDS || file.readUInt32LE(end - 8) !== length) return undefined
  return file.subarray(start + BLOB_HEAD, start + BLOB_HEAD + length)
}
