import { describe, expect, it } from 'vitest'
import { readSbom } from '../sbom.ts'

const context = 'https://spdx.org/rdf/3.0.1/spdx-context.jsonld'
const by = (name: string) => `https://example.org/doc/${name}`
const element = (type: string, name: string, members: object = {}) => ({ type, spdxId: by(name), creationInfo: '_:c', ...members })
const text = (...graph: readonly unknown[]) => JSON.stringify({ '@context': context, '@graph': graph })
const creation = { type: 'CreationInfo', '@id': '_:c', specVersion: '3.0.1', created: '2026-01-01T00:00:00Z', createdBy: [by('me')] }
const read = async (...graph: readonly unknown[]) => {
  const { gaps, ...content } = await readSbom(text(creation, ...graph), 'x.json')
  return { ...content, gaps: gaps.map(({ reason }) => reason) }
}
const relation = (from: string, relationshipType: string, to: readonly string[], more: object = {}) =>
  element('Relationship', `${relationshipType}-${from}`, { from: by(from), relationshipType, to: to.map(by), ...more })

describe('readSbom of SPDX 3', () => {
  it('reads packages with licences, digests, places of none, and what needs what', async () => {
    expect(
      await read(
        element('SpdxDocument', 'doc', { rootElement: [by('bom')] }),
        element('software_Sbom', 'bom', { rootElement: [by('app')] }),
        element('software_Package', 'app', {
          name: 'shop',
          software_primaryPurpose: 'container',
          software_packageUrl: 'pkg:oci/shop@sha256:0',
        }),
        element('software_Package', 'os', { name: 'Debian', software_primaryPurpose: 'operatingSystem', software_packageVersion: '12' }),
        element('software_Package', 'bash', {
          name: 'bash',
          software_packageVersion: '5.2',
          externalIdentifier: [
            { type: 'ExternalIdentifier', externalIdentifierType: 'packageUrl', identifier: 'pkg:deb/debian/bash@5.2?arch=amd64' },
          ],
          verifiedUsing: [{ type: 'Hash', algorithm: 'sha1', hashValue: 'AB'.repeat(20) }],
        }),
        element('software_Package', 'left', { name: 'left', software_packageUrl: 'pkg:npm/left@1' }),
        element('software_Package', 'test', { name: 'test', software_packageUrl: 'pkg:npm/test@2' }),
        element('software_Package', 'curl', {
          name: 'curl',
          software_packageVersion: '8',
          externalIdentifier: [{ externalIdentifierType: 'cpe23', identifier: 'cpe:2.3:a:haxx:curl:8:*:*:*:*:*:*:*' }],
        }),
        element('software_File', 'file', { name: 'a.txt' }),
        element('simplelicensing_LicenseExpression', 'gpl', { simplelicensing_licenseExpression: 'GPL-3.0-or-later' }),
        element('simplelicensing_LicenseExpression', 'own', {
          simplelicensing_licenseExpression: 'LicenseRef-own',
          simplelicensing_customIdToUri: [{ type: 'DictionaryEntry', key: 'LicenseRef-own', value: by('text') }],
        }),
        element('simplelicensing_SimpleLicensingText', 'text', { simplelicensing_licenseText: 'Own Licence' }),
        relation('bash', 'hasConcludedLicense', ['own']),
        relation('bash', 'hasDeclaredLicense', ['gpl']),
        relation('left', 'hasConcludedLicense', ['own']),
        relation('app', 'dependsOn', ['left', 'nowhere']),
        { ...relation('left', 'dependsOn', ['test']), type: 'LifecycleScopedRelationship', scope: 'development' },
      ),
    ).toEqual({
      subject: { name: 'shop', type: 'container' },
      os: { id: 'debian', version: '12' },
      occurrences: [
        {
          component: {
            purl: 'pkg:deb/debian/bash@5.2?arch=amd64',
            type: 'deb',
            name: 'bash',
            version: '5.2',
            distro: 'debian:12',
            arch: 'amd64',
          },
          ...{ at: { path: 'x.json!/bash' }, extractor: 'sbom', licences: ['GPL-3.0-or-later'], hashes: [`sha1:${'ab'.repeat(20)}`] },
        },
        {
          component: { purl: 'pkg:npm/left@1', type: 'npm', name: 'left', version: '1' },
          ...{ at: { path: 'x.json!/left' }, extractor: 'sbom', direct: true, dependsOn: ['pkg:npm/test@2'], licences: ['Own Licence'] },
        },
        {
          component: { purl: 'pkg:npm/test@2', type: 'npm', name: 'test', version: '2' },
          ...{ at: { path: 'x.json!/test' }, extractor: 'sbom', scope: 'dev' },
        },
      ],
      gaps: ['curl@8 has no package URL, only the CPE cpe:2.3:a:haxx:curl:8:*:*:*:*:*:*:*, and cannot be judged'],
    })
  })

  it('tells what is not as it should be, and loses nothing else', async () => {
    const left = element('software_Package', 'left', {
      name: 'left',
      software_packageUrl: 'pkg:npm/left@1',
      verifiedUsing: 5,
      to: 7,
      externalIdentifier: 'x',
    })
    const { occurrences, gaps } = await read(
      left,
      5,
      { spdxId: by('typeless') },
      element('software_Package', 'nameless'),
      element('SpdxDocument', 'doc', { rootElement: by('left'), import: [{ externalSpdxId: 'https://example.org/other#a' }] }),
    )
    expect(occurrences.map(({ component }) => component.purl)).toEqual(['pkg:npm/left@1'])
    expect(gaps).toEqual([
      '2 elements are not as SPDX describes them',
      'it refers to 1 elements of other documents, which are not read',
      'https://example.org/doc/nameless has no package URL and cannot be judged',
    ])
  })

  it('says so where a graph has no package of the names that we know', async () => {
    expect((await read({ '@type': ['https://spdx.org/rdf/3.0.1/terms/Software/Package'], '@id': by('x') })).gaps).toEqual([
      '1 elements are not as SPDX describes them',
    ])
    expect((await read()).gaps).toEqual(['it lists no components'])
  })

  it.each([
    ['no graph', JSON.stringify({ '@context': context }), 'x is not an SPDX 3 document: expected a list of elements in @graph'],
    ['a graph that is no list', JSON.stringify({ '@context': [context], '@graph': {} }), 'x is not an SPDX 3 document'],
    ['another context', JSON.stringify({ '@context': 'https://schema.org', '@graph': [] }), 'x is no SBOM we know'],
    [
      'too many elements',
      `{"@context":"${context}","@graph":[${'{},'.repeat(1_000_000)}{}]}`,
      'x lists more than 1000000 components: not read',
    ],
  ])('refuses %s', async (_, document, words) => {
    await expect(readSbom(document, 'x')).rejects.toThrow(words)
  })
})
