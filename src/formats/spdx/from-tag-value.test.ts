import { describe, expect, it } from 'vitest'
import { readSbom } from '../sbom.ts'

const head = `# made by hand
SPDXVersion: SPDX-2.3
DataLicense: CC0-1.0
SPDXID: SPDXRef-DOCUMENT
DocumentName: shop
DocumentNamespace: https://example.org/shop
Creator: Tool: by-hand
Created: 2026-01-01T00:00:00Z
CreatorComment: <text>Two lines:
PackageName: not a package</text>
`
const document = `${head}
##### Packages

PackageName: shop
SPDXID: SPDXRef-root
PackageDownloadLocation: NOASSERTION
PrimaryPackagePurpose: CONTAINER

PackageName: debian
SPDXID: SPDXRef-OperatingSystem-1
PackageVersion: 12
PrimaryPackagePurpose: OPERATING-SYSTEM

PackageName: libc6
SPDXID: SPDXRef-Package-1
PackageVersion: 2.36-9+deb12u4
FilesAnalyzed: false
PackageSourceInfo: <text>built package from: glibc 2.36-9+deb12u4</text>
PackageChecksum: SHA1: ${'0A'.repeat(20)}
PackageLicenseConcluded: NOASSERTION
PackageLicenseDeclared: LicenseRef-1
PackageCopyrightText: <text>Somebody
SPDXID: SPDXRef-nothing</text>
PackageAttributionText: <text>LayerDiffID: sha256:${'c'.repeat(64)}</text>
ExternalRef: SECURITY cpe23Type cpe:2.3:a:gnu:glibc:2.36:*:*:*:*:*:*:*
ExternalRef: PACKAGE-MANAGER purl pkg:deb/debian/libc6@2.36-9%2Bdeb12u4?arch=amd64

FileName: ./a.txt
SPDXID: SPDXRef-File-1
PackageVersion: 9

PackageName: left
SPDXID: SPDXRef-Package-2
PackageVersion: 1
PackageLicenseDeclared: (MIT OR Apache-2.0)
ExternalRef: PACKAGE_MANAGER http://spdx.org/rdf/references/purl pkg:npm/left@1
Relationship: SPDXRef-Package-2 DEPENDS_ON SPDXRef-Package-3

PackageName: test
SPDXID: SPDXRef-Package-3
ExternalRef: PACKAGE-MANAGER purl pkg:npm/test@2

PackageName: curl
SPDXID: SPDXRef-Package-4
PackageVersion: 8
ExternalRef: SECURITY cpe22Type cpe:/a:haxx:curl:8

LicenseID: LicenseRef-1
ExtractedText: <text>The text</text>
LicenseName: Own Licence

Relationship: SPDXRef-DOCUMENT DESCRIBES SPDXRef-root
Relationship: SPDXRef-root DEPENDS_ON SPDXRef-Package-2
Relationship: SPDXRef-Package-3 TEST_DEPENDENCY_OF SPDXRef-Package-2

Annotator: Tool: openinspector-0
AnnotationDate: 2026-01-01T00:00:00Z
AnnotationType: OTHER
SPDXREF: SPDXRef-Package-3
AnnotationComment: <text>openinspector:place {"path":"app/test","scope":"optional"}</text>
`

describe('readSbom of SPDX tag-value', () => {
  it.each([
    ['2.2', document.replace('SPDX-2.3', 'SPDX-2.2')],
    ['2.3', document],
    ['2.3 with the line ends of another system', document.replaceAll('\n', '\r\n')],
  ])('reads what the JSON form of %s would say', async (_, text) => {
    expect(await readSbom(text, 'x.spdx')).toEqual({
      subject: { name: 'shop', type: 'container' },
      os: { id: 'debian', version: '12' },
      occurrences: [
        {
          component: {
            ...{ purl: 'pkg:deb/debian/libc6@2.36-9+deb12u4?arch=amd64', type: 'deb', name: 'libc6', version: '2.36-9+deb12u4' },
            ...{ distro: 'debian:12', source: { name: 'glibc', version: '2.36-9+deb12u4' }, arch: 'amd64' },
          },
          ...{ at: { path: 'x.spdx!/libc6', layer: `sha256:${'c'.repeat(64)}` }, extractor: 'sbom' },
          ...{ licences: ['Own Licence'], hashes: [`sha1:${'0a'.repeat(20)}`] },
        },
        {
          component: { purl: 'pkg:npm/left@1', type: 'npm', name: 'left', version: '1' },
          ...{
            at: { path: 'x.spdx!/left' },
            extractor: 'sbom',
            direct: true,
            dependsOn: ['pkg:npm/test@2'],
            licences: ['(MIT OR Apache-2.0)'],
          },
        },
        {
          component: { purl: 'pkg:npm/test@2', type: 'npm', name: 'test', version: '2' },
          ...{ at: { path: 'app/test' }, extractor: 'sbom', scope: 'optional' },
        },
      ],
      gaps: [
        {
          path: 'x.spdx!/curl',
          extractor: 'sbom',
          reason: 'curl@8 has no package URL, only the CPE cpe:/a:haxx:curl:8, and cannot be judged',
        },
      ],
    })
  })

  it.each([
    ['a line that is none', 'just words\n', ['1 lines are not as SPDX describes them']],
    [
      'references in halves',
      'PackageName: a\nSPDXID: SPDXRef-a\nExternalRef: purl\nPackageChecksum: SHA1\nRelationship: A DEPENDS_ON\n',
      ['3 lines are not as SPDX describes them', 'a has no package URL and cannot be judged'],
    ],
    [
      'a package without an identifier',
      'PackageName: a\nExternalRef: PACKAGE-MANAGER purl pkg:npm/a@1\n',
      ['1 packages are not as SPDX describes them'],
    ],
    [
      'other documents',
      'ExternalDocumentRef: DocumentRef-x https://example.org SHA1: 00\n',
      ['it refers to 1 other documents, which are not read'],
    ],
    ['nothing', '', ['it lists no components']],
  ])('tells of %s', async (_, lines, reasons) => {
    expect((await readSbom(head + lines, 'x')).gaps.map(({ reason }) => reason)).toEqual(reasons)
  })

  it.each([
    [
      'a text without an end',
      `${head}PackageName: a\nPackageComment: <text>and so on`,
      'x: not SPDX that can be read: the text of PackageComment has no end',
    ],
    ['another version', head.replace('SPDX-2.3', 'SPDX-9'), 'x is not an SPDX 2 document'],
    ['what begins otherwise', 'DocumentName: shop\nSPDXVersion: SPDX-2.3', 'x is not JSON'],
    ['comments without end', '# \n'.repeat(500_000), 'x is not JSON'],
    ['too many packages', head + 'PackageName: a\n'.repeat(1_000_001), 'x lists more than 1000000 components: not read'],
  ])('refuses %s', async (_, text, words) => {
    await expect(readSbom(text, 'x')).rejects.toThrow(words)
  })

  it.each(['<text>', '</text>', 'A:', 'PackageName:<text></text>\n', ' ', '\n', 'SPDXID: '])('takes %j in any number', async (unit) => {
    const words = await readSbom(head + unit.repeat(200_000), 'x').then(
      ({ gaps }) => gaps[0]?.reason,
      (thrown: Error) => thrown.message,
    )
    expect(words).toMatch(/^(?:it lists no components|1 lines are|x: not SPDX that can be read|200000 packages are not)/)
  })
})
