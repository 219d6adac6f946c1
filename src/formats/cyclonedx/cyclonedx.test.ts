import { Spec, Validation } from '@cyclonedx/cyclonedx-library'
import fc from 'fast-check'
import { PackageURL } from 'packageurl-js'
import { describe, expect, it } from 'vitest'
import type { Occurrence } from '../../model/component.ts'
import { parsePurl } from '../purl-read.ts'
import { readSbom } from '../sbom.ts'
import { writeCycloneDx, type BomSubject } from './write.ts'

const openssl: Occurrence = {
  component: {
    purl: 'pkg:deb/debian/libssl3@3.0.11-1~deb12u2?arch=amd64',
    type: 'deb',
    name: 'libssl3',
    version: '3.0.11-1~deb12u2',
    distro: 'debian:12',
    source: { name: 'openssl', version: '3.0.11-1~deb12u2' },
    arch: 'amd64',
  },
  at: { path: 'var/lib/dpkg/status', layer: `sha256:${'a'.repeat(64)}` },
  extractor: 'debian/dpkg-status',
}
const core: Occurrence = {
  component: { purl: 'pkg:npm/%40babel/core@7.1.0', type: 'npm', name: '@babel/core', version: '7.1.0' },
  at: { path: 'app/package-lock.json' },
  extractor: 'npm/package-lock',
  scope: 'dev',
  direct: true,
  dependsOn: ['pkg:npm/semver@5.0.0', 'pkg:npm/absent@1.0.0'],
}
const semver: Occurrence = {
  component: { purl: 'pkg:npm/semver@5.0.0', type: 'npm', name: 'semver', version: '5.0.0' },
  at: { path: 'app/package-lock.json' },
  extractor: 'npm/package-lock',
  scope: 'runtime',
}
const owned: Occurrence = {
  ...semver,
  at: { path: 'usr/share/nodejs/semver/package.json' },
  extractor: 'npm/installed',
  ownedBy: 'node-semver',
}

const subject: BomSubject = {
  resource: { arn: 'urn:openinspector:image:sha256:1', id: 'demo:1', type: 'OPENINSPECTOR_CONTAINER_IMAGE' },
  occurrences: [openssl, core, semver, owned],
  os: { id: 'debian', version: '12', name: 'Debian GNU/Linux 12' },
  tool: '0.1.0',
}

