import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { extractorContract, fileOf, near } from '../../../../test/contracts/extractor.ts'
import { interpolate } from './interpolate.ts'
import { pom } from './pom.ts'

const fixture = readFileSync(join(import.meta.dirname, 'fixtures/pom.xml'), 'utf8')
const parent = `<project><groupId>org.example</groupId><artifactId>shop</artifactId><version>\${revision}</version><packaging>pom</packaging>
  <properties><revision>3.0</revision><jackson.patch>1</jackson.patch><log4j.version>2.14.1</log4j.version></properties>
  <dependencyManagement><dependencies>
    <dependency><groupId>javax.servlet</groupId><artifactId>javax.servlet-api</artifactId><version>4.0.1</version><scope>provided</scope></dependency>
    <dependency><groupId>org.example</groupId><artifactId>shop-bom</artifactId><version>\${project.version}</version><type>pom</type><scope>import</scope></dependency>
  </dependencies></dependencyManagement>
  <dependencies><dependency><groupId>commons-io</groupId><artifactId>commons-io</artifactId><version>2.6</version></dependency></dependencies>
</project>`
const bom = `<project><parent><groupId>org.example</groupId><artifactId>shop</artifactId><version>3.0</version></parent><artifactId>shop-bom</artifactId>
  <properties><log4j.version>2.15.0</log4j.version></properties>
  <dependencyManagement><dependencies>
    <dependency><groupId>org.apache.logging.log4j</groupId><artifactId>log4j-core</artifactId><version>\${log4j.version}</version></dependency>
  </dependencies></dependencyManagement></project>`

async function found(path: string, files: Readonly<Record<string, string>>) {
  const { occurrences, gaps } = await pom.read(fileOf(path, files[path] ?? ''), near(files))
  return [
    ...occurrences.map(({ component: { purl }, scope, requirement }) =>
      [purl.replace('pkg:maven/', ''), scope, requirement].join(' ').trim(),
    ),
    ...gaps.map(({ reason }) => `gap: ${reason}`),
  ]
}
const project = (inside: string) => `<project><groupId>g</groupId><artifactId>a</artifactId><version>1</version>${inside}</project>`
const dependency = (inside: string) => `<dependency>${inside}</dependency>`

extractorContract(pom, {
  path: 'shop/web/pom.xml',
  content: fixture,
  wants: ['pom.xml', 'src/it/x/pom.xml'],
  refuses: ['META-INF/maven/g/a/pom.xml', 'x-pom.xml', 'node_modules/x/pom.xml', 'root/.m2/repository/g/a/1/pom.xml', 'a-1.0.pom'],
})

