import * as z from 'zod'
import type { OperatingSystem, Scope } from '../../model/component.ts'
import { AppError } from '../../model/errors.ts'
import type { VexState } from '../../model/resource.ts'
import type { SbomClaim } from '../sbom-claims.ts'
import { systemId } from '../sbom-component.ts'
import { hashesOf } from '../sbom-hashes.ts'
import { checkCount, contentOf, kept, licencesOf, type SbomContent, type SbomPart } from '../sbom-parts.ts'
import { foundOfLine, gapOfLine } from '../sbom-place.ts'
import { listOf, Text } from '../sbom-shapes.ts'

/** A list, or its only member in its place (JSON-LD, compacted). */
const Texts = z.preprocess((value) => [value].flat().filter((one) => typeof one === 'string'), z.array(z.string()))
const Element = z.object({
  type: z.string(),
  spdxId: Text,
  name: Text,
  summary: Text,
  // software_Package
  software_packageVersion: Text,
  software_packageUrl: Text,
  software_primaryPurpose: Text,
  software_sourceInfo: Text,
  externalIdentifier: listOf('externalIdentifierType', 'identifier'),
  verifiedUsing: listOf('algorithm', 'hashValue'),
  // Relationship
  from: Text,
  to: Texts,
  relationshipType: Text,
  scope: Text,
  // Annotation
  subject: Text,
  statement: Text,
  // licences
  simplelicensing_licenseExpression: Text,
  simplelicensing_licenseText: Text,
  simplelicensing_customIdToUri: listOf('key', 'value'),
  // SpdxDocument and software_Sbom
  rootElement: Texts,
  import: z.array(z.unknown()).optional().catch(undefined),
  // security_Vex...VulnAssessmentRelationship
  security_justificationType: Text,
  security_impactStatement: Text,
  security_statusNotes: Text,
})
type Element = z.infer<typeof Element>
const Document = z.object({ '@graph': z.array(z.unknown()) })

/** Is it meant to be SPDX 3? Its context says so, in one of the places where it may stand. */
export function isSpdx3(document: object): boolean {
  const context = '@context' in document ? [document['@context']].flat() : []
  return context.some((one) => typeof one === 'string' && one.startsWith('https://spdx.org/rdf/3.'))
}

/** An SPDX 3 document in its JSON-LD serialization, where members have the short names of its context. `named` is where it came from. */
export function readSpdx3(value: unknown, named: string): SbomContent {
  const document = Document.safeParse(value)
  if (!document.success) throw new AppError('invalid', `${named} is not an SPDX 3 document: expected a list of elements in @graph`)
  const graph = document.data['@graph']
  checkCount(graph.length, named)
  const known = graph.map((one) => Element.safeParse(one))
  const elements = known.flatMap(({ data }) => data ?? [])
  const broken = known.length - elements.length
  const documents = elements.filter(({ type }) => type === 'SpdxDocument')
  const imports = documents.reduce((sum, one) => sum + (one.import?.length ?? 0), 0)
  const { root, subject, gaps } = aboutOf(elements, documents)
  const packages = elements.filter(isPackage)
  const around = { root, notes: notesOf(elements), licences: licencesBy(elements), roles: rolesOf(elements) }
  return contentOf(
    {
      parts: packages.map((one) => partOf(one, around)),
      needs: elements.filter(({ relationshipType }) => dependency.has(relationshipType ?? '')).map(({ from = '', to }) => [from, to]),
      root,
      systems: packages.filter(isSystem).map(operatingSystem),
      ...(subject !== undefined && { subject }),
      doubts: [
        ...(broken === 0 ? [] : [`${broken} elements are not as SPDX describes them`]),
        ...(imports === 0 ? [] : [`it refers to ${imports} elements of other documents, which are not read`]),
      ],
      gaps,
      claims: claimsIn(elements),
    },
    named,
  )
}

const isPackage = ({ type }: Element): boolean => /^(?:software_|ai_AI|dataset_Dataset)Package$/.test(type)
const isSystem = ({ software_primaryPurpose }: Element): boolean => software_primaryPurpose === 'operatingSystem'

/** What the document is about: the root of the bill that is its root. */
function aboutOf(elements: readonly Element[], documents: readonly Element[]) {
  const byId = new Map(elements.map((one) => [one.spdxId ?? '', one]))
  const [bill] = documents.length === 1 ? documents[0]!.rootElement : []
  const first = byId.get(bill ?? '')
  const roots = first !== undefined && /Bom$|^software_Sbom$/.test(first.type) ? first.rootElement : (documents[0]?.rootElement ?? [])
  const root = roots.length === 1 ? byId.get(roots[0]!) : undefined
  const notes = elements.filter(({ type, subject }) => type === 'Annotation' && (subject === bill || subject === documents[0]?.spdxId))
  return {
    root: root?.spdxId,
    subject: root?.name === undefined ? undefined : { name: root.name, type: wordOf(root) },
    gaps: notes.flatMap(({ statement }) => lineOf(statement, 'gap').flatMap((line) => gapOfLine(line) ?? [])),
  }
}

/** In CycloneDX's words. */
const wordOf = ({ software_primaryPurpose = '' }: Element): string => software_primaryPurpose.replace('operatingSystem', 'operating-system')

function operatingSystem({ name = '', software_packageVersion, summary }: Element): OperatingSystem {
  const [version, title] = [kept(software_packageVersion), kept(summary)]
  return {
    id: systemId(name).slice(0, 256),
    ...(version !== undefined && { version }),
    ...(title !== undefined && { name: title.slice(0, 256) }),
  }
}

