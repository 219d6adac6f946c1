import * as z from 'zod'
import { systemTypes, type OperatingSystem, type SourcePackage } from '../model/component.ts'
import { AppError } from '../model/errors.ts'
import { isRecord } from './json.ts'
import { hashesOf } from './sbom-hashes.ts'
import { checkCount, contentOf, kept, licencesOf, placeOf, type Found, type SbomContent, type SbomPart } from './sbom-parts.ts'
import { listOf, Text } from './sbom-shapes.ts'

const Artifact = z.object({
  id: Text,
  name: z.string(),
  version: Text,
  purl: z.string().optional(),
  locations: z
    .array(z.object({ path: Text, layerID: Text, annotations: z.object({ evidence: Text }).optional().catch(undefined) }).catch({}))
    .catch([]),
  /** Before schema 11 a licence was a text. */
  licenses: z.array(z.union([z.string(), z.object({ value: Text, spdxExpression: Text })]).catch('')).catch([]),
  /** Before schema 16 a CPE was a text. */
  cpes: z.array(z.union([z.string(), z.object({ cpe: Text })]).catch('')).catch([]),
  metadata: z
    .object({
      source: Text,
      sourceVersion: Text,
      originPackage: Text,
      sourceRpm: Text,
      modularityLabel: Text,
      digest: listOf('algorithm', 'value'),
    })
    .optional()
    .catch(undefined),
})
type Artifact = z.infer<typeof Artifact>
const Document = z.object({
  artifacts: z.array(z.unknown()),
  artifactRelationships: listOf('parent', 'child', 'type'),
  source: z
    .object({ type: Text, name: Text, metadata: z.object({ userInput: Text }).optional().catch(undefined) })
    .optional()
    .catch(undefined),
  distro: z.object({ id: Text, name: Text, versionID: Text, version: Text, prettyName: Text }).optional().catch(undefined),
})

/** Is it the output of `syft -o json`? */
export function isSyft(document: Readonly<Record<string, unknown>>): boolean {
  const { artifacts, descriptor, schema } = document
  const named = isRecord(descriptor) && descriptor['name'] === 'syft'
  return Array.isArray(artifacts) && (named || (isRecord(schema) && /\/syft\//.test(String(schema['url']))))
}

/** What Syft itself writes (its JSON schema, versions 1 to 16). `named` is where it came from. */
export function readSyft(value: unknown, named: string): SbomContent {
  const document = Document.safeParse(value)
  if (!document.success) throw new AppError('invalid', `${named} is no output of Syft: ${z.prettifyError(document.error).slice(0, 500)}`)
  const { artifacts, artifactRelationships, source, distro } = document.data
  checkCount(artifacts.length, named)
  const known = artifacts.map((one) => Artifact.safeParse(one))
  const told = known.flatMap(({ data }) => data ?? [])
  const broken = known.length - told.length
  const owners = ownersOf(told, artifactRelationships)
  const name = source?.metadata?.userInput ?? source?.name
  return contentOf(
    {
      parts: told.map((one) => partOf(one, owners.get(one.id ?? ''))),
      // The parent is needed by the child.
      needs: artifactRelationships
        .filter(({ type }) => type === 'dependency-of')
        .map(({ parent = '', child = '' }): readonly [string, readonly string[]] => [child, [parent]]),
      systems: systemOf(distro),
      ...(name && { subject: { name, type: source?.type === 'image' ? 'container' : '' } }),
      doubts: broken === 0 ? [] : [`${broken} artifacts are not as Syft writes them`],
      gaps: [],
    },
    named,
  )
}

function systemOf(distro: z.infer<typeof Document>['distro']): readonly OperatingSystem[] {
  const id = kept(distro?.id ?? distro?.name)
  if (id === undefined) return []
  const [version, name] = [kept(distro?.versionID ?? distro?.version), kept(distro?.prettyName)]
  return [{ id, ...(version !== undefined && { version }), ...(name !== undefined && { name: name.slice(0, 256) }) }]
}

/** Names of the system's packages that own the files of others. */
function ownersOf(
  artifacts: readonly Artifact[],
  relationships: z.infer<typeof Document>['artifactRelationships'],
): ReadonlyMap<string, string> {
  const system = artifacts.filter(({ purl }) => systemTypes.has(/^pkg:([a-z]+)\//.exec(purl ?? '')?.[1] ?? ''))
  const names = new Map(system.map(({ id = '', name }) => [id, name]))
  const owned = relationships.filter(({ type, child }) => type === 'ownership-by-file-overlap' && !names.has(child ?? ''))
  return new Map(owned.flatMap(({ parent = '', child = '' }) => (names.has(parent) ? [[child, names.get(parent)!]] : [])))
}

function partOf(artifact: Artifact, owner: string | undefined): SbomPart {
  const { id, name, version, purl, licenses, cpes, metadata } = artifact
  return {
    ref: id,
    name,
    version,
    purl: purl === '' ? undefined : purl,
    cpe: cpes.map((one) => (typeof one === 'string' ? one : one.cpe)).find(Boolean),
    software: true,
    source: sourceOf(metadata),
    module: metadata?.modularityLabel,
    found: foundOf(artifact, owner),
    licences: licencesOf(licenses.map((one) => (typeof one === 'string' ? one : one.spdxExpression || one.value))),
    hashes: hashesOf(
      'spdx3',
      (metadata?.digest ?? []).map(({ algorithm, value }) => ({ algorithm, hex: value })),
    ),
  }
}

/** Of a deb package; others say it in their purl's `upstream`. */
function sourceOf(metadata: Artifact['metadata']): SourcePackage | undefined {
  const { source, sourceVersion } = metadata ?? {}
  return source && sourceVersion ? { name: source, version: sourceVersion } : undefined
}

/** The places from which it was read; the others are what was read beside: licence texts, lists of files. */
function foundOf({ locations }: Artifact, owner: string | undefined): readonly Found[] {
  const primary = locations.filter(({ annotations }) => annotations?.evidence === 'primary')
  const chosen = primary.length > 0 ? primary : locations.slice(0, 1)
  const role = owner === undefined ? {} : { ownedBy: owner }
  const found = chosen.map(({ path, layerID }) => ({ ...placeOf(path, layerID), ...role }))
  return found.length > 0 ? found : [role]
}
