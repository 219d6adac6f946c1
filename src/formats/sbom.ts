import { AppError, reasonOf } from '../model/errors.ts'
import { bomOfXml } from './cyclonedx/from-xml.ts'
import { readCycloneDx } from './cyclonedx/read.ts'
import { isRecord } from './json.ts'
import type { SbomContent } from './sbom-parts.ts'
import { fromTagValue, isTagValue } from './spdx/from-tag-value.ts'
import { isSpdx3, readSpdx3 } from './spdx/read-3.ts'
import { readSpdx } from './spdx/read.ts'
import { isSyft, readSyft } from './syft.ts'

/**
 * Reads a software bill of materials, of whatever format it looks like. `named` is the file's name, which stands for places it does not tell.
 * Throws AppError `invalid` or `unsupported` for what is none that can be read.
 */
export async function readSbom(text: string, named: string): Promise<SbomContent> {
  const plain = text.replace(/^\ufeff/, '')
  if (/^\s*</.test(plain)) return readCycloneDx(await parsed(() => bomOfXml(plain), named), named)
  if (isTagValue(plain)) return readSpdx(await parsed(() => fromTagValue(plain), named), named)
  const value = unwrapped(await parsed(() => JSON.parse(plain) as unknown, named))
  if (isRecord(value)) {
    if ('bomFormat' in value) return readCycloneDx(value, named)
    if ('spdxVersion' in value) return readSpdx({ value, broken: 0 }, named)
    if (isSpdx3(value)) return readSpdx3(value, named)
    if (isSyft(value)) return readSyft(value, named)
  }
  throw new AppError(
    'invalid',
    `${named} is no SBOM we know: expected CycloneDX JSON (bomFormat) or XML, SPDX 2 JSON (spdxVersion) or tag-value (SPDXVersion:), SPDX 3 JSON-LD (@context) or the JSON of Syft (artifacts)`,
  )
}

/** A document may come as the statement that attests it (in-toto, `predicate`), or as GitHub's answer (`sbom`). */
function unwrapped(value: unknown): unknown {
  if (!isRecord(value)) return value
  const inner = typeof value['predicateType'] === 'string' ? value['predicate'] : value['sbom']
  return isRecord(inner) ? inner : value
}

async function parsed<T>(parse: () => T | Promise<T>, named: string): Promise<T> {
  try {
    return await parse()
  } catch (thrown) {
    const form = thrown instanceof SyntaxError ? `${named} is not JSON` : named
    throw new AppError('invalid', `${form}: ${reasonOf(thrown)}`, { cause: thrown })
  }
}
