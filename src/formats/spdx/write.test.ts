import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { bill } from '../../../test/bills.ts'
import { brokenRules2, brokenRules3 } from '../../../test/spdx-rules.ts'
import { writeSpdx2 } from './write-2.ts'
import { writeSpdx3 } from './write-3.ts'

const layer = `sha256:${'a'.repeat(64)}`
const empty = { resource: bill.resource, occurrences: [], gaps: [], tool: '0.1.0', at: bill.at }
const base = /^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/

describe('writeSpdx2', () => {
  const note = (kind: string, value: object) => ({
    annotationDate: '2026-01-02T03:04:05Z',
    annotationType: 'OTHER',
    annotator: 'Tool: openinspector-0.1.0',
    comment: `openinspector:${kind} ${JSON.stringify(value)}`,
  })
  const bare = (SPDXID: string, name: string) => ({ name, SPDXID, downloadLocation: 'NOASSERTION', filesAnalyzed: false })
  const library = { licenseConcluded: 'NOASSERTION', copyrightText: 'NOASSERTION', primaryPackagePurpose: 'LIBRARY' }
  const purl = (referenceLocator: string) => [{ referenceCategory: 'PACKAGE-MANAGER', referenceType: 'purl', referenceLocator }]
  const relation = (spdxElementId: string, relationshipType: string, relatedSpdxElement: string) => ({
    ...{ spdxElementId, relationshipType, relatedSpdxElement },
  })

  it('writes packages with places, licences, digests and dependencies, and what could not be read', () => {
    const [ssl, core, pad, semver, owned] = [
      'SPDXRef-deb-debian-libssl3-3.0.11-1-deb12u2-dc0e41ff14ac',
      'SPDXRef-npm-40babel-core-7.1.0-82a6842bc351',
      'SPDXRef-npm-left-pad-65971fba6b64',
      'SPDXRef-npm-semver-5.0.0-82d2da058777',
      'SPDXRef-npm-semver-5.0.0-a567d347e74d',
    ] as const
    expect(JSON.parse(writeSpdx2(bill))).toEqual({
      spdxVersion: 'SPDX-2.3',
      dataLicense: 'CC0-1.0',
      SPDXID: 'SPDXRef-DOCUMENT',
      name: 'demo:1',
      documentNamespace: expect.stringMatching(base),
      creationInfo: {
        created: '2026-01-02T03:04:05Z',
        creators: ['Tool: openinspector-0.1.0'],
        comment: '1 gaps: places that could not be read. The list of packages may be incomplete.',
      },
      packages: [
        { ...bare('SPDXRef-root', 'demo:1'), primaryPackagePurpose: 'CONTAINER' },
        { ...bare('SPDXRef-OperatingSystem', 'debian'), versionInfo: '12', summary: 'Debian GNU/Linux 12' },
        {
          ...{ ...bare(ssl, 'libssl3'), ...library, versionInfo: '3.0.11-1~deb12u2', licenseDeclared: 'NOASSERTION' },
          externalRefs: purl('pkg:deb/debian/libssl3@3.0.11-1~deb12u2?arch=amd64&distro=debian-12&upstream=openssl'),
          annotations: [note('place', { path: 'var/lib/dpkg/status', layer, extractor: 'debian/dpkg-status' })],
        },
        {
          ...{ ...bare(core, '@babel/core'), ...library, versionInfo: '7.1.0', licenseDeclared: 'MIT' },
          checksums: [{ algorithm: 'SHA512', checksumValue: '0b'.repeat(64) }],
          externalRefs: purl('pkg:npm/%40babel/core@7.1.0'),
          annotations: [note('place', { path: 'app/package-lock.json', extractor: 'npm/package-lock', scope: 'dev', direct: true })],
        },
        {
          ...{ ...bare(pad, 'left-pad'), ...library, licenseDeclared: 'NOASSERTION' },
          externalRefs: purl('pkg:npm/left-pad'),
          annotations: [
            note('place', {
              path: 'lib/package.json',
              extractor: 'npm/package-json',
              scope: 'declared',
              direct: true,
              requirement: '^1.0.0',
            }),
          ],
        },
        {
          ...{ ...bare(semver, 'semver'), ...library, versionInfo: '5.0.0' },
          licenseDeclared: 'ISC AND LicenseRef-The-Author-s-Licence-d5916dc6',
          externalRefs: purl('pkg:npm/semver@5.0.0'),
          annotations: [note('place', { path: 'app/package-lock.json', extractor: 'npm/package-lock', scope: 'runtime' })],
        },
        {
          ...{ ...bare(owned, 'semver'), ...library, versionInfo: '5.0.0', licenseDeclared: '(MIT OR Apache-2.0)' },
          externalRefs: purl('pkg:npm/semver@5.0.0'),
          annotations: [
            note('place', { path: 'usr/share/nodejs/semver/package.json', layer, extractor: 'npm/installed', owner: 'node-semver' }),
          ],
        },
      ],
      relationships: [
        relation('SPDXRef-DOCUMENT', 'DESCRIBES', 'SPDXRef-root'),
        relation('SPDXRef-root', 'CONTAINS', 'SPDXRef-OperatingSystem'),
        ...[ssl, core, pad, semver, owned].map((id) => relation('SPDXRef-root', 'CONTAINS', id)),
        relation('SPDXRef-root', 'DEPENDS_ON', core),
        relation('SPDXRef-root', 'DEPENDS_ON', pad),
        relation(core, 'DEPENDS_ON', semver),
        relation(core, 'DEPENDS_ON', owned),
      ],
      hasExtractedLicensingInfos: [
        {
          licenseId: 'LicenseRef-The-Author-s-Licence-d5916dc6',
          name: "The Author's Licence",
          extractedText: "The Author's Licence",
          comment: 'Named so by the package; the text itself was not looked at.',
        },
      ],
      annotations: [note('gap', { path: 'app/broken.lock', extractor: 'npm/yarn-classic', reason: 'line 7: expected a version' })],
    })
  })
})

