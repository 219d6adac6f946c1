import { describe, expect, it } from 'vitest'
import { readSbom } from '../sbom.ts'

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
        at: { path: 'theirs.json!/libc6' },
        extractor: 'sbom',
      },
      {
        component: {
          ...{ purl: 'pkg:deb/ubuntu/a@1+b1', type: 'deb', name: 'a', version: '1+b1' },
          ...{ distro: 'ubuntu:24.04', source: { name: 'src-a', version: '1' } },
        },
        at: { path: 'theirs.json!/a' },
        extractor: 'sbom',
      },
      {
        component: { purl: 'pkg:npm/left-pad@1.3.0', type: 'npm', name: 'left-pad', version: '1.3.0' },
        at: { path: 'app/package.json' },
        extractor: 'sbom',
      },
      {
        component: { purl: 'pkg:npm/nowhere@1', type: 'npm', name: 'nowhere', version: '1' },
        at: { path: 'theirs.json!/nowhere' },
        extractor: 'sbom',
      },
      {
        component: {
          ...{ purl: 'pkg:maven/org.apache.logging.log4j/log4j-core@2.14.1', type: 'maven' },
          ...{ name: 'org.apache.logging.log4j:log4j-core', version: '2.14.1' },
        },
        at: { path: 'theirs.json!/log4j-core' },
        extractor: 'sbom',
      },
      {
        component: { purl: 'pkg:npm/Inner@1.0.0', type: 'npm', name: 'Inner', version: '1.0.0' },
        at: { path: 'theirs.json!/inner' },
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
      'nameless@1 has no package URL and cannot be judged',
      'openssl has no package URL and cannot be judged',
      'boot has no package URL and cannot be judged',
      'not a package URL: not a purl',
      'no version: pkg:npm/versionless',
      'not a package URL: pkg:npm/%zz@1',
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
    ['another document', '{"a":1}', 'x is no SBOM we know: expected CycloneDX JSON (bomFormat) or XML, SPDX 2 JSON'],
    ['null', 'null', 'x is no SBOM we know'],
    ['an old version', '{"bomFormat":"CycloneDX","specVersion":"1.1"}', 'x: CycloneDX 1.1; expected version 1.2 to 1.7'],
    ['a list that is none', '{"bomFormat":"CycloneDX","specVersion":"1.6","components":5}', 'x is not a CycloneDX document'],
    ['SPDX 3', '{"spdxVersion":"SPDX-3.0"}', 'x is not an SPDX 2 document'],
  ])('refuses %s', async (_, text, message) => {
    await expect(readSbom(text, 'x')).rejects.toThrow(message)
  })
})

