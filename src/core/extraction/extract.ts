import pMap from 'p-map'
import type { Gap } from '../../model/component.ts'
import { reasonOf } from '../../model/errors.ts'
import type { Extracted, Extractor, FileEntry, FileTree, ScanFile } from '../../model/seams.ts'
import { HEAD, limits as defaults, type Limits } from '../../kit/limits.ts'
import { scanFile, type Range } from '../../kit/scan-file.ts'
import { guardedRead, type Guarding } from './reading.ts'
import { settleInventory, type Extraction, type Inventory } from './settle-inventory.ts'
import { wantedBy } from './wanted-by.ts'

export type ExtractOptions = Guarding & { readonly limits?: Partial<Limits>; readonly signal?: AbortSignal }

/** Files opened at once: enough to keep the disk busy. */
const CONCURRENCY = 8
/** Bytes of a file that is read while it waits for its turn; a larger one is read in its turn, so that only one is held. */
const READ_AHEAD = 1 << 20

/** Everything the extractors find in a tree. What throws, or is too large to read, is a gap for that file. */
export async function extractTree(tree: FileTree, extractors: readonly Extractor[], options: ExtractOptions = {}): Promise<Inventory> {
  const limits = { ...defaults, ...options.limits }
  const gaps: Gap[] = []
  const keep = keeping(limits)
  const wanted = wantedEntries(
    tree.entries((gap) => gaps.push({ ...gap, extractor: 'tree' })),
    extractors,
  )
  const extractions = await pMap(
    wanted,
    async ({ entry, by }) => {
      const file = await openFile(tree, entry.path)
      if (!('bytes' in file)) {
        gaps.push(...by.map(({ id }) => ({ path: entry.path, extractor: id, reason: file.reason })))
        return []
      }
      const shared = readOnce(file, limits.fileBytes)
      // What cannot be read is told to the extractor that asks for it.
      if (file.size <= READ_AHEAD && !by.every(({ starts }) => starts)) void shared.bytes().catch(() => {})
      const found = await Promise.all(by.map((extractor) => extractFile(extractor, { file: shared, near: tree }, options)))
      return found.filter((extraction) => extraction !== undefined).map(keep)
    },
    { concurrency: CONCURRENCY, ...(options.signal && { signal: options.signal }) },
  )
  return settleInventory(extractions.flat(), gaps, limits)
}

/** One file through one extractor; never throws. undefined: it is not of the kind that the extractor looks for. */
export async function extractFile(
  extractor: Extractor,
  where: Parameters<typeof guardedRead>[2],
  guarding: Guarding,
): Promise<Extraction | undefined> {
  const { file } = where
  try {
    if (extractor.starts?.(await file.range(0, HEAD)) === false) return undefined
    const near = extractor.alone ? nothingNear : where.near
    const extracted = await guardedRead(guarding, extractor, { ...where, near })
    return extractor.starts && isNothing(extracted) ? undefined : { extractor: extractor.id, path: file.path, ...extracted }
  } catch (thrown) {
    return failed(extractor.id, file.path, reasonOf(thrown))
  }
}

/** What is beside a file that is looked at alone. */
export const nothingNear: Pick<FileTree, 'open'> = { open: () => Promise.resolve(undefined) }

/** By its first bytes a file may be of the kind that is looked for (a program) and still hold nothing of it. */
const isNothing = ({ occurrences, gaps, os, owned, program }: Extracted): boolean =>
  occurrences.length === 0 && gaps.length === 0 && os === undefined && owned === undefined && program !== 'program'

export const failed = (extractor: string, path: string, reason: string): Extraction => ({
  extractor,
  path,
  occurrences: [],
  gaps: [{ path, extractor, reason }],
})

/**
 * What is kept of extractions, in turn: no more in all than can be held in memory. What comes after that is a gap. Of a layer, which is
 * written down, only those owned files are kept that one of `others` would look at; of a tree all, for asking them costs more.
 */
export function keeping(
  { occurrences: most, entries: mostOwned }: Pick<Limits, 'occurrences' | 'entries'>,
  others?: readonly Extractor[],
): (one: Extraction) => Extraction {
  const wanting = others && wantedBy(others)
  const held = { occurrences: 0, owned: 0 }
  return (extraction) => {
    const useful = wanting === undefined ? extraction : usefulOf(extraction, wanting)
    const { extractor, path } = extraction
    held.occurrences += useful.occurrences.length
    if (held.occurrences > most) return failed(extractor, path, `more than ${most} packages: those of this file are not listed`)
    for (const { paths } of useful.owned ?? []) held.owned += paths.length
    if (held.owned > mostOwned) return failed(extractor, path, `more than ${mostOwned} files of packages: those of this file are not known`)
    return useful
  }
}

function usefulOf(extraction: Extraction, wanting: ReturnType<typeof wantedBy>): Extraction {
  if (extraction.owned === undefined) return extraction
  const useful = (path: string) => wanting({ path, size: 1, mode: 0o755 }).some(({ id }) => id !== extraction.extractor)
  const owned = extraction.owned.map(({ owner, paths }) => ({ owner, paths: paths.filter(useful) }))
  return { ...extraction, owned: owned.filter(({ paths }) => paths.length > 0) }
}

/** A file asked for by several extractors is read once; of a large one only the parts that are asked for. */
function readOnce(file: ScanFile, most: number): ScanFile {
  let bytes: Promise<Uint8Array> | undefined
  let head: Promise<Uint8Array> | undefined
  const all = () => (bytes ??= file.bytes())
  const part = async ({ offset, length }: Range) => {
    if (bytes === undefined && offset === 0 && length === HEAD) return await (head ??= file.range(0, HEAD))
    if (bytes === undefined && file.size > READ_AHEAD) return await file.range(offset, length)
    return (await all()).subarray(offset, offset + length)
  }
  return scanFile(file, { all, part }, most)
}

async function* wantedEntries(entries: AsyncIterable<FileEntry>, extractors: readonly Extractor[]) {
  const wanting = wantedBy(extractors)
  for await (const entry of entries) {
    const by = wanting(entry)
    if (by.length > 0) yield { entry, by }
  }
}

async function openFile(tree: FileTree, path: string): Promise<ScanFile | { readonly reason: string }> {
  try {
    return (await tree.open(path)) ?? { reason: 'listed, but could not be opened as a regular file' }
  } catch (thrown) {
    return { reason: reasonOf(thrown) }
  }
}
