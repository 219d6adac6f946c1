import { gapsOf, quoted } from '../../../formats/problems.ts'
import { openZip, zipLimits, type ZipSource } from '../../../formats/zip.ts'
import { INSIDE } from '../../../kit/paths.ts'
import { reasonOf } from '../../../model/errors.ts'
import type { Occurrence } from '../../../model/component.ts'
import type { Extractor, ScanFile } from '../../../model/seams.ts'
import { occurrenceOf } from './installed.ts'
import { parseMetadata } from './metadata.ts'

/** Archives that are packages, or programs with the packages they need: wheels, eggs, zip applications (PEP 441), PEX, shiv. */
const ARCHIVE = /\.(?:whl|egg|pyz|pex)$/
const DESCRIPTION = /(?:^|\/)(?:[^/]+\.dist-info\/METADATA|EGG-INFO\/PKG-INFO|[^/]+\.egg-info\/PKG-INFO)$/
/** The longest description that is read; long ones hold a manual. */
const entryBytes = 4 * 2 ** 20

/** What a wheel, an egg or a zip application holds, by the descriptions inside. */
export const archive = {
  id: 'python/archive',
  version: 1,
  title: 'Wheels, eggs and zip applications',
  names: ['*.whl', '*.egg', '*.pyz', '*.pex'],
  wants: ({ path }) => ARCHIVE.test(path),
  async read(file) {
    const zip = await openZip(sourceOf(file), { ...zipLimits, entryBytes })
    const occurrences: Occurrence[] = []
    const problems: string[] = []
    for (const entry of zip.entries()) {
      if (entry.path === undefined || entry.isFolder || !DESCRIPTION.test(entry.path)) continue
      try {
        const found = occurrenceOf(this.id, `${file.path}${INSIDE}${entry.path}`, parseMetadata((await zip.read(entry)).toString('utf8')))
        occurrences.push(...found.occurrences)
        problems.push(...found.gaps.map(({ reason }) => `${quoted(entry.path ?? '')}: ${reason}`))
      } catch (thrown) {
        problems.push(`${quoted(entry.path)}: ${reasonOf(thrown)}`)
      }
    }
    if (occurrences.length + problems.length === 0 && !/\.py[zx]$|\.pex$/.test(file.path))
      problems.push('expected the description of a package inside')
    return { occurrences, gaps: gapsOf(this.id, file.path, problems) }
  },
} satisfies Extractor

function sourceOf(file: ScanFile): ZipSource {
  return {
    size: file.size,
    async read(at, length) {
      const bytes = await file.range(at, length)
      if (bytes.length < length) throw new Error(`is cut off: ${at + length} bytes expected, ${at + bytes.length} there`)
      return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    },
  }
}
