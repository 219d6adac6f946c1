import { diskTargets } from './disk-targets.ts'
import { extractorTargets } from './extractor-targets.ts'
import { formatTargets } from './format-targets.ts'
import { schemeTargets } from './scheme-targets.ts'
import { sourceTargets } from './source-targets.ts'
import type { FuzzTarget } from './target.ts'

/** Everything that reads what strangers wrote. */
export async function fuzzTargets(): Promise<readonly FuzzTarget[]> {
  return [...extractorTargets(), ...(await formatTargets()), ...diskTargets(), ...schemeTargets(), ...sourceTargets()]
}

/** All targets whose name is `unit` or begins with it and a slash; `all` is everything. */
export const ofUnit = (targets: readonly FuzzTarget[], unit: string): readonly FuzzTarget[] =>
  targets.filter(({ id }) => unit === 'all' || id === unit || id.startsWith(`${unit}/`))
