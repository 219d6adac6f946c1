import { describe, expect, it } from 'vitest'
import { readSbom } from '../sbom.ts'

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
      'unknown has no package URL and cannot be judged',
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
        at: { path: 'demo.spdx.json!/bash' },
        extractor: 'sbom',
      },
    ])
  })

  it('reads a document in a statement that attests it, and in an answer of GitHub', async () => {
    const packages = [{ SPDXID: 'SPDXRef-1', name: 'a', externalRefs: [{ referenceType: 'purl', referenceLocator: 'pkg:npm/a@1' }] }]
    const document = { spdxVersion: 'SPDX-2.3', name: 'shop', packages }
    const statement = { _type: 'https://in-toto.io/Statement/v1', predicateType: 'https://spdx.dev/Document', predicate: document }
    for (const whole of [document, statement, { sbom: document }])
      expect((await readSbom(JSON.stringify(whole), 'x')).occurrences.map(({ component }) => component.purl)).toEqual(['pkg:npm/a@1'])
    await expect(readSbom(JSON.stringify({ sbom: [document] }), 'x')).rejects.toThrow('x is no SBOM we know')
    await expect(readSbom(JSON.stringify({ predicateType: 'https://slsa.dev/provenance/v1', predicate: {} }), 'x')).rejects.toThrow(
      'x is no SBOM we know',
    )
  })

  it('reads what Trivy and Syft add', async () => {
    const layer = `sha256:${'c'.repeat(64)}`
    const purl = (referenceLocator: string) => [{ referenceCategory: 'PACKAGE-MANAGER', referenceType: 'purl', referenceLocator }]
    const { occurrences, gaps } = await readSbom(
      JSON.stringify({
        spdxVersion: 'SPDX-2.3',
        name: 'shop',
        packages: [
          {
            SPDXID: 'SPDXRef-ContainerImage-1',
            name: 'shop',
            externalRefs: purl('pkg:oci/shop@sha256:0'),
            primaryPackagePurpose: 'CONTAINER',
          },
          { SPDXID: 'SPDXRef-OperatingSystem-1', name: 'debian', versionInfo: '12.5', primaryPackagePurpose: 'OPERATING-SYSTEM' },
          {
            SPDXID: 'SPDXRef-Application-1',
            name: 'app/package-lock.json',
            primaryPackagePurpose: 'APPLICATION',
            annotations: [{ comment: 'Class: lang-pkgs' }, { comment: 'Type: npm' }],
          },
          {
            SPDXID: 'SPDXRef-Package-1',
            name: 'libc6',
            versionInfo: '2.36-9',
            externalRefs: purl('pkg:deb/debian/libc6@2.36-9?arch=amd64&distro=debian-12.5'),
            sourceInfo: 'built package from: glibc 2.36-9',
            annotations: [{ comment: `LayerDiffID: ${layer}` }],
          },
          {
            SPDXID: 'SPDXRef-Package-2',
            name: 'left',
            externalRefs: purl('pkg:npm/left@1'),
            sourceInfo: 'acquired package info from installed node module manifest file: /app/package.json, /app/LICENSE',
          },
        ],
        relationships: [
          { spdxElementId: 'SPDXRef-DOCUMENT', relationshipType: 'DESCRIBES', relatedSpdxElement: 'SPDXRef-ContainerImage-1' },
        ],
      }),
      'x',
    )
    expect(gaps).toEqual([])
    expect(occurrences).toEqual([
      {
        component: {
          ...{ purl: 'pkg:deb/debian/libc6@2.36-9?arch=amd64', type: 'deb', name: 'libc6', version: '2.36-9', arch: 'amd64' },
          ...{ distro: 'debian:12.5', source: { name: 'glibc', version: '2.36-9' } },
        },
        ...{ at: { path: 'x!/libc6', layer }, extractor: 'sbom' },
      },
      {
        component: { purl: 'pkg:npm/left@1', type: 'npm', name: 'left', version: '1' },
        ...{ at: { path: 'app/package.json' }, extractor: 'sbom' },
      },
    ])
  })
})