describe('writeCycloneDx', () => {
  it('writes components with places, layers, owners and dependencies', () => {
    expect(JSON.parse(writeCycloneDx({ ...subject, timestamp: '2026-01-02T03:04:05Z' }))).toEqual({
      $schema: 'http://cyclonedx.org/schema/bom-1.6.schema.json',
      bomFormat: 'CycloneDX',
      specVersion: '1.6',
      serialNumber: expect.stringMatching(/^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/),
      version: 1,
      metadata: {
        timestamp: '2026-01-02T03:04:05Z',
        tools: { components: [{ type: 'application', name: 'openinspector', version: '0.1.0' }] },
        component: { 'bom-ref': 'urn:openinspector:image:sha256:1', type: 'container', name: 'demo:1' },
      },
      components: [
        { 'bom-ref': 'os:debian', type: 'operating-system', name: 'debian', version: '12', description: 'Debian GNU/Linux 12' },
        {
          'bom-ref': 'pkg:deb/debian/libssl3@3.0.11-1~deb12u2?arch=amd64&distro=debian-12&upstream=openssl',
          type: 'library',
          name: 'libssl3',
          version: '3.0.11-1~deb12u2',
          scope: 'required',
          purl: 'pkg:deb/debian/libssl3@3.0.11-1~deb12u2?arch=amd64&distro=debian-12&upstream=openssl',
          properties: [
            { name: 'openinspector:extractor', value: 'debian/dpkg-status' },
            { name: 'openinspector:layer', value: `sha256:${'a'.repeat(64)}` },
          ],
          evidence: { occurrences: [{ location: 'var/lib/dpkg/status' }] },
        },
        {
          'bom-ref': 'pkg:npm/%40babel/core@7.1.0',
          type: 'library',
          group: '@babel',
          name: 'core',
          version: '7.1.0',
          scope: 'excluded',
          purl: 'pkg:npm/%40babel/core@7.1.0',
          properties: [
            { name: 'openinspector:direct', value: 'true' },
            { name: 'openinspector:extractor', value: 'npm/package-lock' },
            { name: 'openinspector:scope', value: 'dev' },
          ],
          evidence: { occurrences: [{ location: 'app/package-lock.json' }] },
        },
        {
          'bom-ref': 'pkg:npm/semver@5.0.0',
          type: 'library',
          name: 'semver',
          version: '5.0.0',
          scope: 'required',
          purl: 'pkg:npm/semver@5.0.0',
          properties: [
            { name: 'openinspector:extractor', value: 'npm/package-lock' },
            { name: 'openinspector:scope', value: 'runtime' },
          ],
          evidence: { occurrences: [{ location: 'app/package-lock.json' }] },
        },
        {
          'bom-ref': 'pkg:npm/semver@5.0.0#owned-by-node-semver',
          type: 'library',
          name: 'semver',
          version: '5.0.0',
          scope: 'required',
          purl: 'pkg:npm/semver@5.0.0',
          properties: [
            { name: 'openinspector:extractor', value: 'npm/installed' },
            { name: 'openinspector:owner', value: 'node-semver' },
            { name: 'openinspector:scope', value: 'runtime' },
          ],
          evidence: { occurrences: [{ location: 'usr/share/nodejs/semver/package.json' }] },
        },
      ],
      dependencies: [
        { ref: 'pkg:npm/%40babel/core@7.1.0', dependsOn: ['pkg:npm/semver@5.0.0', 'pkg:npm/semver@5.0.0#owned-by-node-semver'] },
      ],
    })
  })

  it('is valid by the published schema', async () => {
    const validator = new Validation.JsonStrictValidator(Spec.Version.v1dot6)
    expect(await validator.validate(writeCycloneDx({ ...subject, timestamp: '2026-01-02T03:04:05Z' }))).toBeNull()
    expect(await validator.validate(writeCycloneDx({ ...subject, occurrences: [] }))).toBeNull()
  })

  it('gives the same text for the same inventory, in any order', () => {
    const text = writeCycloneDx(subject)
    fc.assert(
      fc.property(fc.shuffledSubarray([...subject.occurrences], { minLength: 4 }), (occurrences) => {
        expect(writeCycloneDx({ ...subject, occurrences })).toBe(text)
      }),
    )
  })

  it('is read back as what was written, but for layers and dependencies', async () => {
    const { occurrences, gaps, os, subject: about } = await readSbom(writeCycloneDx(subject), 'bom.json')
    expect([gaps, os, about]).toEqual([[], { id: 'debian', version: '12' }, { name: 'demo:1', type: 'container' }])
    const plain = ({ component, at, scope, direct, ownedBy }: Occurrence) => ({ component, path: at.path, scope, direct, ownedBy })
    expect(occurrences.map(plain)).toEqual([openssl, core, semver, owned].map(plain))
  })
})

const bom = (components: readonly unknown[], more = {}) =>
  JSON.stringify({ bomFormat: 'CycloneDX', specVersion: '1.5', ...more, components })

