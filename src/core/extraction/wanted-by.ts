import { baseName } from '../../kit/paths.ts'
import type { Extractor, FileEntry } from '../../model/seams.ts'

/** Extractors by their test: one that several share is made once. */
type Tests = ReadonlyMap<Extractor['wants'], readonly Extractor[]>

/** Which of the extractors want an entry. A tree has many more files than kinds of files: each is asked about those with its names only. */
export function wantedBy(extractors: readonly Extractor[]): (entry: FileEntry) => readonly Extractor[] {
  const always = byTest(extractors.filter(({ names }) => names === undefined))
  const whole = byName(extractors, (name) => !name.startsWith('*'))
  const endings = byName(extractors, (name) => name.startsWith('*'))
  return (entry) => {
    const name = baseName(entry.path)
    const dot = name.lastIndexOf('.')
    const tests = [always, whole.get(name), dot < 0 ? undefined : endings.get(`*${name.slice(dot)}`)]
    return tests.flatMap((some) => (some === undefined ? [] : wanting(some, entry)))
  }
}

function byName(extractors: readonly Extractor[], which: (name: string) => boolean): ReadonlyMap<string, Tests> {
  const rows = extractors.flatMap((extractor) => [...new Set(extractor.names)].filter(which).map((name) => ({ name, extractor })))
  const named = Map.groupBy(rows, ({ name }) => name)
  return new Map([...named].map(([name, some]) => [name, byTest(some.map(({ extractor }) => extractor))]))
}

const byTest = (extractors: readonly Extractor[]): Tests => Map.groupBy(extractors, ({ wants }) => wants)

function wanting(tests: Tests, entry: FileEntry): readonly Extractor[] {
  const found: Extractor[] = []
  for (const same of tests.values()) if (same[0]!.wants(entry)) found.push(...same)
  return found
}