describe('writeSpdx3', () => {
  it('writes elements, each with an address of its own', () => {
    const text = writeSpdx3(bill)
    const [, address = ''] = /"(urn:uuid:[^#"]*)#document"/.exec(text) ?? []
    expect(address).toMatch(base)
    const graph = JSON.parse(text.replaceAll(`${address}#`, '#'))['@graph'] as readonly Record<string, unknown>[]
    const of = (type: string) => graph.filter((one) => one['type'] === type)
    const parts = graph.map((one) => one['spdxId']).slice(4, -1)
    const [core, pad, semver, owned] = [
      '#package-npm-40babel-core-7.1.0-82a6842bc351',
      '#package-npm-left-pad-65971fba6b64',
      '#package-npm-semver-5.0.0-82d2da058777',
      '#package-npm-semver-5.0.0-a567d347e74d',
    ] as const
    const ssl = '#package-deb-debian-libssl3-3.0.11-1-deb12u2-dc0e41ff14ac'
    const [mit, both, either] = [
      '#licence-MIT-e5dcffe836b6',
      '#licence-ISC-AND-LicenseRef-The-Author-s-Licence-d5916dc6-576a26598ebc',
      '#licence-MIT-OR-Apache-2.0-007cff5568c7',
    ] as const
    const made = (type: string, spdxId: string) => ({ type, spdxId, creationInfo: '_:creation' })
    expect(graph.slice(0, 4)).toEqual([
      { type: 'CreationInfo', '@id': '_:creation', specVersion: '3.0.1', created: '2026-01-02T03:04:05Z', createdBy: ['#openinspector'] },
      {
        ...{ ...made('SpdxDocument', '#document'), name: 'demo:1', profileConformance: ['core', 'simpleLicensing', 'software'] },
        ...{ rootElement: ['#sbom'], element: ['#openinspector', '#sbom', ...parts, '#gap-1-sbom'] },
      },
      { ...made('SoftwareAgent', '#openinspector'), name: 'openinspector 0.1.0' },
      { ...made('software_Sbom', '#sbom'), name: 'demo:1', rootElement: ['#root'], element: parts, software_sbomType: ['analyzed'] },
    ])
    expect(
      of('software_Package').map((one) => [one['spdxId'], one['name'], one['software_packageVersion'], one['software_primaryPurpose']]),
    ).toEqual([
      ['#root', 'demo:1', undefined, 'container'],
      ['#operating-system', 'debian', '12', 'operatingSystem'],
      [ssl, 'libssl3', '3.0.11-1~deb12u2', 'library'],
      [core, '@babel/core', '7.1.0', 'library'],
      [pad, 'left-pad', undefined, 'library'],
      [semver, 'semver', '5.0.0', 'library'],
      [owned, 'semver', '5.0.0', 'library'],
    ])
    expect(graph.find((one) => one['spdxId'] === core)).toEqual({
      ...{ ...made('software_Package', core), name: '@babel/core', software_primaryPurpose: 'library', software_packageVersion: '7.1.0' },
      verifiedUsing: [{ type: 'Hash', algorithm: 'sha512', hashValue: '0b'.repeat(64) }],
      externalIdentifier: [{ type: 'ExternalIdentifier', externalIdentifierType: 'packageUrl', identifier: 'pkg:npm/%40babel/core@7.1.0' }],
      software_packageUrl: 'pkg:npm/%40babel/core@7.1.0',
    })
    expect(of('Relationship').map((one) => [one['from'], one['relationshipType'], one['to'], one['completeness']])).toEqual([
      [core, 'hasDeclaredLicense', [mit], undefined],
      [semver, 'hasDeclaredLicense', [both], undefined],
      [owned, 'hasDeclaredLicense', [either], undefined],
      ['#root', 'contains', ['#operating-system', ssl, core, pad, semver, owned], 'incomplete'],
      ['#root', 'dependsOn', [core, pad], undefined],
      [core, 'dependsOn', [semver, owned], undefined],
    ])
    expect(of('simplelicensing_SimpleLicensingText').map((one) => one['simplelicensing_licenseText'])).toEqual(["The Author's Licence"])
    expect(of('Annotation').map((one) => one['subject'])).toEqual([ssl, core, pad, semver, owned, '#sbom'])
    expect(of('Annotation')[1]?.['statement']).toBe(
      'openinspector:place {"path":"app/package-lock.json","extractor":"npm/package-lock","scope":"dev","direct":true}',
    )
  })
})

describe.each([
  ['SPDX 2.3', writeSpdx2, brokenRules2],
  ['SPDX 3.0', writeSpdx3, brokenRules3],
] as const)('%s', (_, write, brokenRules) => {
  it('keeps the rules of the specification', () => {
    expect(brokenRules(JSON.parse(write(bill)))).toEqual([])
    expect(brokenRules(JSON.parse(write(empty)))).toEqual([])
  })

  it('gives the same text for the same inventory, in any order', () => {
    const text = write(bill)
    fc.assert(
      fc.property(fc.shuffledSubarray([...bill.occurrences], { minLength: 5 }), (occurrences) => {
        expect(write({ ...bill, occurrences })).toBe(text)
      }),
    )
  })

  it('says the time to the second', () =>
    expect(write({ ...empty, at: '2026-01-02T03:04:05.678+01:00' })).toContain('"2026-01-02T02:04:05Z"'))
})