describe('pom.xml', () => {
  it('gives versions by parents, properties, management and imports, all from the tree', async () => {
    const files = { 'shop/web/pom.xml': fixture, 'shop/pom.xml': parent, 'shop/shop-bom/pom.xml': bom }
    expect(await found('shop/web/pom.xml', files)).toEqual([
      'com.fasterxml.jackson.core/jackson-databind@2.9.10 runtime',
      'javax.servlet/javax.servlet-api@4.0.1 peer',
      'org.apache.logging.log4j/log4j-core@2.15.0 runtime',
      'org.example/shop-core@3.0 runtime',
      'junit/junit@4.12 dev',
      'org.example/maybe@1.0 optional',
      'org.example/ranged declared [1.0,2.0)',
      'org.example/unknown declared ${somewhere.version}',
      'org.example/circular declared ${round}',
      'org.example/bare declared',
      'commons-io/commons-io@2.6 runtime',
    ])
  })

  it('declares what only a parent that is not there could tell', async () => {
    expect((await found('shop/web/pom.xml', { 'shop/web/pom.xml': fixture })).slice(1, 4)).toEqual([
      'javax.servlet/javax.servlet-api declared',
      'org.apache.logging.log4j/log4j-core declared',
      'org.example/shop-core declared ${project.version}',
    ])
    // another project lies where the parent should
    const other = parent.replace('<artifactId>shop<', '<artifactId>other<')
    expect((await found('shop/web/pom.xml', { 'shop/web/pom.xml': fixture, 'shop/pom.xml': other }))[1]).toBe(
      'javax.servlet/javax.servlet-api declared',
    )
  })

  it('finds parents by their relative path, and in a local repository of the tree', async () => {
    const child = (more: string) =>
      `<project><parent><groupId>org.p</groupId><artifactId>p</artifactId><version>1.0</version>${more}</parent><artifactId>c</artifactId>
       <dependencies>${dependency('<groupId>g</groupId><artifactId>a</artifactId>')}</dependencies></project>`
    const above = `<project><groupId>org.p</groupId><artifactId>p</artifactId><version>1.0</version><dependencyManagement><dependencies>${dependency('<groupId>g</groupId><artifactId>a</artifactId><version>7</version>')}</dependencies></dependencyManagement></project>`
    const in0 = { 'a/b/pom.xml': child('<relativePath>../../parent</relativePath>'), 'parent/pom.xml': above }
    const in1 = { 'a/b/pom.xml': child('<relativePath/>'), 'a/.m2/repository/org/p/p/1.0/p-1.0.pom': above }
    const in2 = { 'a/b/pom.xml': child(''), 'root/.m2/repository/org/p/p/1.0/p-1.0.pom': above }
    const out = { 'a/b/pom.xml': child('<relativePath>../../../../etc/pom.xml</relativePath>'), 'etc/pom.xml': above }
    for (const files of [in0, in1, in2]) expect(await found('a/b/pom.xml', files)).toEqual(['g/a@7 runtime'])
    expect(await found('a/b/pom.xml', out)).toEqual(['g/a declared'])
  })

  it('takes no harm from parents and imports that go round', async () => {
    const self = `<project><parent><groupId>g</groupId><artifactId>a</artifactId><version>1</version><relativePath>pom.xml</relativePath></parent><artifactId>a</artifactId>
      <dependencyManagement><dependencies>${dependency('<groupId>g</groupId><artifactId>a</artifactId><version>1</version><type>pom</type><scope>import</scope>')}</dependencies></dependencyManagement>
      <dependencies>${dependency('<groupId>g</groupId><artifactId>x</artifactId><version>2</version>')}</dependencies></project>`
    expect(await found('a/pom.xml', { 'a/pom.xml': self })).toEqual(['g/x@2 runtime'])
  })

  it.each([
    ['text', 'hello'],
    ['another document', '<html/>'],
    ['entities', '<!DOCTYPE project [<!ENTITY a "aaa">]><project>&a;</project>'],
    ['deep nesting', `<project>${'<a>'.repeat(10_000)}`],
  ])('throws on %s', async (_, content) => {
    await expect(found('pom.xml', { 'pom.xml': content })).rejects.toThrow(/expected an element project|not XML that can be read/)
  })

  it('makes a gap of a dependency without a name', async () => {
    const content = project(
      `<dependencies>${dependency('<artifactId>a b</artifactId>')}${dependency('<groupId>g</groupId><artifactId>b</artifactId><version>1</version>')}</dependencies>`,
    )
    expect(await found('pom.xml', { 'pom.xml': content })).toEqual([
      'g/b@1 runtime',
      'gap: asks for ":a b": expected group and artifact of a Maven project',
    ])
  })
})

describe('interpolate', () => {
  it('gives up on properties that multiply', () => {
    const values: Record<string, string> = { p0: 'x'.repeat(10) }
    for (let i = 1; i < 30; i++) values[`p${i}`] = `\${p${i - 1}}`.repeat(10)
    expect(interpolate('${p29}', (name) => values[name])).toBeUndefined()
    expect(interpolate('a-${p0}', (name) => values[name])).toBe('a-xxxxxxxxxx')
    expect(interpolate('${p0', (name) => values[name])).toBeUndefined()
  })
})
