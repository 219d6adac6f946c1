import { describe, expect, it } from 'vitest'
import { readSbom } from './sbom.ts'

const layer = `sha256:${'c'.repeat(64)}`
const primary = (path: string) => ({ path, layerID: layer, accessPath: path, annotations: { evidence: 'primary' } })
const base = {
  artifactRelationships: [],
  source: { id: '1', name: 'shop', version: 'sha256:0', type: 'image', metadata: { userInput: 'shop:1' } },
  distro: { id: 'debian', versionID: '12', prettyName: 'Debian GNU/Linux 12 (bookworm)' },
  descriptor: { name: 'syft', version: '1.54.1' },
  schema: { version: '16.0.39', url: 'https://raw.githubusercontent.com/anchore/syft/main/schema/json/schema-16.0.39.json' },
}
const read = (artifacts: readonly unknown[], more: object = {}) => readSbom(JSON.stringify({ artifacts, ...base, ...more }), 'syft.json')

describe('readSbom of what Syft writes', () => {
  it('reads packages with places, layers, owners, sources, licences and what needs what', async () => {
    const { occurrences, gaps, os, subject } = await read(
      [
        {
          id: 'ssl',
          name: 'libssl3',
          version: '3.0.11-1~deb12u2',
          type: 'deb',
          foundBy: 'dpkg-db-cataloger',
          locations: [
            { path: '/usr/share/doc/libssl3/copyright', annotations: { evidence: 'supporting' } },
            primary('/var/lib/dpkg/status'),
          ],
          licenses: [
            { value: 'Apache-2.0', spdxExpression: 'Apache-2.0', type: 'declared' },
            { value: 'Own', spdxExpression: '' },
          ],
          cpes: [{ cpe: 'cpe:2.3:a:libssl3:libssl3:3.0.11-1~deb12u2:*:*:*:*:*:*:*', source: 'syft-generated' }],
          purl: 'pkg:deb/debian/libssl3@3.0.11-1~deb12u2?arch=amd64&distro=debian-12&upstream=openssl',
          metadataType: 'dpkg-db-entry',
          metadata: { package: 'libssl3', source: 'openssl', sourceVersion: '3.0.11-1', architecture: 'amd64' },
        },
        {
          id: 'semver',
          name: 'semver',
          version: '5.0.0',
          type: 'npm',
          locations: [primary('/usr/share/nodejs/semver/package.json')],
          licenses: ['ISC'],
          cpes: ['cpe:2.3:a:semver:semver:5.0.0:*:*:*:*:*:*:*'],
          purl: 'pkg:npm/semver@5.0.0',
          metadata: { digest: [{ algorithm: 'sha1', value: '0a'.repeat(20) }] },
        },
        { id: 'app', name: 'app', version: '1', locations: [{ path: '/app/package-lock.json' }], purl: 'pkg:npm/app@1' },
        {
          id: 'bin',
          name: 'curl',
          version: '8',
          locations: [primary('/usr/bin/curl')],
          purl: '',
          cpes: [{ cpe: 'cpe:2.3:a:haxx:curl:8:*:*:*:*:*:*:*' }],
        },
        { id: 'unknown', name: 'unknown', version: 'UNKNOWN', purl: '' },
      ],
      {
        artifactRelationships: [
          { parent: 'ssl', child: 'semver', type: 'ownership-by-file-overlap' },
          { parent: 'app', child: 'ssl', type: 'ownership-by-file-overlap' },
          { parent: 'semver', child: 'app', type: 'dependency-of' },
          { parent: 'image', child: 'ssl', type: 'contains' },
          'none',
        ],
      },
    )
    expect([os, subject]).toEqual([
      { id: 'debian', version: '12', name: 'Debian GNU/Linux 12 (bookworm)' },
      { name: 'shop:1', type: 'container' },
    ])
    expect(occurrences).toEqual([
      {
        component: {
          ...{ purl: 'pkg:deb/debian/libssl3@3.0.11-1~deb12u2?arch=amd64', type: 'deb', name: 'libssl3', version: '3.0.11-1~deb12u2' },
          ...{ distro: 'debian:12', source: { name: 'openssl', version: '3.0.11-1' }, arch: 'amd64' },
        },
        ...{ at: { path: 'var/lib/dpkg/status', layer }, extractor: 'sbom', licences: ['Apache-2.0', 'Own'] },
      },
      {
        component: { purl: 'pkg:npm/semver@5.0.0', type: 'npm', name: 'semver', version: '5.0.0' },
        ...{ at: { path: 'usr/share/nodejs/semver/package.json', layer }, extractor: 'sbom', ownedBy: 'libssl3' },
        ...{ licences: ['ISC'], hashes: [`sha1:${'0a'.repeat(20)}`] },
      },
      {
        component: { purl: 'pkg:npm/app@1', type: 'npm', name: 'app', version: '1' },
        ...{ at: { path: 'app/package-lock.json' }, extractor: 'sbom', dependsOn: ['pkg:npm/semver@5.0.0'] },
      },
    ])
    expect(gaps.map(({ reason }) => reason)).toEqual([
      'curl@8 has no package URL, only the CPE cpe:2.3:a:haxx:curl:8:*:*:*:*:*:*:*, and cannot be judged',
      'unknown@UNKNOWN has no package URL and cannot be judged',
    ])
  })

  it('takes what older versions of it wrote, and wrong types for nothing', async () => {
    const wrong = { locations: 5, licenses: {}, cpes: [7], metadata: 'x', id: [] }
    const { occurrences, gaps, os } = await read(
      [{ name: 'a', version: '1', purl: 'pkg:deb/debian/a@1', ...wrong }, { purl: 'pkg:npm/b@1' }, 5],
      {
        distro: { name: 'debian', version: '10', idLike: '' },
        source: { type: 'image', target: { userInput: 'x' } },
        artifactRelationships: null,
      },
    )
    expect(os).toEqual({ id: 'debian', version: '10' })
    expect(occurrences).toEqual([
      {
        component: { purl: 'pkg:deb/debian/a@1', type: 'deb', name: 'a', version: '1', distro: 'debian:10' },
        ...{ at: { path: 'syft.json!/a' }, extractor: 'sbom' },
      },
    ])
    expect(gaps.map(({ reason }) => reason)).toEqual(['2 artifacts are not as Syft writes them'])
  })

  it('refuses too many, and is not taken for another list of artifacts', async () => {
    const head = '{"descriptor":{"name":"syft"},"artifacts":['
    await expect(readSbom(`${head}${'{},'.repeat(1_000_000)}{}]}`, 'x')).rejects.toThrow('x lists more than 1000000 components: not read')
    await expect(readSbom('{"artifacts":[]}', 'x')).rejects.toThrow('x is no SBOM we know')
    expect((await read([])).gaps.map(({ reason }) => reason)).toEqual(['it lists no components'])
  })
})