describe('readSbom of CycloneDX', () => {
  it("reads other programs' ways to tell distribution, source and place", async () => {
    const { occurrences, gaps } = await readSbom(
      bom([
        { type: 'operating-system', name: 'Debian', version: '12.5' },
        {
          type: 'library',
          name: 'libc6',
          version: '2.36',
          purl: 'pkg:deb/debian/libc6@2.36-9?arch=amd64&epoch=1',
          properties: [
            { name: 'aquasecurity:trivy:SrcName', value: 'glibc' },
            { name: 'aquasecurity:trivy:SrcVersion', value: '2.36' },
            { name: 'aquasecurity:trivy:SrcRelease', value: '9' },
          ],
        },
        { type: 'library', name: 'a', purl: 'pkg:deb/ubuntu/a@1%2Bb1?upstream=src-a%401&distro=ubuntu-24.04' },
        {
          type: 'library',
          name: 'left-pad',
          version: '1.3.0',
          purl: 'pkg:npm/left-pad',
          properties: [{ name: 'syft:location:0:path', value: '/app/package.json' }],
        },
        {
          ...{ type: 'library', name: 'nowhere', purl: 'pkg:npm/nowhere@1' },
          evidence: { occurrences: [{ location: '/' }] },
        },
        {
          type: 'library',
          name: 'log4j-core',
          purl: 'pkg:maven/org.apache.logging.log4j/log4j-core@2.14.1',
          components: [{ type: 'library', name: 'inner', purl: 'pkg:npm/Inner@1.0.0' }],
        },
      ]),
      'theirs.json',
    )
    expect(gaps).toEqual([])
    expect(occurrences).toEqual([
      {
        component: {
          ...{ purl: 'pkg:deb/debian/libc6@1:2.36-9?arch=amd64', type: 'deb', name: 'libc6', version: '1:2.36-9' },
          ...{ distro: 'debian:12.5', source: { name: 'glibc', version: '2.36-9' }, arch: 'amd64' },
        },
        at: { path: 'theirs.json' },
        extractor: 'sbom',
      },
      {
        component: {
          ...{ purl: 'pkg:deb/ubuntu/a@1+b1', type: 'deb', name: 'a', version: '1+b1' },
          ...{ distro: 'ubuntu:24.04', source: { name: 'src-a', version: '1' } },
        },
        at: { path: 'theirs.json' },
        extractor: 'sbom',
      },
      {
        component: { purl: 'pkg:npm/left-pad@1.3.0', type: 'npm', name: 'left-pad', version: '1.3.0' },
        at: { path: 'app/package.json' },
        extractor: 'sbom',
      },
      {
        component: { purl: 'pkg:npm/nowhere@1', type: 'npm', name: 'nowhere', version: '1' },
        at: { path: 'theirs.json' },
        extractor: 'sbom',
      },
      {
        component: {
          ...{ purl: 'pkg:maven/org.apache.logging.log4j/log4j-core@2.14.1', type: 'maven' },
          ...{ name: 'org.apache.logging.log4j:log4j-core', version: '2.14.1' },
        },
        at: { path: 'theirs.json' },
        extractor: 'sbom',
      },
      {
        component: { purl: 'pkg:npm/Inner@1.0.0', type: 'npm', name: 'Inner', version: '1.0.0' },
        at: { path: 'theirs.json' },
        extractor: 'sbom',
      },
    ])
  })

  it('tells what cannot be judged', async () => {
    const { occurrences, gaps } = await readSbom(
      bom([
        { type: 'library', name: 'nameless', version: '1' },
        { type: 'library', name: 'openssl' },
        { type: 'firmware', name: 'boot' },
        { type: 'application', name: 'app/yarn.lock', properties: [{ name: 'aquasecurity:trivy:Class', value: 'lang-pkgs' }] },
        { type: 'file', name: 'a.txt', version: '1' },
        { type: 'library', name: 'x', purl: 'not a purl' },
        { type: 'library', name: 'x', purl: 'pkg:npm/versionless' },
        { type: 'library', name: 'x', purl: 'pkg:npm/%zz@1' },
        { type: 'library' },
        'no object',
      ]),
      'bom.json',
    )
    expect(occurrences).toEqual([])
    expect(gaps.map(({ reason }) => reason)).toEqual([
      '2 components are not as CycloneDX describes them',
      'not a package URL: not a purl',
      'no version: pkg:npm/versionless',
      'not a package URL: pkg:npm/%zz@1',
      '3 components have no package URL and cannot be judged: nameless@1, openssl, boot',
    ])
  })

  it('survives components in components without end', async () => {
    let inner: unknown = { type: 'library', name: 'deepest', purl: 'pkg:npm/deepest@1' }
    for (let i = 0; i < 2000; i++) inner = { type: 'library', name: `level-${i}`, components: [inner] }
    expect((await readSbom(bom([inner]), 'deep.json')).occurrences.map(({ component }) => component.name)).toEqual(['deepest'])
    const bottomless = `{"bomFormat":"CycloneDX","specVersion":"1.6","components":${'[{"name":"a","components":'.repeat(200_000)}`
    await expect(readSbom(bottomless, 'bottomless.json')).rejects.toThrow('bottomless.json is not JSON')
  })

  it.each([
    ['text', 'hello', 'x is not JSON'],
    ['another document', '{"a":1}', 'x is no SBOM we know: expected CycloneDX JSON (bomFormat) or SPDX 2 JSON (spdxVersion)'],
    ['null', 'null', 'x is no SBOM we know'],
    ['an old version', '{"bomFormat":"CycloneDX","specVersion":"1.1"}', 'x: CycloneDX 1.1; expected JSON of version 1.2 to 1.6'],
    ['a list that is none', '{"bomFormat":"CycloneDX","specVersion":"1.6","components":5}', 'x is not a CycloneDX document'],
    ['SPDX 3', '{"spdxVersion":"SPDX-3.0"}', 'x is not an SPDX 2 document'],
  ])('refuses %s', async (_, text, message) => {
    await expect(readSbom(text, 'x')).rejects.toThrow(message)
  })
})

