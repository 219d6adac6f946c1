/** What an inode is. `other`: a device, a socket, a pipe. */
export type NodeKind = 'file' | 'folder' | 'link' | 'other'

/** One inode, by the number its file system gives it. `mode` holds permission bits only. */
export type Node = { readonly id: number; readonly kind: NodeKind; readonly size: number; readonly mode: number }

/** A name in a folder; `kind` where the folder itself tells. */
export type Child = { readonly name: string; readonly id: number; readonly kind?: NodeKind }

/**
 * A file system on a volume, read in place. Everything but the properties may throw: damage is told in words, and concerns only what
 * was asked for.
 */
export interface FileSystem {
  /** `ext4`, `xfs`: for people. */
  readonly is: string
  readonly uuid: string
  readonly label: string
  /** The top folder's inode. */
  readonly top: number
  /** What concerns all of it: writes that wait in the journal, a damaged copy of its head. */
  readonly doubts: readonly string[]
  node(id: number): Promise<Node>
  /** All names but `.` and `..`. A part that cannot be read is told to `onGap`; the rest is given. */
  children(folder: number, onGap: (reason: string) => void): Promise<readonly Child[]>
  /** Bytes of a regular file, fewer where it ends earlier. */
  read(file: number, offset: number, length: number): Promise<Buffer>
  /** Where a link leads. */
  target(link: number): Promise<string>
}

const kinds = new Map<number, NodeKind>([
  [0x8000, 'file'],
  [0x4000, 'folder'],
  [0xa000, 'link'],
])

/** The kind in the upper bits of Unix's `st_mode`. */
export const kindOfMode = (mode: number): NodeKind => kinds.get(mode & 0xf000) ?? 'other'

/** The kinds of directory entries: ext and XFS number them alike; 0 is unknown. */
export const kindOfEntry = (type: number): NodeKind | undefined =>
  type === 0 ? undefined : (['other', 'file', 'folder', 'other', 'other', 'other', 'other', 'link'] as const)[type]

/** A name as a path can hold it; undefined for what no system call would have made. */
export function entryName(bytes: Uint8Array): string | undefined {
  if (bytes.length === 0 || bytes.includes(0x2f) || bytes.includes(0)) return undefined
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8')
}

/** A file system's own id, as `blkid` and `fstab` write it. */
export function uuidText(bytes: Uint8Array): string {
  const hex = Buffer.from(bytes).toString('hex')
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-')
}

/** Text in a field of fixed length, up to the first NUL. */
export const fieldText = (bytes: Buffer): string => bytes.toString('utf8').replace(/\0[\s\S]*$/, '')

/** A stretch of a file: blocks that lie together on the volume, or (`at` undefined) read as zeros. All in blocks. */
export type Run = { readonly from: number; readonly count: number; readonly at: number | undefined }

/** Bytes of a file made of `runs`; what none of them covers reads as zeros. */
export async function readRuns(
  read: (offset: number, length: number) => Promise<Buffer>,
  runs: readonly Run[],
  block: number,
  { offset, length }: { readonly offset: number; readonly length: number },
): Promise<Buffer> {
  const bytes = Buffer.alloc(length)
  for (const { from, count, at } of runs) {
    if (at === undefined) continue
    const start = Math.max(from * block, offset)
    const end = Math.min((from + count) * block, offset + length)
    if (end > start) (await read(at * block + (start - from * block), end - start)).copy(bytes, start - offset)
  }
  return bytes
}