describe('readSbom of what generators add to CycloneDX', () => {
  const layer = `sha256:${'c'.repeat(64)}`
  const one = async (component: object, more = {}) => {
    const { occurrences, gaps } = await readSbom(bom([{ type: 'library', name: 'x', ...component }], more), 'bom.json')
    const [first] = occurrences
    return {
      ...(first && { ...first, component: first.component.purl, version: first.component.version }),
      gaps: gaps.map(({ reason }) => reason),
    }
  }
  const property = (name: string, value: string) => ({ name, value })
  const read = { extractor: 'sbom', gaps: [] }

  it.each([
    [
      'Trivy: file, layer and module',
      {
        purl: 'pkg:rpm/redhat/nodejs@18.1.0-1.module%2Bel8?arch=x86_64&distro=redhat-8.9',
        properties: [
          property('aquasecurity:trivy:LayerDiffID', layer),
          property('aquasecurity:trivy:Modularitylabel', 'nodejs:18:8090020240101:a75119d5'),
        ],
      },
      {
        component: 'pkg:rpm/redhat/nodejs@18.1.0-1.module+el8?arch=x86_64&rpmmod=nodejs%3A18%3A8090020240101%3Aa75119d5',
        version: '18.1.0-1.module+el8',
        at: { path: 'bom.json!/x', layer },
      },
    ],
    [
      'Syft: its first location and layer, and the source package',
      {
        purl: 'pkg:deb/debian/libc6@2.36-9?arch=amd64&distro=debian-12',
        properties: [
          property('syft:location:0:layerID', layer),
          property('syft:location:0:path', '/var/lib/dpkg/status'),
          property('syft:location:1:path', '/usr/share/doc/libc6/copyright'),
        ],
      },
      { component: 'pkg:deb/debian/libc6@2.36-9?arch=amd64', version: '2.36-9', at: { path: 'var/lib/dpkg/status', layer } },
    ],
    [
      'sbomgen: path of the file',
      {
        purl: 'pkg:golang/github.com/beorn7/perks@v1.0.1',
        properties: [property('amazon:inspector:sbom_generator:source_path', '/usr/bin/x')],
      },
      { component: 'pkg:golang/github.com/beorn7/perks@v1.0.1', version: 'v1.0.1', at: { path: 'usr/bin/x' } },
    ],
    [
      'sbomgen: a version that was not resolved',
      { purl: 'pkg:npm/x@%5E1.0', properties: [property('amazon:inspector:sbom_generator:unresolved_version', '^1.0')] },
      { component: 'pkg:npm/x', version: '', at: { path: 'bom.json!/x' }, scope: 'declared', requirement: '^1.0' },
    ],
    [
      'cdxgen: file and development',
      { purl: 'pkg:npm/x@1', properties: [property('SrcFile', 'app/package-lock.json'), property('cdx:npm:package:development', 'true')] },
      { component: 'pkg:npm/x@1', version: '1', at: { path: 'app/package-lock.json' }, scope: 'dev' },
    ],
    [
      'licences and digests, as far as they are what they should be',
      {
        purl: 'pkg:npm/x@1',
        licenses: [{ license: { id: 'MIT' } }, { license: { name: ' Own ' } }, { expression: 'A OR B' }, 7, { license: { id: 5 } }],
        hashes: [
          { alg: 'SHA-256', content: 'AB'.repeat(32) },
          { alg: 'SHA-256', content: 'short' },
          { alg: 'MD5', content: '0'.repeat(32) },
          { alg: 'ROT13', content: '0'.repeat(32) },
          'none',
        ],
      },
      {
        component: 'pkg:npm/x@1',
        version: '1',
        at: { path: 'bom.json!/x' },
        licences: ['A OR B', 'MIT', 'Own'],
        hashes: [`md5:${'0'.repeat(32)}`, `sha256:${'ab'.repeat(32)}`],
      },
    ],
    [
      'a range of versions (1.7)',
      { purl: 'pkg:npm/x', versionRange: 'vers:npm/>=1.0.0|<2.0.0' },
      { component: 'pkg:npm/x', version: '', at: { path: 'bom.json!/x' }, scope: 'declared', requirement: 'vers:npm/>=1.0.0|<2.0.0' },
    ],
  ])('%s', async (_, component, expected) => expect(await one(component)).toEqual({ ...read, ...expected }))

  it.each([
    [
      'a CPE and no package URL',
      { version: '1', cpe: 'cpe:2.3:a:x:x:1:*:*:*:*:*:*:*' },
      'x@1 has no package URL, only the CPE cpe:2.3:a:x:x:1:*:*:*:*:*:*:*, and cannot be judged',
    ],
    [
      'a CPE of Syft alone',
      { properties: [property('syft:cpe23', 'cpe:2.3:a:x:x:*:*:*:*:*:*:*:*')] },
      'x has no package URL, only the CPE cpe:2.3:a:x:x:*:*:*:*:*:*:*:*, and cannot be judged',
    ],
  ])('tells of %s', async (_, component, gap) => expect(await one(component)).toEqual({ gaps: [gap] }))

  it('wrong types beside the package URL cost nothing but themselves', async () => {
    const wrong = { version: 1, group: [], scope: {}, cpe: 5, licenses: 'MIT', hashes: {}, properties: 'x', evidence: 7, 'bom-ref': {} }
    expect(await one({ purl: 'pkg:npm/x@1', ...wrong })).toEqual({
      ...read,
      component: 'pkg:npm/x@1',
      version: '1',
      at: { path: 'bom.json!/x' },
    })
  })
})

