type Algorithm = {
  /** As ours are written: `sha256:<hex>`. */
  readonly own: string
  readonly bytes: number
  /** CycloneDX `hash-alg`, where it has one. */
  readonly cycloneDx?: string
  /** SPDX 2.3, section 7.10. */
  readonly spdx2: string
  /** SPDX 3.0, Core/HashAlgorithm. */
  readonly spdx3: string
}

const algorithms: readonly Algorithm[] = [
  { own: 'md5', bytes: 16, cycloneDx: 'MD5', spdx2: 'MD5', spdx3: 'md5' },
  { own: 'sha1', bytes: 20, cycloneDx: 'SHA-1', spdx2: 'SHA1', spdx3: 'sha1' },
  { own: 'sha224', bytes: 28, spdx2: 'SHA224', spdx3: 'sha224' },
  { own: 'sha256', bytes: 32, cycloneDx: 'SHA-256', spdx2: 'SHA256', spdx3: 'sha256' },
  { own: 'sha384', bytes: 48, cycloneDx: 'SHA-384', spdx2: 'SHA384', spdx3: 'sha384' },
  { own: 'sha512', bytes: 64, cycloneDx: 'SHA-512', spdx2: 'SHA512', spdx3: 'sha512' },
  { own: 'sha3-256', bytes: 32, cycloneDx: 'SHA3-256', spdx2: 'SHA3-256', spdx3: 'sha3_256' },
  { own: 'sha3-384', bytes: 48, cycloneDx: 'SHA3-384', spdx2: 'SHA3-384', spdx3: 'sha3_384' },
  { own: 'sha3-512', bytes: 64, cycloneDx: 'SHA3-512', spdx2: 'SHA3-512', spdx3: 'sha3_512' },
  { own: 'blake2b-256', bytes: 32, cycloneDx: 'BLAKE2b-256', spdx2: 'BLAKE2b-256', spdx3: 'blake2b256' },
  { own: 'blake2b-384', bytes: 48, cycloneDx: 'BLAKE2b-384', spdx2: 'BLAKE2b-384', spdx3: 'blake2b384' },
  { own: 'blake2b-512', bytes: 64, cycloneDx: 'BLAKE2b-512', spdx2: 'BLAKE2b-512', spdx3: 'blake2b512' },
  { own: 'blake3', bytes: 32, cycloneDx: 'BLAKE3', spdx2: 'BLAKE3', spdx3: 'blake3' },
]

type Standard = 'cycloneDx' | 'spdx2' | 'spdx3'

/** Digests as ours are written, sorted; those of an algorithm or a length that we do not know are left out. */
export function hashesOf(
  standard: Standard,
  told: readonly { readonly algorithm?: string | undefined; readonly hex?: string | undefined }[],
): readonly string[] {
  const hashes = told.flatMap(({ algorithm, hex = '' }) => {
    const known = algorithms.find((one) => one[standard] === algorithm)
    return known !== undefined && hex.length === known.bytes * 2 && /^[0-9a-f]+$/i.test(hex) ? [`${known.own}:${hex.toLowerCase()}`] : []
  })
  return [...new Set(hashes)].sort()
}

/** A digest of ours in the words of a standard; undefined where it has none for it. */
export function hashIn(standard: Standard, hash: string): { readonly algorithm: string; readonly hex: string } | undefined {
  const [, own = '', hex = ''] = /^([a-z0-9-]+):([0-9a-f]+)$/.exec(hash) ?? []
  const known = algorithms.find((one) => one.own === own && hex.length === one.bytes * 2)
  const algorithm = known?.[standard]
  return algorithm === undefined ? undefined : { algorithm, hex }
}
