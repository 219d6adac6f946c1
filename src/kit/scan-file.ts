import { AppError } from '../model/errors.ts'
import type { FileEntry, ScanFile } from '../model/seams.ts'

export type Range = { readonly offset: number; readonly length: number }

/** Where the content of a file comes from: all of it, or a part. */
type Content = { readonly all: () => Promise<Uint8Array>; readonly part: (range: Range) => Promise<Uint8Array> }

/** A file of which at most `most` bytes are read at a time. */
export function scanFile({ path, size, mode }: FileEntry, { all, part }: Content, most: number): ScanFile {
  const range = async (offset: number, length: number) => {
    if (!Number.isSafeInteger(offset) || !Number.isSafeInteger(length) || offset < 0 || length < 0)
      throw new AppError('invalid', `${path}: expected a place in the file, got ${length} bytes at ${offset}`)
    if (length > most) throw new AppError('invalid', `${path}: ${length} bytes asked for at once, at most ${most} are read`)
    return await part({ offset, length })
  }
  return { path, size, mode, bytes: all, range, text: async () => asText(await all()) }
}

/** A file that is in memory already; as a whole it is given up to `most` bytes, as one on disk is. */
export function fileInMemory(entry: FileEntry, content: Uint8Array, most: number): ScanFile {
  const all = async () => {
    if (content.length > most) throw new AppError('invalid', `${entry.path}: ${content.length} bytes, at most ${most} of one file are read`)
    return content
  }
  return scanFile(entry, { all, part: async ({ offset, length }) => content.subarray(offset, offset + length) }, most)
}

const asText = (bytes: Uint8Array): string => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8')
