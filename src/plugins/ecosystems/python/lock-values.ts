import { isRecord, textOf } from '../../../formats/json.ts'

type Fields = Readonly<Record<string, unknown>>

export const recordsIn = (value: unknown): readonly Fields[] => (Array.isArray(value) ? value.filter(isRecord) : [])

/** A digest as `algorithm:hex`, as pip, Poetry, uv and PDM write it; nothing else. */
export const isHash = (value: unknown): value is string => typeof value === 'string' && /^(?:md5|sha\d{1,3}):[0-9a-f]{32,128}$/.test(value)

/** The digests of a list of files, each a table with `hash`. */
export function hashesIn(...files: readonly unknown[]): readonly string[] {
  return files
    .flatMap((entry) => (Array.isArray(entry) ? entry : [entry]))
    .flatMap((entry) => (isRecord(entry) && isHash(entry['hash']) ? [entry['hash']] : []))
}

/** Digests of a table `{ sha256 = "hex" }` (PEP 751). */
export function hashTable(value: unknown): readonly string[] {
  if (!isRecord(value)) return []
  return Object.keys(value)
    .map((algorithm) => `${algorithm}:${textOf(value, algorithm) ?? ''}`)
    .filter(isHash)
}

/** Name and version of an entry of a lock; empty where it has none, which is told as a problem. */
export const identityOf = (entry: Fields) => ({ name: textOf(entry, 'name') ?? '', version: textOf(entry, 'version') ?? '' })
