import * as z from 'zod'
import type { Scope, SourcePackage } from '../../model/component.ts'
import { hashesOf } from '../sbom-hashes.ts'
import { kept, licencesOf, pathOf, placeOf, type Found, type SbomPart } from '../sbom-parts.ts'
import { foundOfLine } from '../sbom-place.ts'
import { listOf, Text } from '../sbom-shapes.ts'

export const Properties = listOf('name', 'value')

export const Component = z.object({
  'bom-ref': Text,
  type: Text,
  group: Text,
  name: z.string(),
  version: Text,
  /** 1.7: the versions that would do, of what is not part of the whole. */
  versionRange: Text,
  description: Text,
  purl: z.string().optional(),
  cpe: Text,
  scope: Text,
  components: z.array(z.unknown()).optional(),
  properties: Properties,
  evidence: z
    .object({ occurrences: listOf('location') })
    .optional()
    .catch(undefined),
  hashes: listOf('alg', 'content'),
  licenses: z
    .array(z.object({ expression: Text, license: z.object({ id: Text, name: Text }).optional().catch(undefined) }).catch({}))
    .catch([]),
})
export type Component = z.infer<typeof Component>

/** What stands for no software that could be installed. */
const noSoftware = new Set(['operating-system', 'file', 'device', 'data', 'cryptographic-asset'])

export const isSystem = ({ type }: Component): boolean => type === 'operating-system'

export const property = ({ properties }: Component, name: string): string | undefined => properties.find((one) => one.name === name)?.value

/** Name and group, as most ecosystems write them. */
export const titleOf = ({ group, name }: Pick<Component, 'group' | 'name'>): string =>
  group === undefined || group === '' ? name : `${group}/${name}`

/** A component of a document of any generator. */
export function partOf(component: Component): SbomPart {
  const { hashes, licenses } = component
  const unresolved = property(component, 'amazon:inspector:sbom_generator:unresolved_version')
  return {
    ref: component['bom-ref'],
    name: titleOf(component),
    version: unresolved === undefined ? component.version : undefined,
    purl: unresolved === undefined ? component.purl : component.purl?.replace(/@[^@/?#]*(?=[?#]|$)/, ''),
    cpe: component.cpe ?? property(component, 'syft:cpe23'),
    software: !isNoSoftware(component),
    source: sourceOf(component),
    module: property(component, 'aquasecurity:trivy:Modularitylabel') ?? property(component, 'syft:metadata:modularityLabel'),
    ...placed(component, unresolved),
    licences: licencesOf(licenses.map(({ expression, license }) => expression ?? license?.id ?? license?.name)),
    hashes: hashesOf(
      'cycloneDx',
      hashes.map(({ alg, content }) => ({ algorithm: alg, hex: content })),
    ),
  }
}

/** Trivy writes a file of packages, a lockfile say, as an application that the packages hang on, and says of what class they are. */
function isNoSoftware(component: Component): boolean {
  const { type = '' } = component
  return noSoftware.has(type) || (type === 'application' && property(component, 'aquasecurity:trivy:Class') !== undefined)
}

/** Trivy and Syft tell the source package in properties of their own. */
function sourceOf(component: Component): SourcePackage | undefined {
  const [name, version, release, epoch] = ['SrcName', 'SrcVersion', 'SrcRelease', 'SrcEpoch'].map((key) =>
    property(component, `aquasecurity:trivy:${key}`),
  )
  if (name !== undefined && version !== undefined)
    return { name, version: `${epoch ? `${epoch}:` : ''}${version}${release ? `-${release}` : ''}` }
  const [source, own] = [property(component, 'syft:metadata:source'), property(component, 'syft:metadata:sourceVersion')]
  return source === undefined || own === undefined ? undefined : { name: source, version: own }
}

/** Properties in which generators name the file a component was read from, and the image layer of that file. */
const places: readonly (readonly [path: string, layer?: string])[] = [
  ['aquasecurity:trivy:FilePath', 'aquasecurity:trivy:LayerDiffID'],
  // The others that Syft lists are what it read beside: licence texts, lists of files.
  ['syft:location:0:path', 'syft:location:0:layerID'],
  ['amazon:inspector:sbom_generator:source_path', 'amazon:inspector:sbom_generator:layer_diff_id'],
  ['SrcFile'],
  ['cdx:npm:package:path'],
]

function placed(component: Component, unresolved: string | undefined): Pick<SbomPart, 'found' | 'exact'> {
  const own = component.properties.flatMap(({ name, value }) =>
    name === 'openinspector:place' && value !== undefined ? (foundOfLine(value) ?? []) : [],
  )
  return own.length > 0 ? { found: own, exact: true } : { found: foundOf(component, unresolved) }
}

function foundOf(component: Component, unresolved: string | undefined): readonly Found[] {
  const role = roleOf(component, unresolved)
  const layer = places.map(([, name]) => name && property(component, name)).find((one) => one !== undefined)
  const seen = (component.evidence?.occurrences ?? []).flatMap(({ location }) => pathOf(location) ?? [])
  const told = places.flatMap(([name]) => pathOf(property(component, name)) ?? [])
  const paths = [...new Set(seen.length > 0 ? seen : told.slice(0, 1))]
  return paths.length === 0 ? [{ ...placeOf(undefined, layer), ...role }] : paths.map((path) => ({ ...placeOf(path, layer), ...role }))
}

const scopeOf: Readonly<Record<string, Scope>> = { excluded: 'dev', optional: 'optional' }
/** CycloneDX property taxonomies of npm and Composer. */
const devOnly = ['cdx:npm:package:development', 'cdx:composer:package:isDevRequirement']

/** CycloneDX's scope `excluded` is for tests and building. */
function roleOf(component: Component, unresolved: string | undefined): Omit<Found, 'at'> {
  const range = kept(unresolved ?? (component.version === undefined ? component.versionRange : undefined))
  if (range !== undefined) return { scope: 'declared', requirement: range }
  const dev = devOnly.some((name) => property(component, name) === 'true')
  const scope = dev ? 'dev' : scopeOf[component.scope ?? '']
  return scope === undefined ? {} : { scope }
}
