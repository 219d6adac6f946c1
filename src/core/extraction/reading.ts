import type { Extracted, Extractor, FileTree, ScanFile } from '../../model/seams.ts'

/** One extractor on one file; `layer` is the digest of the image's layer that holds the file. */
export type Reading = { readonly extractor: string; readonly path: string; readonly layer?: string }

/** What an earlier look at the same resource could not read without harm, and why. */
export type LeftOut = Reading & { readonly reason: string }

export type Guarding = {
  /** Not read again: each is a gap. */
  readonly leftOut?: readonly LeftOut[]
  /** Runs every reading; may let one wait for another. By default they run as they come. */
  readonly reader?: (reading: Reading, read: () => Promise<Extracted>, file: Pick<ScanFile, 'size'>) => Promise<Extracted>
}

/** Lets an extractor read a file, or throws why it must not. */
export async function guardedRead(
  { leftOut = [], reader = (_, read) => read() }: Guarding,
  extractor: Extractor,
  { file, near, layer }: { readonly file: ScanFile; readonly near: Pick<FileTree, 'open'>; readonly layer?: string },
): Promise<Extracted> {
  const reading = { extractor: extractor.id, path: file.path, ...(layer !== undefined && { layer }) }
  const broke = leftOut.find((one) => one.extractor === reading.extractor && one.path === reading.path && one.layer === layer)
  if (broke !== undefined) throw new Error(broke.reason)
  return await reader(reading, () => extractor.read(file, near), file)
}
