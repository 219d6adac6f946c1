import type { Gap, Occurrence } from '../../model/component.ts'
import { ancestorsOf, fileOf, parentOf } from '../../kit/paths.ts'
import type { Extraction } from './settle-inventory.ts'

/** Programs named in the gap that counts them. */
const NAMED = 10
/** Below these a program came with a package of its language, or with the language, which are told by themselves. */
const ofPackage = /(?:^|\/)(?:node_modules|site-packages|dist-packages|gems|lib\/python[23](?:\.\d{1,2})?)\//

/**
 * Programs that nothing tells the kind of and no package owns, as one gap: what they are is unknown, and there may be hundreds. One of
 * which something else is told, or that lies in the folder of a runtime that is, is not among them.
 */
export function unknownPrograms(
  extractions: readonly Extraction[],
  occurrences: readonly Occurrence[],
  isOwned: (path: string) => boolean,
): readonly Gap[] {
  const programs = extractions.filter(({ program }) => program === 'program')
  if (programs.length === 0) return []
  const told = new Set(occurrences.map(({ at }) => fileOf(at.path)))
  for (const { path } of extractions.flatMap(({ gaps }) => gaps)) told.add(path)
  const covered = new Set(extractions.flatMap(({ covers, path }) => (covers === true ? [parentOf(path)] : (covers ?? []))))
  const isKnown = (path: string) =>
    told.has(path) || ofPackage.test(path) || isOwned(path) || covered.has('') || ancestorsOf(path).some((above) => covered.has(above))
  const unknown = [...new Set(programs.map(({ path }) => path))].filter((path) => !isKnown(path)).sort()
  if (unknown.length === 0) return []
  const more = unknown.length > NAMED ? ' ...' : ''
  const count = unknown.length === 1 ? '1 program' : `${unknown.length} programs`
  const reason = `${count} of which nothing tells what it is, and that no package owns: ${unknown.slice(0, NAMED).join(', ')}${more}`
  return [{ path: '', extractor: programs[0]!.extractor, reason }]
}
