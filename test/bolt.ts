/** What a bucket of a bolt database holds: values, and buckets. */
export type Bucket = { readonly [name: string]: string | Bucket }

const PAGE = 4_096

/** A bolt database of one branch and a leaf for each of these; buckets within are small, and lie where their names do. */
export function boltOf(leaves: readonly Bucket[]): Buffer {
  const root = 3 + leaves.length
  const pages = Buffer.alloc(PAGE * (root + 1))
  leaves.forEach((leaf, at) => leafOf(leaf).copy(pages, PAGE * (3 + at)))
  const branch = pages.subarray(PAGE * root)
  branch.writeUInt16LE(1, 8)
  branch.writeUInt16LE(leaves.length, 10)
  leaves.forEach((_, at) => branch.writeBigUInt64LE(BigInt(3 + at), 16 + at * 16 + 8))
  for (const page of [0, 1]) {
    const meta = pages.subarray(PAGE * page + 16)
    meta.writeUInt32LE(0xed0cdaed, 0)
    meta.writeUInt32LE(2, 4)
    meta.writeUInt32LE(PAGE, 8)
    meta.writeBigUInt64LE(BigInt(root), 16)
    meta.writeBigUInt64LE(BigInt(root + 1), 40)
    meta.writeBigUInt64LE(BigInt(page), 48)
  }
  return withBoltSums(pages)
}

/** Sums of both heads, so that changes to them are read. */
export function withBoltSums(database: Buffer): Buffer {
  const bytes = Buffer.from(database)
  for (const at of [16, PAGE + 16]) {
    if (at + 64 > bytes.length) break
    let hash = 0xcbf29ce484222325n
    for (const byte of bytes.subarray(at, at + 56)) hash = ((hash ^ BigInt(byte)) * 0x100000001b3n) & 0xffffffffffffffffn
    bytes.writeBigUInt64LE(hash, at + 56)
  }
  return bytes
}

function leafOf(bucket: Bucket): Buffer {
  const entries = Object.entries(bucket).sort(([a], [b]) => (a < b ? -1 : 1))
  const head = Buffer.alloc(16 + entries.length * 16)
  head.writeUInt16LE(2, 8)
  head.writeUInt16LE(entries.length, 10)
  const parts = [head]
  let end = head.length
  entries.forEach(([name, value], index) => {
    const at = 16 + index * 16
    const content = typeof value === 'string' ? Buffer.from(value) : Buffer.concat([Buffer.alloc(16), leafOf(value)])
    head.writeUInt32LE(typeof value === 'string' ? 0 : 1, at)
    head.writeUInt32LE(end - at, at + 4)
    head.writeUInt32LE(Buffer.byteLength(name), at + 8)
    head.writeUInt32LE(content.length, at + 12)
    parts.push(Buffer.from(name), content)
    end += Buffer.byteLength(name) + content.length
  })
  return Buffer.concat(parts)
}
