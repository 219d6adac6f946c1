import type { SbomSubject } from '../../model/sbom.ts'
import type { OperatingSystem } from '../../model/component.ts'
import { distinct, type Entry, entriesOf, subjectType, uuidOf } from '../sbom-bill.ts'
import { hashIn } from '../sbom-hashes.ts'
import { expressionOf } from '../sbom-licences.ts'
import { gapLine } from '../sbom-place.ts'
import { elementName } from './element-name.ts'

/** An SPDX 2.3 document as JSON text. Sorted; its namespace is derived from its content. */
export function writeSpdx2({ resource, occurrences, gaps, os, tool, at }: SbomSubject): string {
  const created = secondOf(at)
  const creator = `Tool: openinspector-${tool}`
  const notes = (kind: 'place' | 'gap', lines: readonly string[]) =>
    lines.map((line) => ({
      annotationDate: created,
      annotationType: 'OTHER',
      annotator: creator,
      comment: `openinspector:${kind} ${line}`,
    }))
  const entries = entriesOf(occurrences)
  const named = new Map<string, string>()
  const packages = [
    { ...bare('SPDXRef-root', resource.id), primaryPackagePurpose: subjectType(resource.type).toUpperCase() },
    ...(os === undefined ? [] : [systemPackage(os)]),
    ...entries.map((entry) => packageOf(entry, notes('place', entry.places), named)),
  ]
  const lines = gaps.map(gapLine).sort()
  const content = {
    creationInfo: {
      created,
      creators: [creator],
      ...(lines.length > 0 && { comment: `${lines.length} gaps: places that could not be read. The list of packages may be incomplete.` }),
    },
    packages,
    relationships: relationshipsOf(entries, os),
    ...(named.size > 0 && { hasExtractedLicensingInfos: extracted(named) }),
    ...(lines.length > 0 && { annotations: notes('gap', lines) }),
  }
  const head = {
    spdxVersion: 'SPDX-2.3',
    dataLicense: 'CC0-1.0',
    SPDXID: 'SPDXRef-DOCUMENT',
    name: resource.id,
    documentNamespace: `urn:uuid:${uuidOf(JSON.stringify(content))}`,
  }
  return `${JSON.stringify({ ...head, ...content }, null, 2)}\n`
}

/** Clause 6.9: to the second. */
export const secondOf = (at: string): string => `${new Date(at).toISOString().slice(0, 19)}Z`

/** What every package has to have; where nothing was looked at, nothing is asserted. */
const bare = (id: string, name: string) => ({ name, SPDXID: id, downloadLocation: 'NOASSERTION', filesAnalyzed: false })

const idOf = (ref: string): string => `SPDXRef-${elementName(ref)}`

function packageOf(entry: Entry, annotations: readonly object[], named: Map<string, string>) {
  const { ref, component, purl, hashes, licences } = entry
  const checksums = hashes.flatMap((hash) => hashIn('spdx2', hash) ?? [])
  return {
    ...bare(idOf(ref), component.name),
    ...(component.version !== '' && { versionInfo: component.version }),
    ...(checksums.length > 0 && { checksums: checksums.map(({ algorithm, hex }) => ({ algorithm, checksumValue: hex })) }),
    licenseConcluded: 'NOASSERTION',
    licenseDeclared: expressionOf(licences, named) ?? 'NOASSERTION',
    copyrightText: 'NOASSERTION',
    externalRefs: [{ referenceCategory: 'PACKAGE-MANAGER', referenceType: 'purl', referenceLocator: purl }],
    primaryPackagePurpose: 'LIBRARY',
    annotations,
  }
}

/** 2.3 writes this purpose with a hyphen in its text and an underscore in its schema; only its name and no purpose is the same in both. */
function systemPackage({ id, version, name }: OperatingSystem) {
  return {
    ...bare('SPDXRef-OperatingSystem', id),
    ...(version !== undefined && { versionInfo: version }),
    ...(name !== undefined && { summary: name }),
  }
}

function relationshipsOf(entries: readonly Entry[], os: OperatingSystem | undefined) {
  const relation = (spdxElementId: string, relationshipType: string, relatedSpdxElement: string) => ({
    spdxElementId,
    relationshipType,
    relatedSpdxElement,
  })
  return [
    relation('SPDXRef-DOCUMENT', 'DESCRIBES', 'SPDXRef-root'),
    ...(os === undefined ? [] : [relation('SPDXRef-root', 'CONTAINS', 'SPDXRef-OperatingSystem')]),
    ...entries.map(({ ref }) => relation('SPDXRef-root', 'CONTAINS', idOf(ref))),
    ...entries.filter(({ direct }) => direct).map(({ ref }) => relation('SPDXRef-root', 'DEPENDS_ON', idOf(ref))),
    ...entries.flatMap(({ ref, needs }) => needs.map((needed) => relation(idOf(ref), 'DEPENDS_ON', idOf(needed)))),
  ]
}

/** Clause 10: a licence that is not on SPDX's list has a text; all that is known of it is what the package calls it. */
function extracted(named: ReadonlyMap<string, string>) {
  return distinct([...named.keys()]).map((licenseId) => {
    const name = named.get(licenseId)!
    return { licenseId, name, extractedText: name, comment: 'Named so by the package; the text itself was not looked at.' }
  })
}
