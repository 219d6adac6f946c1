import * as z from 'zod'
import { scopes, type Gap, type Occurrence, type OperatingSystem, type Scope, type SourcePackage } from '../../model/component.ts'
import { AppError } from '../../model/errors.ts'
import { checkCount, componentOfPurl, listed } from '../sbom-component.ts'
import type { SbomContent } from '../sbom.ts'

const Bom = z.object({
  bomFormat: z.literal('CycloneDX'),
  specVersion: z.string(),
  metadata: z.object({ component: z.object({ name: z.string().optional(), type: z.string().optional() }).optional() }).optional(),
  components: z.array(z.unknown()).default([]),
})
const Part = z.object({
  type: z.string().optional(),
  group: z.string().optional(),
  name: z.string(),
  version: z.string().optional(),
  purl: z.string().optional(),
  scope: z.string().optional(),
  components: z.array(z.unknown()).optional(),
  properties: z.array(z.object({ name: z.string().optional(), value: z.string().optional() })).optional(),
  evidence: z.object({ occurrences: z.array(z.object({ location: z.string().optional() })).optional() }).optional(),
})
type Part = z.infer<typeof Part>

/** Parts that stand for no software that could be installed: without a package URL nothing is missing. */
const noPackages = new Set(['operating-system', 'file', 'device', 'data', 'cryptographic-asset'])

/** A CycloneDX JSON document (ECMA-424), 1.2 to 1.6; a newer 1.x is read as far as it agrees. `named` is where it came from. */
export function readCycloneDx(value: unknown, named: string): SbomContent {
  const bom = Bom.safeParse(value)
  if (!bom.success) throw new AppError('invalid', `${named} is not a CycloneDX document: ${z.prettifyError(bom.error).slice(0, 500)}`)
  if (!/^1\.(?:[2-9]|\d\d)$/.test(bom.data.specVersion))
    throw new AppError('unsupported', `${named}: CycloneDX ${bom.data.specVersion.slice(0, 20)}; expected JSON of version 1.2 to 1.6`)
  const { parts, broken } = flatten(bom.data.components, named)
  const os = systemOf(parts)
  const occurrences: Occurrence[] = []
  const gaps: Gap[] = broken === 0 ? [] : [gap(named, `${broken} components are not as CycloneDX describes them`)]
  const nameless: string[] = []
  for (const part of parts) {
    if (part.purl === undefined) {
      if (!isNoPackage(part)) nameless.push(part.version === undefined ? part.name : `${part.name}@${part.version}`)
      continue
    }
    const component = componentOfPurl(part.purl, { version: part.version, source: sourceOf(part), os })
    if ('reason' in component) gaps.push(gap(named, component.reason))
    else occurrences.push(...placesOf(part, named).map((path) => ({ component, at: { path }, extractor: 'sbom', ...roleOf(part) })))
  }
  if (nameless.length > 0)
    gaps.push(gap(named, `${nameless.length} components have no package URL and cannot be judged: ${listed(nameless)}`))
  const subject = bom.data.metadata?.component
  return { occurrences, gaps, ...(os && { os }), ...(subject?.name && { subject: { name: subject.name, type: subject.type ?? '' } }) }
}

/** Trivy writes a file of packages, a lockfile say, as an application that the packages hang on, and says of what class they are. */
function isNoPackage(part: Part): boolean {
  return noPackages.has(part.type ?? '') || (part.type === 'application' && property(part, 'aquasecurity:trivy:Class') !== undefined)
}

const gap = (path: string, reason: string): Gap => ({ path, extractor: 'sbom', reason })

/** Components may hold components to any depth; no recursion, since a stranger decides how deep. */
function flatten(components: readonly unknown[], named: string): { readonly parts: readonly Part[]; readonly broken: number } {
  const parts: Part[] = []
  let broken = 0
  const waiting = components.toReversed()
  while (waiting.length > 0) {
    checkCount(waiting.length + parts.length + broken, named)
    const part = Part.safeParse(waiting.pop())
    if (part.success) parts.push(part.data)
    else broken++
    for (const inner of part.data?.components?.toReversed() ?? []) waiting.push(inner)
  }
  return { parts, broken }
}

function systemOf(parts: readonly Part[]): OperatingSystem | undefined {
  const system = parts.find(({ type }) => type === 'operating-system')
  return system && { id: system.name.toLowerCase(), ...(system.version !== undefined && { version: system.version }) }
}

/** Trivy tells the source package in properties of its own. */
function sourceOf(part: Part): SourcePackage | undefined {
  const [name, version, release, epoch] = ['SrcName', 'SrcVersion', 'SrcRelease', 'SrcEpoch'].map((key) =>
    property(part, `aquasecurity:trivy:${key}`),
  )
  if (name === undefined || version === undefined) return undefined
  return { name, version: `${epoch ? `${epoch}:` : ''}${version}${release ? `-${release}` : ''}` }
}

function placesOf(part: Part, named: string): readonly string[] {
  const pathsOf = (written: readonly (string | undefined)[]) =>
    written.map((path) => (path ?? '').replace(/^\/+/, '')).filter((path) => path !== '')
  const seen = pathsOf((part.evidence?.occurrences ?? []).map(({ location }) => location))
  const told = pathsOf([property(part, 'aquasecurity:trivy:FilePath'), property(part, 'syft:location:0:path')])
  const places = seen.length > 0 ? seen : told.slice(0, 1)
  return places.length > 0 ? [...new Set(places)] : [named]
}

const scopeOf: Readonly<Record<string, Scope>> = { excluded: 'dev', optional: 'optional' }

/** What our own writer noted, or CycloneDX's scope: `excluded` is for tests and building. */
function roleOf(part: Part): Pick<Occurrence, 'ownedBy' | 'scope' | 'direct'> {
  const noted = property(part, 'openinspector:scope')
  const scope = scopes.find((one) => one === noted) ?? scopeOf[part.scope ?? '']
  const owner = property(part, 'openinspector:owner')
  return {
    ...(owner !== undefined && { ownedBy: owner }),
    ...(scope !== undefined && { scope }),
    ...(property(part, 'openinspector:direct') === 'true' && { direct: true }),
  }
}

const property = ({ properties }: Part, name: string): string | undefined => properties?.find((one) => one.name === name)?.value
