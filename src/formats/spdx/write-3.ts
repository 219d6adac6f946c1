import type { SbomSubject } from '../../model/sbom.ts'
import type { OperatingSystem } from '../../model/component.ts'
import { distinct, type Entry, entriesOf, subjectType, uuidOf } from '../sbom-bill.ts'
import { hashIn } from '../sbom-hashes.ts'
import { expressionOf } from '../sbom-licences.ts'
import { gapLine } from '../sbom-place.ts'
import { elementName } from './element-name.ts'
import { secondOf } from './write-2.ts'

type Element = { readonly type: string; readonly spdxId: string; readonly [member: string]: unknown }
/** Makes an element of the document: its address, and who made it when. */
type Make = (type: string, name: string, members: object) => Element

/** The one object that every element refers to for who made it. */
const CREATION = '_:creation'

/** An SPDX 3.0 document (3.0.1, JSON-LD) as text. Sorted; its addresses are derived from its content. */
export function writeSpdx3(subject: SbomSubject): string {
  const { resource, gaps, os, tool, at } = subject
  const entries = entriesOf(subject.occurrences)
  const lines = gaps.map(gapLine).sort()
  // Member by member: what order an object has its members in says nothing.
  const told = entries.map(({ ref, places, licences, hashes, needs }) => [ref, places, licences, hashes, needs])
  const about = [resource.arn, resource.id, resource.type, os?.id, os?.version, os?.name, tool, at]
  const base = `urn:uuid:${uuidOf(JSON.stringify(['SPDX 3.0', about, lines, told]))}#`
  const graph = graphOf(subject, { entries, lines, base })
  return `${JSON.stringify({ '@context': 'https://spdx.org/rdf/3.0.1/spdx-context.jsonld', '@graph': graph }, null, 2)}\n`
}

type Listed = { readonly entries: readonly Entry[]; readonly lines: readonly string[]; readonly base: string }

function graphOf({ resource, os, tool, at }: SbomSubject, { entries: listed, lines, base }: Listed): readonly object[] {
  const make: Make = (type, name, members) => ({ type, spdxId: `${base}${name}`, creationInfo: CREATION, ...members })
  const agent = make('SoftwareAgent', 'openinspector', { name: `openinspector ${tool}` })
  const root = make('software_Package', 'root', { name: resource.id, software_primaryPurpose: subjectType(resource.type) })
  const entries = listed.map((entry): Placed => ({ ...entry, package: packageOf(entry, make) }))
  const packages = [...(os === undefined ? [] : [systemPackage(os, make)]), ...entries.map((entry) => entry.package)]
  const parts = [
    root,
    ...packages,
    ...licencesOf(entries, make),
    ...relationshipsOf({ root, packages, entries, whole: lines.length === 0 }, make),
    ...entries.flatMap((entry) => notesOn(entry.package, 'place', entry.places, make)),
  ]
  const sbom = make('software_Sbom', 'sbom', {
    name: resource.id,
    rootElement: [root.spdxId],
    element: parts.map(({ spdxId }) => spdxId),
    software_sbomType: ['analyzed'],
  })
  const notes = notesOn(sbom, 'gap', lines, make)
  const document = make('SpdxDocument', 'document', {
    name: resource.id,
    profileConformance: ['core', 'simpleLicensing', 'software'],
    rootElement: [sbom.spdxId],
    element: [agent, sbom, ...parts, ...notes].map(({ spdxId }) => spdxId),
  })
  const creation = { type: 'CreationInfo', '@id': CREATION, specVersion: '3.0.1', created: secondOf(at), createdBy: [agent.spdxId] }
  return [creation, document, agent, sbom, ...parts, ...notes]
}

type Placed = Entry & { readonly package: Element }