describe('readSbom of how components hang together', () => {
  const part = (ref: string, purl = `pkg:npm/${ref}@1`) => ({ type: 'library', 'bom-ref': ref, name: ref, purl })
  const read = async (components: readonly object[], more: object) => {
    const { occurrences, gaps } = await readSbom(bom(components, more), 'bom.json')
    return {
      edges: occurrences.map(({ component, dependsOn, direct }) => [component.name, dependsOn, direct]),
      gaps: gaps.map(({ reason }) => reason),
    }
  }
  const root = { metadata: { component: { 'bom-ref': 'root', type: 'application', name: 'shop' } } }

  it('by reference; what the root needs is direct; circles, repeats and what leads nowhere do no harm', async () => {
    const dependencies = [
      { ref: 'root', dependsOn: ['a'] },
      { ref: 'a', dependsOn: ['c', 'b', 'b', 'nowhere'] },
      { ref: 'b', dependsOn: ['a'] },
      { ref: 'a', dependsOn: ['a'] },
      { ref: 'c', dependsOn: 'a' },
      { ref: 5 },
      null,
    ]
    expect(await read([part('a'), part('b'), part('c')], { ...root, dependencies })).toEqual({
      edges: [
        ['a', ['pkg:npm/a@1', 'pkg:npm/b@1', 'pkg:npm/c@1'], true],
        ['b', ['pkg:npm/a@1'], undefined],
        ['c', undefined, undefined],
      ],
      gaps: [],
    })
  })

  it('says nothing of direct where all hang on the root', async () => {
    const dependencies = [{ ref: 'root', dependsOn: ['a', 'b'] }]
    expect((await read([part('a'), part('b')], { ...root, dependencies })).edges).toEqual([
      ['a', undefined, undefined],
      ['b', undefined, undefined],
    ])
  })

  it('follows no reference that names two components', async () => {
    const dependencies = [{ ref: 'a', dependsOn: ['twice'] }]
    expect(await read([part('a'), part('twice', 'pkg:npm/b@1'), part('twice', 'pkg:npm/c@1')], { dependencies })).toEqual({
      edges: [
        ['a', undefined, undefined],
        ['b', undefined, undefined],
        ['c', undefined, undefined],
      ],
      gaps: ['1 references name more than one component: what needs them is not known: twice'],
    })
  })

  it('judges the library that a document is about, and none of the application', async () => {
    const about = (type: string) => ({
      metadata: { component: { type, name: 'shop', purl: 'pkg:npm/shop@1', components: [part('inner')] } },
    })
    expect((await read([], about('library'))).edges.map(([name]) => name)).toEqual(['shop', 'inner'])
    expect((await read([], about('application'))).edges.map(([name]) => name)).toEqual(['inner'])
  })

  it('tells what the document says it lacks, and when it is of two systems', async () => {
    const compositions = [
      { aggregate: 'incomplete_first_party_only', assemblies: ['root'] },
      { aggregate: 'complete', assemblies: ['root'] },
    ]
    expect((await read([], { ...root, compositions })).gaps).toEqual([
      'the document says of its own list of components: incomplete_first_party_only',
    ])
    const systems = [
      { type: 'operating-system', name: 'debian', version: '12' },
      { type: 'operating-system', name: 'alpine', version: '3.20' },
    ]
    const { occurrences, gaps } = await readSbom(bom([...systems, part('bash', 'pkg:deb/debian/bash@5')]), 'bom.json')
    expect(occurrences.map(({ component }) => component.distro)).toEqual([undefined])
    expect(gaps.map(({ reason }) => reason)).toEqual([
      'it names 2 operating systems (debian 12, alpine 3.20): packages that do not say theirs have none',
    ])
  })
})
