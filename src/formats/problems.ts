import type { Gap } from '../model/component.ts'

/** Told one by one; the rest are counted: a broken file must not drown the others. */
const MOST = 100
/** Characters of one of them: it may quote the file. */
const LONGEST = 1_000

/** What is wrong with one file, as gaps of the extractor that read it. */
export function gapsOf(extractor: string, path: string, problems: readonly string[]): readonly Gap[] {
  const told = problems.length > MOST ? [...problems.slice(0, MOST), `${problems.length - MOST} more problems`] : problems
  return told.map((reason) => ({ path, extractor, reason: reason.length > LONGEST ? `${reason.slice(0, LONGEST)}…` : reason }))
}

/** A name out of a stranger's file, short enough to be shown. */
export const quoted = (text: string): string => JSON.stringify(text.slice(0, 200))

/** A value out of a stranger's file in a few words; to turn one into text as it is may throw. */
export function shown(value: unknown): string {
  if (typeof value === 'string') return quoted(value)
  if (Array.isArray(value)) return 'a list'
  return typeof value === 'object' && value !== null ? 'an object' : String(value)
}
