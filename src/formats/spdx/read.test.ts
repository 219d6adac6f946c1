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
      '1 components have no package URL and cannot be judged: unknown',
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
