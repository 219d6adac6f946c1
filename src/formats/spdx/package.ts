import * as z from 'zod'
import type { Scope, SourcePackage } from '../../model/component.ts'
import { hashesOf } from '../sbom-hashes.ts'
import { licencesOf, placeOf, type Found, type SbomPart } from '../sbom-parts.ts'
import { foundOfLine } from '../sbom-place.ts'
import { listOf, Text } from '../sbom-shapes.ts'

export const Annotations = listOf('comment')
export type Annotations = z.infer<typeof Annotations>

export const Package = z.object({
  SPDXID: z.string(),
  name: z.string(),
  versionInfo: Text,
  summary: Text,
  primaryPackagePurpose: Text,
  externalRefs: listOf('referenceType', 'referenceLocator'),
  checksums: listOf('algorithm', 'checksumValue'),
  licenseDeclared: Text,
  licenseConcluded: Text,
  sourceInfo: Text,
  packageFileName: Text,
  attributionTexts: z.array(z.string()).optional().catch(undefined),
  annotations: Annotations,
})
export type Package = z.infer<typeof Package>

type Around = {
  readonly root: string | undefined
  /** What relationships say it is there for. */
  readonly role: Scope | undefined
  /** Names of licences that are not on SPDX's list, by their references. */
  readonly licences: ReadonlyMap<string, string | undefined>
}

/** A package of a document of any generator. */
export function partOf(told: Package, { root, role, licences }: Around): SbomPart {
  const { SPDXID, name, versionInfo, externalRefs, checksums } = told
  const reference = (type: RegExp) => externalRefs.find(({ referenceType }) => type.test(referenceType ?? ''))?.referenceLocator
  const purl = reference(/(?:^|\/)purl$/)
  return {
    ref: SPDXID,
    name,
    version: versionInfo === 'NOASSERTION' ? undefined : versionInfo,
    // What the document is about may be named as an image in a registry: not what is in it.
    purl: SPDXID === root && /^pkg:(?:oci|docker)\//.test(purl ?? '') ? undefined : purl,
    cpe: reference(/(?:^|\/)cpe2[23]Type$/),
    software: SPDXID !== root && !isNoSoftware(told),
    source: sourceOf(told),
    module: noted(told, 'Modularitylabel'),
    ...placed(told, role),
    licences: licencesOf([licenceOf(told, licences)]),
    hashes: hashesOf(
      'spdx2',
      checksums.map(({ algorithm, checksumValue }) => ({ algorithm, hex: checksumValue })),
    ),
  }
}

/** What we write as an annotation's comment: `openinspector:place {...}`. */
export function linesOf(annotations: Annotations, kind: 'place' | 'gap'): readonly string[] {
  const head = `openinspector:${kind} `
  return annotations.flatMap(({ comment }) => (comment?.startsWith(head) ? [comment.slice(head.length)] : []))
}

/** Trivy notes `Class: lang-pkgs` and the like as annotations, or, before 0.57, as texts of attribution. */
function noted({ annotations, attributionTexts }: Package, name: string): string | undefined {
  const notes = [...annotations.map(({ comment }) => comment ?? ''), ...(attributionTexts ?? [])]
  return notes.find((note) => note.startsWith(`${name}: `))?.slice(name.length + 2)
}

/** Trivy's entry for a file of packages is an application with a class; a system, a file or a device is not software either. */
function isNoSoftware(told: Package): boolean {
  const purpose = (told.primaryPackagePurpose ?? '').replace('_', '-')
  if (purpose === 'APPLICATION') return noted(told, 'Class') !== undefined || told.SPDXID.startsWith('SPDXRef-Application-')
  return isSystem(told) || purpose === 'FILE' || purpose === 'DEVICE'
}

/** Trivy, and we, name it so, too: the purpose is younger (2.3), and written in two ways. */
export const isSystem = ({ SPDXID, primaryPackagePurpose }: Package): boolean =>
  /^OPERATING[-_]SYSTEM$/.test(primaryPackagePurpose ?? '') || SPDXID.startsWith('SPDXRef-OperatingSystem')

/** Trivy: `built package from: glibc 2.36-9+deb12u4`. */
function sourceOf({ sourceInfo = '' }: Package): SourcePackage | undefined {
  const [, name, version] = /^built package from: (\S+) (\S+)$/.exec(sourceInfo) ?? []
  return name === undefined || version === undefined ? undefined : { name, version }
}

function placed(told: Package, role: Scope | undefined): Pick<SbomPart, 'found' | 'exact'> {
  const own = linesOf(told.annotations, 'place').flatMap((line) => foundOfLine(line) ?? [])
  return own.length > 0 ? { found: own, exact: true } : { found: foundOf(told, role) }
}

/** Syft: `acquired package info from DPKG DB: /var/lib/dpkg/status, /usr/share/doc/bash/copyright`; the first is what it was read from. Others name the package's own file or folder. */
function foundOf(told: Package, role: Scope | undefined): readonly Found[] {
  const [, path] = /^acquired package info from [^:]{1,200}: ([^,]+)/.exec(told.sourceInfo ?? '') ?? []
  return [{ ...placeOf(path ?? told.packageFileName, noted(told, 'LayerDiffID')), ...(role !== undefined && { scope: role }) }]
}

/** Clause 7.13 and 7.15; one reference alone stands for what its text is called. */
function licenceOf({ licenseDeclared, licenseConcluded }: Package, licences: Around['licences']): string | undefined {
  const told = [licenseDeclared, licenseConcluded].find((one) => one !== undefined && one !== 'NONE' && one !== 'NOASSERTION')
  return told === undefined ? undefined : (licences.get(told) ?? told)
}
