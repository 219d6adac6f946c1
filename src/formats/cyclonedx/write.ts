import type { SbomSubject } from '../../model/sbom.ts'
import { type Entry, entriesOf, subjectType, uuidOf } from '../sbom-bill.ts'
import { hashIn } from '../sbom-hashes.ts'
import { isLicenceExpression, isLicenceId } from '../sbom-licences.ts'
import { gapLine } from '../sbom-place.ts'
import type { Component, OperatingSystem } from '../../model/component.ts'

/** Characters that the schema allows a version. */
const LONGEST_VERSION = 1024

export type CycloneDxVersion = '1.4' | '1.6' | '1.7'

/** A CycloneDX document (ECMA-424) as JSON text. Sorted; its serial number is derived from its content. */
export function writeCycloneDx({ resource, occurrences, gaps, os, tool, at }: SbomSubject, version: CycloneDxVersion): string {
  const entries = entriesOf(occurrences)
  const lines = gaps.map(gapLine).sort()
  const root = resource.arn
  const content = {
    version: 1,
    metadata: {
      timestamp: at,
      tools: toolsOf(tool, version),
      component: { 'bom-ref': root, type: subjectType(resource.type), name: resource.id },
      ...(lines.length > 0 && { properties: lines.map((value) => ({ name: 'openinspector:gap', value })) }),
    },
    components: [...(os === undefined ? [] : [systemComponent(os)]), ...entries.map((entry) => componentOf(entry, version))],
    dependencies: dependenciesOf(entries, root),
    ...(lines.length > 0 && { compositions: [{ aggregate: 'incomplete', assemblies: [root] }] }),
  }
  const head = {
    $schema: `http://cyclonedx.org/schema/bom-${version}.schema.json`,
    bomFormat: 'CycloneDX',
    specVersion: version,
    serialNumber: `urn:uuid:${uuidOf(JSON.stringify([version, content]))}`,
  }
  return `${JSON.stringify({ ...head, ...content }, null, 2)}\n`
}

/** Before 1.5 a tool was no component. */
function toolsOf(tool: string, version: CycloneDxVersion) {
  if (version === '1.4') return [{ vendor: 'OpenInspector', name: 'openinspector', version: tool }]
  return { components: [{ type: 'application', name: 'openinspector', version: tool }] }
}

function componentOf({ ref, component, purl, use, paths, places, licences, hashes }: Entry, version: CycloneDxVersion) {
  const [group, name] = groupAndName(component)
  const digests = hashes.flatMap((hash) => hashIn('cycloneDx', hash) ?? [])
  return {
    'bom-ref': ref,
    type: 'library',
    ...(group !== undefined && { group }),
    name,
    // A longer one stands in the package URL alone.
    ...(component.version !== '' && component.version.length <= LONGEST_VERSION && { version: component.version }),
    scope: use,
    ...(digests.length > 0 && { hashes: digests.map(({ algorithm, hex }) => ({ alg: algorithm, content: hex })) }),
    ...(licences.length > 0 && { licenses: licencesOf(licences) }),
    purl,
    properties: places.map((value) => ({ name: 'openinspector:place', value })),
    // Before 1.5 evidence had no places.
    ...(version !== '1.4' && { evidence: { occurrences: paths.map((location) => ({ location })) } }),
  }
}

/** Only one expression may stand there, and then alone. */
function licencesOf(licences: readonly string[]) {
  const [only] = licences
  if (only !== undefined && licences.length === 1 && !isLicenceId(only) && isLicenceExpression(only)) return [{ expression: only }]
  return licences.map((licence) => ({ license: isLicenceId(licence) ? { id: licence } : { name: licence } }))
}

function dependenciesOf(entries: readonly Entry[], root: string) {
  const direct = entries.filter((entry) => entry.direct).map(({ ref }) => ref)
  return [
    ...(direct.length === 0 ? [] : [{ ref: root, dependsOn: direct }]),
    ...entries.flatMap(({ ref, needs }) => (needs.length === 0 ? [] : [{ ref, dependsOn: needs }])),
  ]
}

function systemComponent({ id, version, name }: OperatingSystem) {
  const described = name === undefined ? {} : { description: name }
  return { 'bom-ref': `os:${id}`, type: 'operating-system', name: id, ...(version !== undefined && { version }), ...described }
}

/** An npm scope is the component's group; other namespaces are told by the package URL. */
function groupAndName({ type, name }: Component): readonly [string | undefined, string] {
  const slash = type === 'npm' ? name.indexOf('/') : -1
  return slash === -1 ? [undefined, name] : [name.slice(0, slash), name.slice(slash + 1)]
}
