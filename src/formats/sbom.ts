import type { Gap, Occurrence, OperatingSystem } from '../model/component.ts'
import { AppError, reasonOf } from '../model/errors.ts'
import { readCycloneDx } from './cyclonedx/read.ts'
import { readSpdx } from './spdx/read.ts'

/** What an SBOM says. */
export type SbomContent = {
  readonly occurrences: readonly Occurrence[]
  readonly gaps: readonly Gap[]
  readonly os?: OperatingSystem
  /** What the document is about; `type` in CycloneDX's words, or ''. */
  readonly subject?: { readonly name: string; readonly type: string }
}

/** Reads CycloneDX JSON or SPDX 2 JSON, by its look. `named` is the file's name, which stands for places it does not tell. */
export async function readSbom(text: string, named: string): Promise<SbomContent> {
  let value: unknown
  try {
    value = JSON.parse(text.replace(/^\ufeff/, ''))
  } catch (thrown) {
    throw new AppError('invalid', `${named} is not JSON: ${reasonOf(thrown)}`, { cause: thrown })
  }
  if (typeof value === 'object' && value !== null) {
    if ('bomFormat' in value) return readCycloneDx(value, named)
    if ('spdxVersion' in value) return readSpdx(value, named)
  }
  throw new AppError('invalid', `${named} is no SBOM we know: expected CycloneDX JSON (bomFormat) or SPDX 2 JSON (spdxVersion)`)
}
