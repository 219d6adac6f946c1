import { AppError, reasonOf } from '../model/errors.ts'
import { readCycloneDx } from './cyclonedx/read.ts'
import type { SbomContent } from './sbom-parts.ts'
import { readSpdx } from './spdx/read.ts'

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