function packageOf({ ref, component, purl, hashes }: Entry, make: Make): Element {
  const digests = hashes.flatMap((hash) => hashIn('spdx3', hash) ?? [])
  return make('software_Package', `package-${elementName(ref)}`, {
    name: component.name,
    ...(digests.length > 0 && { verifiedUsing: digests.map(({ algorithm, hex }) => ({ type: 'Hash', algorithm, hashValue: hex })) }),
    externalIdentifier: [{ type: 'ExternalIdentifier', externalIdentifierType: 'packageUrl', identifier: purl }],
    software_primaryPurpose: 'library',
    ...(component.version !== '' && { software_packageVersion: component.version }),
    software_packageUrl: purl,
  })
}

function systemPackage({ id, version, name }: OperatingSystem, make: Make): Element {
  return make('software_Package', 'operating-system', {
    name: id,
    ...(name !== undefined && { summary: name }),
    software_primaryPurpose: 'operatingSystem',
    ...(version !== undefined && { software_packageVersion: version }),
  })
}

/** Each expression once, the texts that its references stand for, and which packages declare it. */
function licencesOf(entries: readonly Placed[], make: Make): readonly Element[] {
  const texts = new Map<string, Element>()
  const expressions = new Map<string, Element>()
  const declared = entries.flatMap((entry) => {
    const named = new Map<string, string>()
    const expression = expressionOf(entry.licences, named)
    if (expression === undefined) return []
    const references = distinct([...named.keys()])
    for (const reference of references)
      texts.set(reference, make('simplelicensing_SimpleLicensingText', reference, { simplelicensing_licenseText: named.get(reference) }))
    const customIds = references.map((key) => ({ type: 'DictionaryEntry', key, value: texts.get(key)?.spdxId }))
    const licence = make('simplelicensing_LicenseExpression', `licence-${elementName(expression)}`, {
      simplelicensing_licenseExpression: expression,
      ...(customIds.length > 0 && { simplelicensing_customIdToUri: customIds }),
    })
    expressions.set(expression, licence)
    return [relation(entry.package, 'hasDeclaredLicense', [licence.spdxId], make)]
  })
  const sorted = (elements: ReadonlyMap<string, Element>) => distinct([...elements.keys()]).map((key) => elements.get(key)!)
  return [...sorted(texts), ...sorted(expressions), ...declared]
}

type Contents = {
  readonly root: Element
  readonly packages: readonly Element[]
  readonly entries: readonly Placed[]
  /** Everything could be read. */
  readonly whole: boolean
}

function relationshipsOf({ root, packages, entries, whole }: Contents, make: Make): readonly Element[] {
  const ids = new Map(entries.map((entry) => [entry.ref, entry.package.spdxId]))
  const direct = entries.filter((entry) => entry.direct).map((entry) => entry.package.spdxId)
  const contains = packages.map(({ spdxId }) => spdxId)
  return [
    ...(contains.length === 0 ? [] : [relation(root, 'contains', contains, make, { completeness: whole ? 'noAssertion' : 'incomplete' })]),
    ...(direct.length === 0 ? [] : [relation(root, 'dependsOn', direct, make)]),
    ...entries.flatMap((entry) =>
      entry.needs.length === 0
        ? []
        : [
            relation(
              entry.package,
              'dependsOn',
              entry.needs.map((ref) => ids.get(ref)!),
              make,
            ),
          ],
    ),
  ]
}

function relation(from: Element, relationshipType: string, to: readonly string[], make: Make, more: object = {}): Element {
  const name = `${relationshipType}-${nameOf(from)}`
  return make('Relationship', name, { from: from.spdxId, relationshipType, to, ...more })
}

function notesOn(subject: Element, kind: 'place' | 'gap', lines: readonly string[], make: Make): readonly Element[] {
  return lines.map((line, at) =>
    make('Annotation', `${kind}-${at + 1}-${nameOf(subject)}`, {
      annotationType: 'other',
      subject: subject.spdxId,
      statement: `openinspector:${kind} ${line}`,
    }),
  )
}

const nameOf = ({ spdxId }: Element): string => spdxId.slice(spdxId.indexOf('#') + 1)
