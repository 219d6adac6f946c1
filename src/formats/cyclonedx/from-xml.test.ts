import { describe, expect, it } from 'vitest'
import { readSbom } from '../sbom.ts'

const layer = `sha256:${'c'.repeat(64)}`
const xml = (version: string, inside: string) =>
  `<?xml version="1.0" encoding="UTF-8"?>\n<bom xmlns="http://cyclonedx.org/schema/bom/${version}" version="1">${inside}</bom>`
const content = `
  <metadata>
    <timestamp>2026-01-01T00:00:00Z</timestamp>
    <component type="container" bom-ref="root"><name>shop &amp; co</name><version>1</version></component>
    <properties><property name="openinspector:gap">{"path":"a","extractor":"x/y","reason":"broken"}</property></properties>
  </metadata>
  <components>
    <component type="operating-system" bom-ref="os"><name>debian</name><version>12</version></component>
    <component type="library" bom-ref="a">
      <publisher>Somebody</publisher>
      <group>@babel</group>
      <name>core</name>
      <version>7.1.0</version>
      <scope>excluded</scope>
      <hashes><hash alg="SHA-1">${'AB'.repeat(20)}</hash></hashes>
      <licenses><license><id>MIT</id></license><license><name>Own</name></license></licenses>
      <purl>pkg:npm/%40babel/core@7.1.0</purl>
      <properties>
        <property name="syft:location:0:path">/app/package.json</property>
        <property name="syft:location:0:layerID">${layer}</property>
      </properties>
      <components>
        <component type="library" bom-ref="b">
          <name>inner</name>
          <licenses><expression>MIT OR Apache-2.0</expression></licenses>
          <purl>pkg:npm/inner@1</purl>
          <evidence><occurrences><occurrence><location>app/inner</location></occurrence></occurrences></evidence>
        </component>
      </components>
    </component>
    <component type="library"><name>curl</name><version>8</version><cpe>cpe:2.3:a:haxx:curl:8:*:*:*:*:*:*:*</cpe></component>
    <component type="library"><version>1</version></component>
  </components>
  <dependencies>
    <dependency ref="root"><dependency ref="a"/></dependency>
    <dependency ref="a"><dependency ref="b"/><dependency ref="nowhere"/></dependency>
    <dependency ref="b"/>
  </dependencies>`

describe('readSbom of CycloneDX XML', () => {
  it.each(['1.2', '1.3', '1.4', '1.5', '1.6', '1.7'])('reads what the JSON form of %s would say', async (version) => {
    expect(await readSbom(xml(version, content), 'bom.xml')).toEqual({
      subject: { name: 'shop & co', type: 'container' },
      os: { id: 'debian', version: '12' },
      occurrences: [
        {
          component: { purl: 'pkg:npm/%40babel/core@7.1.0', type: 'npm', name: '@babel/core', version: '7.1.0' },
          ...{ at: { path: 'app/package.json', layer }, extractor: 'sbom', scope: 'dev', direct: true, dependsOn: ['pkg:npm/inner@1'] },
          ...{ licences: ['MIT', 'Own'], hashes: [`sha1:${'ab'.repeat(20)}`] },
        },
        {
          component: { purl: 'pkg:npm/inner@1', type: 'npm', name: 'inner', version: '1' },
          ...{ at: { path: 'app/inner' }, extractor: 'sbom', licences: ['MIT OR Apache-2.0'] },
        },
      ],
      gaps: [
        { path: 'bom.xml', extractor: 'sbom', reason: '1 components are not as CycloneDX describes them' },
        {
          ...{ path: 'bom.xml!/curl', extractor: 'sbom' },
          reason: 'curl@8 has no package URL, only the CPE cpe:2.3:a:haxx:curl:8:*:*:*:*:*:*:*, and cannot be judged',
        },
        { path: 'a', extractor: 'x/y', reason: 'broken' },
      ],
    })
  })

  it('takes a prefix of the namespace, and says what a list lacks', async () => {
    const prefixed = `<c:bom xmlns:c="http://cyclonedx.org/schema/bom/1.4"><c:metadata><c:component type="application" bom-ref="r"><c:name>x</c:name></c:component></c:metadata>
      <c:components><c:component type="library"><c:name>a</c:name><c:purl>pkg:npm/a@1</c:purl></c:component></c:components>
      <c:compositions><c:composition><c:aggregate>unknown</c:aggregate><c:assemblies><c:assembly ref="r"/></c:assemblies></c:composition></c:compositions></c:bom>`
    const { occurrences, gaps } = await readSbom(prefixed, 'bom.xml')
    expect(occurrences.map(({ component }) => component.purl)).toEqual(['pkg:npm/a@1'])
    expect(gaps.map(({ reason }) => reason)).toEqual(['the document says of its own list of components: unknown'])
  })

  const bomb = `<!DOCTYPE bom [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;">]>`
  it.each([
    ['entities', `${bomb}${xml('1.4', '&b;').slice(39)}`, 'bom.xml: not XML that can be read: it declares entities, which are not read'],
    ['an outer file', `<!DOCTYPE bom [<!ENTITY x SYSTEM "file:///etc/passwd">]>${xml('1.4', '&x;').slice(39)}`, 'it declares entities'],
    ['what is cut', xml('1.4', '<components><component>').slice(0, -6), 'bom.xml: not XML that can be read'],
    [
      'elements inside one another without end',
      xml('1.4', '<components><component type="library"><name>a</name>'.repeat(100_000)),
      'bom.xml: not XML that can be read',
    ],
    ['an old version', xml('1.1', ''), 'bom.xml: CycloneDX 1.1; expected version 1.2 to 1.7'],
    ['another document', '<html><body/></html>', 'bom.xml: XML, and no CycloneDX'],
    ['a bom of somebody else', '<bom xmlns="urn:x"/>', 'bom.xml: XML, and no CycloneDX'],
    ['nothing but a bracket', '<', 'bom.xml: not XML that can be read'],
  ])('refuses %s', async (_, text, words) => {
    await expect(readSbom(text, 'bom.xml')).rejects.toThrow(words)
  })

  it('reads many components in time that grows with them', async () => {
    const many = '<component type="library"><name>a</name><purl>pkg:npm/a@1</purl></component>'.repeat(50_000)
    expect((await readSbom(xml('1.6', `<components>${many}</components>`), 'bom.xml')).occurrences).toHaveLength(50_000)
  })
})
