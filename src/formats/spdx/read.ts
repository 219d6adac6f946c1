import * as z from 'zod'
import type { OperatingSystem } from '../../model/component.ts'
import { AppError } from '../../model/errors.ts'
import { systemId } from '../sbom-component.ts'
import { checkCount, contentOf, kept, type SbomContent } from '../sbom-parts.ts'
import { gapOfLine } from '../sbom-place.ts'
import { listOf, Text } from '../sbom-shapes.ts'
import { Annotations, isSystem, linesOf, Package, partOf } from './package.ts'
import type { TagValue } from './from-tag-value.ts'
import { edgesOf, Relationship } from './relationships.ts'

const Document = z.object({
  spdxVersion: z.string().regex(/^SPDX-2\.\d+$/, 'expected SPDX-2.x'),
  name: Text,
  documentDescribes: z.array(z.string()).optional().catch(undefined),
  packages: z.array(z.unknown()).default([]),
  relationships: z.array(Relationship).optional().catch(undefined),
  externalDocumentRefs: z.array(z.unknown()).optional().catch(undefined),
  hasExtractedLicensingInfos: listOf('licenseId', 'name'),
  annotations: Annotations,
})

/**
 * An SPDX 2.x document (ISO/IEC 5962): its packages, and how they hang together. `named` is where it came from, `broken` how many of its
 * lines were none of its format.
 */
export function readSpdx({ value, broken }: TagValue, named: string): SbomContent {
  const document = Document.safeParse(value)
  if (!document.success)
    throw new AppError('invalid', `${named} is not an SPDX 2 document: ${z.prettifyError(document.error).slice(0, 500)}`)
  const { packages, name, relationships = [], documentDescribes = [] } = document.data
  checkCount(packages.length, named)
  const { needs, describes, roles } = edgesOf(relationships)
  const described = new Set([...documentDescribes, ...describes])
  const root = described.size === 1 ? [...described][0] : undefined
  const known = packages.map((one) => Package.safeParse(one))
  const told = known.flatMap(({ data }) => data ?? [])
  const unread = known.length - told.length
  const licences = new Map(document.data.hasExtractedLicensingInfos.map(({ licenseId = '', name: title }) => [licenseId, title]))
  const others = document.data.externalDocumentRefs?.length ?? 0
  return contentOf(
    {
      parts: told.map((one) => partOf(one, { root, role: roles.get(one.SPDXID), licences })),
      needs,
      root,
      systems: told.filter(isSystem).map(operatingSystem),
      ...(name && { subject: { name, type: subjectType(told.find(({ SPDXID }) => SPDXID === root)) } }),
      doubts: [
        ...(broken === 0 ? [] : [`${broken} lines are not as SPDX describes them`]),
        ...(unread === 0 ? [] : [`${unread} packages are not as SPDX describes them`]),
        ...(others === 0 ? [] : [`it refers to ${others} other documents, which are not read`]),
      ],
      gaps: linesOf(document.data.annotations, 'gap').flatMap((line) => gapOfLine(line) ?? []),
    },
    named,
  )
}

function operatingSystem({ name, versionInfo, summary }: Package): OperatingSystem {
  const [version, title] = [kept(versionInfo), kept(summary)]
  return {
    id: systemId(name).slice(0, 256),
    ...(version !== undefined && { version }),
    ...(title !== undefined && { name: title.slice(0, 256) }),
  }
}

/** In CycloneDX's words. */
const subjectType = (root: Package | undefined): string => root?.primaryPackagePurpose?.toLowerCase().replace('_', '-') ?? ''
