import type { Gap } from '../model/component.ts'

/** Told one by one; the rest are counted: a broken file must not drown the others. */
const MOST = 100

/** What is wrong with one file, as gaps of the extractor that read it. */
export function gapsOf(extractor: string, path: string, problems: readonly string[]): readonly Gap[] {
  const told = problems.length > MOST ? [...problems.slice(0, MOST), `${problems.length - MOST} more problems`] : problems
  return told.map((reason) => ({ path, extractor, reason }))
}

/** A name out of a stranger's file, short enough to be shown. */
export const quoted = (text: string): string => JSON.stringify(text.slice(0, 200))
