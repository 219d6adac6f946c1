const KiB = 1 << 10
const MiB = 1 << 20
const GiB = 1 << 30

/** First bytes of a file, by which extractors that no name helps know their kind. */
export const HEAD = 512

/**
 * How much of a stranger's input we take before we say no. One place, so that the numbers can be documented and argued.
 * Chosen an order of magnitude past the largest honest input we know of.
 */
export type Limits = {
  /** Bytes of one file that an extractor asks for. */
  readonly fileBytes: number
  /** Bytes of one file of a layer of which an extractor reads parts: it is held while it is read. */
  readonly passingBytes: number
  /** Bytes of asked-for files held in memory at once, in one layer. */
  readonly heldBytes: number
  /** Entries of one tree, layer or archive. */
  readonly entries: number
  /** Bytes of one path. */
  readonly pathBytes: number
  /** Characters of all paths and link targets of one archive: they are held in memory. */
  readonly namesLength: number
  /** Folders above a file. */
  readonly depth: number
  /** Bytes of one extended header (pax, GNU long name). */
  readonly paxBytes: number
  /** Uncompressed bytes of one layer or archive. */
  readonly unpackedBytes: number
  /** Uncompressed bytes for one compressed byte; looked at only past `ratioFromBytes`. */
  readonly ratio: number
  readonly ratioFromBytes: number
  /** Bytes of a manifest, index or image configuration. */
  readonly manifestBytes: number
  /** Indexes inside indexes. */
  readonly indexDepth: number
  /** Images and indexes that one target may stand for. */
  readonly images: number
  readonly layers: number
  /** Links followed to reach one file (Linux itself stops at 40). */
  readonly links: number
  /** Steps of a way through links, those of their targets included. */
  readonly linkSteps: number
  /** Packages of one resource, each place counted: they are held in memory. */
  readonly occurrences: number
  /** Gaps told one by one; the rest is told as a count. */
  readonly gaps: number
  /** Bytes of an SBOM: parsed as a whole, it takes up to twenty times as much memory. */
  readonly sbomBytes: number
  /** Megabytes that the process which looks at a resource may hold in JavaScript's heap. */
  readonly lookMemory: number
  /** Seconds of processor time for one extractor on one file. */
  readonly readSeconds: number
  /** Times a look is begun again without the file that broke it. */
  readonly brokenLooks: number
  /** Characters of all names, versions and paths of one resource's packages. */
  readonly inventoryLength: number
}

export const limits: Limits = {
  fileBytes: 64 * MiB,
  passingBytes: 512 * MiB,
  heldBytes: 256 * MiB,
  entries: 1_000_000,
  pathBytes: 4 * KiB,
  namesLength: 256 * MiB,
  depth: 128,
  paxBytes: MiB,
  unpackedBytes: 64 * GiB,
  ratio: 200,
  ratioFromBytes: 256 * MiB,
  manifestBytes: 8 * MiB,
  indexDepth: 4,
  images: 10_000,
  layers: 512,
  links: 40,
  linkSteps: 512,
  occurrences: 1_000_000,
  gaps: 1_000,
  sbomBytes: 64 * MiB,
  lookMemory: 1_536,
  readSeconds: 20,
  brokenLooks: 8,
  inventoryLength: 512 * MiB,
}