describe('readSbom of SPDX', () => {
  it('reads packages, their distribution and their source', async () => {
    const purl = (locator: string) => [{ referenceCategory: 'PACKAGE-MANAGER', referenceType: 'purl', referenceLocator: locator }]
    const { occurrences, gaps, os } = await readSbom(
      JSON.stringify({
        spdxVersion: 'SPDX-2.3',
        name: 'demo',
        relationships: [{ spdxElementId: 'SPDXRef-DOCUMENT', relationshipType: 'DESCRIBES', relatedSpdxElement: 'SPDXRef-root' }, 'broken'],
        packages: [
          { SPDXID: 'SPDXRef-root', name: 'demo' },
          { SPDXID: 'SPDXRef-os', name: 'debian', versionInfo: '12', primaryPackagePurpose: 'OPERATING-SYSTEM' },
          { SPDXID: 'SPDXRef-1', name: 'bash', versionInfo: '5.2', externalRefs: purl('pkg:deb/debian/bash@5.2?arch=amd64') },
          { SPDXID: 'SPDXRef-2', name: 'unknown' },
          5,
        ],
      }),
      'demo.spdx.json',
    )
    expect(os).toEqual({ id: 'debian', version: '12' })
    expect(gaps.map(({ reason }) => reason)).toEqual([
      '1 packages are not as SPDX describes them',
      '1 packages have no package URL and cannot be judged: unknown',
    ])
    expect(occurrences).toEqual([
      {
        component: {
          purl: 'pkg:deb/debian/bash@5.2?arch=amd64',
          type: 'deb',
          name: 'bash',
          version: '5.2',
          distro: 'debian:12',
          arch: 'amd64',
        },
        at: { path: 'demo.spdx.json' },
        extractor: 'sbom',
      },
    ])
  })
})

describe('parsePurl', () => {
  const word = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9@:+~ .-]{0,10}[A-Za-z0-9]$/)
  it('reads what packageurl-js writes', () => {
    fc.assert(
      fc.property(
        fc.option(word, { nil: undefined }),
        word,
        fc.option(word, { nil: undefined }),
        word,
        (namespace, name, version, value) => {
          expect(parsePurl(new PackageURL('generic', namespace, name, version, { key: value }, undefined).toString())).toEqual({
            type: 'generic',
            name,
            ...(namespace !== undefined && { namespace }),
            ...(version !== undefined && { version }),
            qualifiers: { key: value },
          })
        },
      ),
    )
  })

  it('never throws on noise', () => {
    fc.assert(fc.property(fc.string(), (noise) => void parsePurl(`pkg:${noise}`)))
  })
})
