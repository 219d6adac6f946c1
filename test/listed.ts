import type { Occurrence } from '../src/model/component.ts'
import type { Extractor } from '../src/model/seams.ts'
import { fileOf, near } from './contracts/extractor.ts'

/** What a reader of the list wants to see of an occurrence. */
const short = ({ component, scope, direct, requirement, dependsOn }: Occurrence): readonly unknown[] => [
  component.purl,
  scope,
  ...(direct === true ? ['direct'] : []),
  ...(requirement === undefined ? [] : [requirement]),
  ...(dependsOn ?? []),
]

/** What an extractor makes of a file, in short; `files` lie beside it. */
export async function listed(
  extractor: Extractor,
  path: string,
  content: string | Uint8Array,
  files: Readonly<Record<string, string>> = {},
) {
  const { occurrences, gaps } = await extractor.read(fileOf(path, content), near(files))
  return { list: occurrences.map(short), gaps: gaps.map(({ reason }) => reason) }
}
