import * as z from 'zod'
import type { OperatingSystem } from '../../model/component.ts'
import { AppError } from '../../model/errors.ts'
import { systemId } from '../sbom-component.ts'
import { checkCount, contentOf, kept, type SbomContent, type SbomPart } from '../sbom-parts.ts'
import { gapOfLine } from '../sbom-place.ts'
import { Component, isSystem, partOf, Properties, property, titleOf } from './component.ts'
import { claimOf, Vulnerability } from './vulnerabilities.ts'

const References = z.array(z.string()).optional().catch(undefined)
const Root = Component.extend({ name: z.string().default('') })
const Bom = z.object({
  bomFormat: z.literal('CycloneDX'),
  specVersion: z.string(),
  metadata: z.object({ component: Root.optional(), properties: Properties }).optional(),
  components: z.array(z.unknown()).default([]),
  dependencies: z.array(z.object({ ref: z.string(), dependsOn: References }).catch({ ref: '', dependsOn: [] })).default([]),
  compositions: z.array(z.object({ aggregate: z.string(), assemblies: References }).catch({ aggregate: '', assemblies: [] })).default([]),
  vulnerabilities: z.array(Vulnerability.catch({ affects: [] })).default([]),
})
type Bom = z.infer<typeof Bom>

/** A CycloneDX document (ECMA-424), 1.2 to 1.7; a newer 1.x is read as far as it agrees. `named` is where it came from. */
export function readCycloneDx(value: unknown, named: string): SbomContent {
  const bom = Bom.safeParse(value)
  if (!bom.success) throw new AppError('invalid', `${named} is not a CycloneDX document: ${z.prettifyError(bom.error).slice(0, 500)}`)
  const { specVersion, metadata, dependencies } = bom.data
  if (!/^1\.(?:[2-9]|\d\d)$/.test(specVersion))
    throw new AppError('unsupported', `${named}: CycloneDX ${specVersion.slice(0, 20)}; expected version 1.2 to 1.7`)
  const subject = metadata?.component
  const { components, broken } = flatten([...(subject?.components ?? []), ...bom.data.components], named)
  const gaps = (metadata?.properties ?? []).flatMap(({ name, value: line }) =>
    name === 'openinspector:gap' && line !== undefined ? (gapOfLine(line) ?? []) : [],
  )
  const doubts = [
    ...(broken === 0 ? [] : [`${broken} components are not as CycloneDX describes them`]),
    ...(gaps.length === 0 ? lacks(bom.data) : []),
  ]
  return contentOf(
    {
      parts: [...subjectPart(subject), ...components.map(partOf)],
      needs: dependencies.map(({ ref, dependsOn }) => [ref, dependsOn ?? []]),
      root: subject?.['bom-ref'],
      systems: components.filter(isSystem).map(operatingSystem),
      ...(subject?.name && { subject: { name: titleOf(subject), type: subject.type ?? '' } }),
      doubts,
      gaps,
      claims: bom.data.vulnerabilities.flatMap(claimOf),
    },
    named,
  )
}

/** A bill of what is in a library is about the library, too. An application is whose bill it is, and nobody's package, as is what was never published. */
function subjectPart(subject: Component | undefined): readonly SbomPart[] {
  if (subject?.purl === undefined || property(subject, 'cdx:npm:package:private') === 'true') return []
  return subject.type === 'library' || subject.type === 'framework' ? [partOf(subject)] : []
}

/** Components may hold components to any depth; no recursion, since a stranger decides how deep. */
function flatten(told: readonly unknown[], named: string): { readonly components: readonly Component[]; readonly broken: number } {
  const components: Component[] = []
  let broken = 0
  const waiting = told.toReversed()
  while (waiting.length > 0) {
    checkCount(waiting.length + components.length + broken, named)
    const component = Component.safeParse(waiting.pop())
    if (component.success) components.push(component.data)
    else broken++
    for (const inner of component.data?.components?.toReversed() ?? []) waiting.push(inner)
  }
  return { components, broken }
}

function operatingSystem(component: Component): OperatingSystem {
  const id = systemId(property(component, 'syft:distro:id') ?? component.name)
  const version = kept(property(component, 'syft:distro:versionID') ?? component.version)
  const name = kept(component.description)
  return { id: id.slice(0, 256), ...(version !== undefined && { version }), ...(name !== undefined && { name: name.slice(0, 256) }) }
}

/** A document may say of itself that it is not all there is (`compositions`). */
function lacks({ compositions, metadata }: Bom): readonly string[] {
  const root = metadata?.component?.['bom-ref']
  const words = compositions
    .filter(({ aggregate, assemblies }) => /^(?:incomplete|unknown)/.test(aggregate) && root !== undefined && assemblies?.includes(root))
    .map(({ aggregate }) => aggregate.slice(0, 100))
  return words.map((aggregate) => `the document says of its own list of components: ${aggregate}`)
}
