/** Bytes of a digest, by the algorithm's name in front of it. */
const sizes: Readonly<Record<string, number>> = { sha1: 20, sha256: 32, sha384: 48, sha512: 64 }

/** The digests of a `integrity` member (W3C Subresource Integrity, section 3.5: `sha512-<base64>`, split by blanks) as `sha512:<hex>`. */
export function hashesOf(integrity: unknown): readonly string[] {
  if (typeof integrity !== 'string' || integrity.length > LONGEST) return []
  const hashes = integrity.split(/\s+/).flatMap((one): readonly string[] => {
    const [, algorithm = '', text = ''] = /^(sha(?:1|256|384|512))-([A-Za-z0-9+/]+={0,2})(?:\?.*)?$/.exec(one) ?? []
    const bytes = Buffer.from(text, 'base64')
    return bytes.length > 0 && bytes.length === sizes[algorithm] ? [`${algorithm}:${bytes.toString('hex')}`] : []
  })
  return [...new Set(hashes)].sort()
}

const LONGEST = 4096
