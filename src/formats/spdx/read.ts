import * as z from 'zod'
import type { Gap, Occurrence } from '../../model/component.ts'
import { AppError } from '../../model/errors.ts'
import { checkCount, componentOfPurl, listed } from '../sbom-component.ts'
import type { SbomContent } from '../sbom.ts'

const Package = z.object({
  SPDXID: z.string(),
  name: z.string(),
  versionInfo: z.string().optional(),
  primaryPackagePurpose: z.string().optional(),
  externalRefs: z.array(z.object({ referenceType: z.string(), referenceLocator: z.string() })).optional(),
})
const Document = z.object({
  spdxVersion: z.string().regex(/^SPDX-2\.\d+$/, 'expected SPDX-2.x'),
  name: z.string().optional(),
  documentDescribes: z.array(z.string()).optional(),
  packages: z.array(z.unknown()).default([]),
  relationships: z
    .array(z.object({ spdxElementId: z.string(), relationshipType: z.string(), relatedSpdxElement: z.string() }).catch(nowhere))
    .optional(),
})

/** A relationship we cannot read says nothing about a package. */
function nowhere() {
  return { spdxElementId: '', relationshipType: '', relatedSpdxElement: '' }
}

/** An SPDX 2.x JSON document (ISO/IEC 5962): packages with a package URL. */
export function readSpdx(value: unknown, named: string): SbomContent {
  const document = Document.safeParse(value)
  if (!document.success)
    throw new AppError('invalid', `${named} is not an SPDX 2 document: ${z.prettifyError(document.error).slice(0, 500)}`)
  const { packages, documentDescribes = [], relationships = [], name } = document.data
  checkCount(packages.length, named)
  const described = new Set([
    ...documentDescribes,
    ...relationships.filter(({ relationshipType }) => relationshipType === 'DESCRIBES').map(({ relatedSpdxElement }) => relatedSpdxElement),
  ])
  const known = packages.map((one) => Package.safeParse(one))
  const parts = known.flatMap(({ data }) => data ?? [])
  const system = parts.find(({ primaryPackagePurpose }) => primaryPackagePurpose === 'OPERATING-SYSTEM')
  const os = system && { id: system.name.toLowerCase(), ...(system.versionInfo !== undefined && { version: system.versionInfo }) }
  const occurrences: Occurrence[] = []
  const broken = known.length - parts.length
  const gaps: Gap[] = broken === 0 ? [] : [gap(named, `${broken} packages are not as SPDX describes them`)]
  const nameless: string[] = []
  for (const part of parts) {
    const purl = part.externalRefs?.find(({ referenceType }) => referenceType === 'purl')?.referenceLocator
    if (purl === undefined) {
      if (part !== system && !described.has(part.SPDXID)) nameless.push(part.name)
      continue
    }
    const component = componentOfPurl(purl, { version: part.versionInfo, os })
    if ('reason' in component) gaps.push(gap(named, component.reason))
    else occurrences.push({ component, at: { path: named }, extractor: 'sbom' })
  }
  if (nameless.length > 0)
    gaps.push(gap(named, `${nameless.length} packages have no package URL and cannot be judged: ${listed(nameless)}`))
  return { occurrences, gaps, ...(os && { os }), ...(name && { subject: { name, type: '' } }) }
}

const gap = (path: string, reason: string): Gap => ({ path, extractor: 'sbom', reason })
