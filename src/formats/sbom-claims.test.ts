import { describe, expect, it } from 'vitest'
import { readSbom } from './sbom.ts'

const part = { type: 'library', 'bom-ref': 'a', name: 'a', purl: 'pkg:npm/a@1' }
const bom = (vulnerabilities: unknown, components: readonly object[] = [part]) =>
  JSON.stringify({
    ...{ bomFormat: 'CycloneDX', specVersion: '1.6', metadata: { component: { 'bom-ref': 'root', type: 'application', name: 'shop' } } },
    ...{ components, vulnerabilities },
  })
const read = async (text: string) => {
  const { vex, gaps } = await readSbom(text, 'bom.json')
  return { vex, gaps: gaps.map(({ reason }) => reason) }
}
const analysed = (state: string, refs: readonly string[] = ['a'], more: object = {}) => ({
  ...{ id: `CVE-2026-${state}`, analysis: { state, ...more }, affects: refs.map((ref) => ({ ref })) },
})

describe('what a document says of vulnerabilities', () => {
  it.each([
    ['exploitable', 'affected'],
    ['false_positive', 'not_affected'],
    ['in_triage', 'under_investigation'],
    ['not_affected', 'not_affected'],
    ['resolved', 'fixed'],
    ['resolved_with_pedigree', 'fixed'],
  ])('in CycloneDX %s is a claim that it is %s', async (word, state) => {
    expect(await read(bom([analysed(word, ['a'], { justification: 'code_not_reachable', detail: 'never called' })]))).toEqual({
      vex: [
        {
          ...{ vulnerability: `CVE-2026-${word}`, purl: 'pkg:npm/a@1', state, justification: 'code_not_reachable' },
          ...{ detail: 'never called', source: 'bom.json' },
        },
      ],
      gaps: [],
    })
  })

  it('may be about the whole, or about a part by a link', async () => {
    const link = 'urn:cdx:3e671687-395b-41f5-a30f-a58921a69b79/1#a'
    expect(await read(bom([analysed('not_affected', ['root', link])]))).toEqual({
      vex: [
        { vulnerability: 'CVE-2026-not_affected', state: 'not_affected', source: 'bom.json' },
        { vulnerability: 'CVE-2026-not_affected', purl: 'pkg:npm/a@1', state: 'not_affected', source: 'bom.json' },
      ],
      gaps: [],
    })
  })

  it('is no claim where it was only found, or in words that nobody knows', async () => {
    const found = { id: 'CVE-2026-1', affects: [{ ref: 'a' }] }
    const noise = [found, { ...found, analysis: {} }, analysed('perhaps'), { analysis: { state: 'resolved' } }, 5, null, { id: 5 }]
    expect(await read(bom(noise))).toEqual({ vex: undefined, gaps: [] })
  })

  it('is told and not kept where it is about what the document does not list', async () => {
    const reason = 'it says of 1 vulnerabilities whether they affect something that it does not list: CVE-2026-resolved'
    expect(await read(bom([analysed('resolved', ['nowhere'])]))).toEqual({ vex: undefined, gaps: [reason] })
    expect(await read(bom([analysed('resolved', [])]))).toEqual({ vex: undefined, gaps: [reason] })
    const twice = [part, { ...part, purl: 'pkg:npm/b@1' }]
    expect((await read(bom([analysed('resolved')], twice))).vex).toBeUndefined()
  })

  it('is bounded', async () => {
    const { vex, gaps } = await read(bom(Array.from({ length: 5_000 }, () => analysed('resolved', ['a'], { detail: 'x'.repeat(10_000) }))))
    expect([vex?.length, vex?.[0]?.detail?.length]).toEqual([1_000, 500])
    expect(gaps).toEqual(['it says whether vulnerabilities affect packages more than 1000 times: the others are not kept'])
  })

  it('stands in XML and in SPDX 3, too', async () => {
    const xml = `<bom xmlns="http://cyclonedx.org/schema/bom/1.4"><components><component type="library" bom-ref="a"><name>a</name><purl>pkg:npm/a@1</purl></component></components>
      <vulnerabilities><vulnerability><id>CVE-2026-1</id><analysis><state>not_affected</state><justification>code_not_present</justification></analysis>
      <affects><target><ref>a</ref></target></affects></vulnerability></vulnerabilities></bom>`
    const spdx = JSON.stringify({
      '@context': 'https://spdx.org/rdf/3.0.1/spdx-context.jsonld',
      '@graph': [
        { type: 'software_Package', spdxId: 'urn:a', name: 'a', software_packageUrl: 'pkg:npm/a@1' },
        {
          ...{ type: 'security_Vulnerability', spdxId: 'urn:v' },
          externalIdentifier: [{ type: 'ExternalIdentifier', externalIdentifierType: 'cve', identifier: 'CVE-2026-1' }],
        },
        {
          ...{ type: 'security_VexNotAffectedVulnAssessmentRelationship', spdxId: 'urn:x', from: 'urn:v', to: ['urn:a'] },
          ...{ relationshipType: 'doesNotAffect', security_justificationType: 'code_not_present' },
        },
        { type: 'security_VexFixedVulnAssessmentRelationship', spdxId: 'urn:y', from: 'urn:nobody', to: ['urn:a'] },
      ],
    })
    const vex = [
      ...[
        { vulnerability: 'CVE-2026-1', purl: 'pkg:npm/a@1', state: 'not_affected', justification: 'code_not_present', source: 'bom.json' },
      ],
    ]
    expect(await read(xml)).toEqual({ vex, gaps: [] })
    expect(await read(spdx)).toEqual({ vex, gaps: [] })
  })
})