type Around = {
  readonly root: string | undefined
  /** Statements about an element, by its address. */
  readonly notes: ReadonlyMap<string, readonly string[]>
  readonly licences: ReadonlyMap<string, readonly string[]>
  readonly roles: ReadonlyMap<string, Scope>
}

const noSoftware = new Set(['operatingSystem', 'file', 'device', 'data', 'documentation', 'specification', 'test'])

function partOf(told: Element, { root, notes, licences, roles }: Around): SbomPart {
  const { spdxId = '', name = spdxId, software_primaryPurpose = '', externalIdentifier, verifiedUsing } = told
  const identifier = (type: RegExp) => externalIdentifier.find((one) => type.test(one.externalIdentifierType ?? ''))?.identifier
  const purl = told.software_packageUrl ?? identifier(/^packageUrl$/i)
  const role = roles.get(spdxId)
  const own = (notes.get(spdxId) ?? []).flatMap((line) => foundOfLine(line) ?? [])
  return {
    ref: spdxId,
    name,
    version: told.software_packageVersion,
    // What the document is about may be named as an image in a registry: not what is in it.
    purl: spdxId === root && /^pkg:(?:oci|docker)\//.test(purl ?? '') ? undefined : purl,
    cpe: identifier(/^cpe2[23]$/),
    software: spdxId !== root && !noSoftware.has(software_primaryPurpose),
    found: own.length > 0 ? own : role === undefined ? [] : [{ scope: role }],
    exact: own.length > 0,
    licences: licencesOf(licences.get(spdxId) ?? []),
    hashes: hashesOf(
      'spdx3',
      verifiedUsing.map(({ algorithm, hashValue }) => ({ algorithm, hex: hashValue })),
    ),
  }
}

/** What we write as a statement: `openinspector:place {...}`. */
function lineOf(statement: string | undefined, kind: 'place' | 'gap'): readonly string[] {
  const head = `openinspector:${kind} `
  return statement?.startsWith(head) ? [statement.slice(head.length)] : []
}

function notesOf(elements: readonly Element[]): ReadonlyMap<string, readonly string[]> {
  const noted = elements.filter(({ type, statement }) => type === 'Annotation' && statement !== undefined)
  const grouped = Map.groupBy(noted, ({ subject = '' }) => subject)
  return new Map([...grouped].map(([id, notes]) => [id, notes.flatMap(({ statement }) => lineOf(statement, 'place'))]))
}

/** Licences by package: those that it declares, or else those that somebody concluded. One reference alone stands for its text. */
function licencesBy(elements: readonly Element[]): ReadonlyMap<string, readonly string[]> {
  const byId = new Map(elements.map((one) => [one.spdxId ?? '', one]))
  const textOf = (id: string): string | undefined => {
    const {
      simplelicensing_licenseExpression: expression,
      simplelicensing_customIdToUri: custom,
      simplelicensing_licenseText: text,
    } = byId.get(id) ?? { simplelicensing_customIdToUri: [] }
    const uri = custom.find(({ key }) => key === expression)?.value
    return byId.get(uri ?? '')?.simplelicensing_licenseText ?? expression ?? text
  }
  const licences = new Map<string, readonly string[]>()
  for (const kind of ['hasConcludedLicense', 'hasDeclaredLicense'])
    for (const { relationshipType, from = '', to } of elements)
      if (relationshipType === kind)
        licences.set(
          from,
          to.flatMap((id) => textOf(id) ?? []),
        )
  return licences
}

/** SPDX 3.0, Core/RelationshipType: the first depends on the others. */
const dependency = new Map<string, Scope | undefined>([
  ['dependsOn', undefined],
  ['hasPrerequisite', undefined],
  ['hasOptionalDependency', 'optional'],
  ['hasProvidedDependency', 'peer'],
])
const devScopes = new Set(['build', 'design', 'development', 'test'])

function rolesOf(elements: readonly Element[]): ReadonlyMap<string, Scope> {
  const roles = new Map<string, Scope>()
  for (const { relationshipType = '', scope = '', to } of elements) {
    if (!dependency.has(relationshipType)) continue
    const role = devScopes.has(scope) ? 'dev' : (dependency.get(relationshipType) ?? (scope === 'runtime' ? 'runtime' : undefined))
    // What anything needs to run is there to run.
    for (const one of to) if (role !== undefined && roles.get(one) !== 'runtime') roles.set(one, role)
  }
  return roles
}

/** SPDX 3.0, profile Security: classes of what somebody decided of a vulnerability, which is the relationship's `from`. */
const states: Readonly<Record<string, VexState>> = {
  security_VexAffectedVulnAssessmentRelationship: 'affected',
  security_VexFixedVulnAssessmentRelationship: 'fixed',
  security_VexNotAffectedVulnAssessmentRelationship: 'not_affected',
  security_VexUnderInvestigationVulnAssessmentRelationship: 'under_investigation',
}

function claimsIn(elements: readonly Element[]): readonly SbomClaim[] {
  const vulnerabilities = new Map(elements.filter(({ type }) => type === 'security_Vulnerability').map((one) => [one.spdxId ?? '', one]))
  return elements.flatMap((one) => {
    const state = states[one.type]
    const found = vulnerabilities.get(one.from ?? '')
    const vulnerability = found?.externalIdentifier.find(({ identifier }) => identifier !== undefined)?.identifier ?? found?.name
    if (state === undefined || vulnerability === undefined) return []
    const detail = one.security_impactStatement ?? one.security_statusNotes
    return [{ vulnerability, state, about: one.to, justification: one.security_justificationType, detail }]
  })
}
