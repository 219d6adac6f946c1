import { createHash } from 'node:crypto'
import type { Component, Occurrence, OperatingSystem } from '../../model/component.ts'
import type { Resource } from '../../model/resource.ts'

export type BomSubject = {
  readonly resource: Pick<Resource, 'arn' | 'id' | 'type'>
  readonly occurrences: readonly Occurrence[]
  readonly os?: OperatingSystem
  /** Version of OpenInspector. */
  readonly tool: string
  /** ISO time; left out, the same inventory gives the same text. */
  readonly timestamp?: string
}

type Property = { readonly name: string; readonly value: string }
/** One entry of the bill: a component, and all places where it was found under the same owner. */
type Entry = { readonly ref: string; readonly component: Component; readonly found: readonly Occurrence[] }

/** A CycloneDX 1.6 document (ECMA-424) as JSON text. Sorted; its serial number is derived from its content. */
export function writeCycloneDx({ resource, occurrences, os, tool, timestamp }: BomSubject): string {
  const entries = entriesOf(occurrences)
  const content = {
    version: 1,
    metadata: {
      ...(timestamp !== undefined && { timestamp }),
      tools: { components: [{ type: 'application', name: 'openinspector', version: tool }] },
      component: { 'bom-ref': resource.arn, type: subjectType(resource.type), name: resource.id },
    },
    components: [...(os === undefined ? [] : [systemComponent(os)]), ...entries.map(componentOf)],
    dependencies: dependenciesOf(entries),
  }
  const serialNumber = `urn:uuid:${uuidOf(JSON.stringify(content))}`
  return `${JSON.stringify({ $schema: 'http://cyclonedx.org/schema/bom-1.6.schema.json', bomFormat: 'CycloneDX', specVersion: '1.6', serialNumber, ...content }, null, 2)}\n`
}

/** The package URL with what our component carries apart from it, so that another program can judge the package. */
export function fullPurl({ purl, distro, source, version }: Component): string {
  const upstream = source && (source.version === version ? source.name : `${source.name}@${source.version}`)
  const added = [
    ...(distro === undefined ? [] : [`distro=${encodeURIComponent(distro.replace(':', '-'))}`]),
    ...(upstream === undefined ? [] : [`upstream=${encodeURIComponent(upstream)}`]),
  ]
  if (added.length === 0) return purl
  const [base = '', query] = purl.split('?', 2)
  return `${base}?${[...(query === undefined ? [] : query.split('&')), ...added].sort().join('&')}`
}

function entriesOf(occurrences: readonly Occurrence[]): readonly Entry[] {
  const grouped = Map.groupBy(
    occurrences,
    ({ component, ownedBy }) => fullPurl(component) + (ownedBy === undefined ? '' : `#owned-by-${ownedBy}`),
  )
  return [...grouped].sort(([a], [b]) => order(a, b)).map(([ref, found]) => ({ ref, component: found[0]!.component, found }))
}

function componentOf({ ref, component, found }: Entry) {
  const [group, name] = groupAndName(component)
  const scopes = new Set(found.map(({ scope }) => scope))
  return {
    'bom-ref': ref,
    type: 'library',
    ...(group !== undefined && { group }),
    name,
    version: component.version,
    scope:
      scopes.has(undefined) || scopes.has('runtime') ? 'required' : scopes.has('optional') || scopes.has('peer') ? 'optional' : 'excluded',
    purl: fullPurl(component),
    properties: propertiesOf(found),
    evidence: { occurrences: distinct(found.map(({ at }) => at.path)).map((location) => ({ location })) },
  }
}

function propertiesOf(found: readonly Occurrence[]): readonly Property[] {
  const values = (name: string, of: (occurrence: Occurrence) => string | undefined) =>
    distinct(found.map(of).filter((value) => value !== undefined)).map((value) => ({ name: `openinspector:${name}`, value }))
  return [
    ...values('direct', ({ direct }) => (direct ? 'true' : undefined)),
    ...values('extractor', ({ extractor }) => extractor),
    ...values('layer', ({ at }) => at.layer),
    ...values('owner', ({ ownedBy }) => ownedBy),
    ...values('scope', ({ scope }) => scope),
  ]
}

function dependenciesOf(entries: readonly Entry[]) {
  const refs = Map.groupBy(entries, ({ component }) => component.purl)
  return entries.flatMap(({ ref, found }) => {
    const needed = distinct(
      found.flatMap(({ dependsOn }) => dependsOn ?? []).flatMap((purl) => (refs.get(purl) ?? []).map((entry) => entry.ref)),
    )
    return needed.length === 0 ? [] : [{ ref, dependsOn: needed }]
  })
}

function systemComponent({ id, version, name }: OperatingSystem) {
  const properties = name === undefined ? {} : { description: name }
  return { 'bom-ref': `os:${id}`, type: 'operating-system', name: id, ...(version !== undefined && { version }), ...properties }
}

/** An npm scope is the component's group; other namespaces are told by the package URL. */
function groupAndName({ type, name }: Component): readonly [string | undefined, string] {
  const slash = type === 'npm' ? name.indexOf('/') : -1
  return slash === -1 ? [undefined, name] : [name.slice(0, slash), name.slice(slash + 1)]
}

function subjectType(type: Resource['type']): string {
  if (type.endsWith('_IMAGE')) return 'container'
  return type === 'OPENINSPECTOR_HOST' || type === 'AWS_EC2_INSTANCE' ? 'device' : 'application'
}

/** RFC 9562, section 5.8: version 8, for identifiers made in one's own way. */
function uuidOf(text: string): string {
  const bytes = createHash('sha256').update(text).digest().subarray(0, 16)
  bytes[6] = (bytes[6]! & 0x0f) | 0x80
  bytes[8] = (bytes[8]! & 0x3f) | 0x80
  const hex = bytes.toString('hex')
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-')
}

const distinct = (values: readonly string[]): readonly string[] => [...new Set(values)].sort(order)
const order = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
