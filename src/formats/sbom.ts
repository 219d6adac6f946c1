import { AppError, reasonOf } from '../model/errors.ts'
import { readCycloneDx } from './cyclonedx/read.ts'
import type { SbomContent } from './sbom-parts.ts'
import { isSpdx3, readSpdx3 } from './spdx/read-3.ts'
import { readSpdx } from './spdx/read.ts'

/** Reads CycloneDX JSON, SPDX 2 JSON or SPDX 3 JSON-LD, by its look. `named` is the file's name, which stands for places it does not tell. */
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
    if (isSpdx3(value)) return readSpdx3(value, named)
  }
  throw new AppError(
    'invalid',
    `${named} is no SBOM we know: expected CycloneDX JSON (bomFormat), SPDX 2 JSON (spdxVersion) or SPDX 3 JSON-LD (@context)`,
  )
}
