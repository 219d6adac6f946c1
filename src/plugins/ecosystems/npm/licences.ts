import { isRecord } from '../../../formats/json.ts'

const LONGEST = 256

/**
 * Licences as a manifest declares them: an SPDX expression in `license`, or in older ones an object with its `type`, or a list
 * of those in `licenses` (package.json(5), "license").
 */
export function licencesOf(manifest: Readonly<Record<string, unknown>>): readonly string[] {
  const told = [manifest['license'], manifest['licenses']].flat(2)
  const names = told.map((one: unknown) => (isRecord(one) ? one['type'] : one))
  const licences: readonly string[] = names.filter((one) => typeof one === 'string')
  return [...new Set(licences.filter((one) => one.trim() !== '' && one.length <= LONGEST))].sort()
}
