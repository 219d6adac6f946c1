import { Spec, Validation } from '@cyclonedx/cyclonedx-library'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { bill } from '../../../test/bills.ts'
import { writeCycloneDx } from './write.ts'

const layer = `sha256:${'a'.repeat(64)}`
const place = (value: object) => ({ name: 'openinspector:place', value: JSON.stringify(value) })

describe('writeCycloneDx', () => {
  it('writes components with places, layers, owners, licences, digests and dependencies, and what could not be read', () => {
    expect(JSON.parse(writeCycloneDx(bill, '1.6'))).toEqual({
      $schema: 'http://cyclonedx.org/schema/bom-1.6.schema.json',
      bomFormat: 'CycloneDX',
      specVersion: '1.6',
      serialNumber: expect.stringMatching(/^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/),
      version: 1,
      metadata: {
        timestamp: '2026-01-02T03:04:05Z',
        tools: { components: [{ type: 'application', name: 'openinspector', version: '0.1.0' }] },
        component: { 'bom-ref': 'urn:openinspector:image:sha256:1', type: 'container', name: 'demo:1' },
        properties: [
          {
            name: 'openinspector:gap',
            value: '{"path":"app/broken.lock","extractor":"npm/yarn-classic","reason":"line 7: expected a version"}',
          },
        ],
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
          properties: [place({ path: 'var/lib/dpkg/status', layer, extractor: 'debian/dpkg-status' })],
          evidence: { occurrences: [{ location: 'var/lib/dpkg/status' }] },
        },
        {
          'bom-ref': 'pkg:npm/%40babel/core@7.1.0',
          type: 'library',
          group: '@babel',
          name: 'core',
          version: '7.1.0',
          scope: 'excluded',
          hashes: [{ alg: 'SHA-512', content: '0b'.repeat(64) }],
          licenses: [{ license: { id: 'MIT' } }],
          purl: 'pkg:npm/%40babel/core@7.1.0',
          properties: [place({ path: 'app/package-lock.json', extractor: 'npm/package-lock', scope: 'dev', direct: true })],
          evidence: { occurrences: [{ location: 'app/package-lock.json' }] },
        },
        {
          'bom-ref': 'pkg:npm/left-pad',
          type: 'library',
          name: 'left-pad',
          scope: 'required',
          purl: 'pkg:npm/left-pad',
          properties: [
            place({ path: 'lib/package.json', extractor: 'npm/package-json', scope: 'declared', direct: true, requirement: '^1.0.0' }),
          ],
          evidence: { occurrences: [{ location: 'lib/package.json' }] },
        },
        {
          'bom-ref': 'pkg:npm/semver@5.0.0',
          type: 'library',
          name: 'semver',
          version: '5.0.0',
          scope: 'required',
          licenses: [{ license: { id: 'ISC' } }, { license: { name: "The Author's Licence" } }],
          purl: 'pkg:npm/semver@5.0.0',
          properties: [place({ path: 'app/package-lock.json', extractor: 'npm/package-lock', scope: 'runtime' })],
          evidence: { occurrences: [{ location: 'app/package-lock.json' }] },
        },
        {
          'bom-ref': 'pkg:npm/semver@5.0.0#owned-by-node-semver',
          type: 'library',
          name: 'semver',
          version: '5.0.0',
          scope: 'required',
          licenses: [{ expression: '(MIT OR Apache-2.0)' }],
          purl: 'pkg:npm/semver@5.0.0',
          properties: [place({ path: 'usr/share/nodejs/semver/package.json', layer, extractor: 'npm/installed', owner: 'node-semver' })],
          evidence: { occurrences: [{ location: 'usr/share/nodejs/semver/package.json' }] },
        },
      ],
      dependencies: [
        { ref: 'urn:openinspector:image:sha256:1', dependsOn: ['pkg:npm/%40babel/core@7.1.0', 'pkg:npm/left-pad'] },
        { ref: 'pkg:npm/%40babel/core@7.1.0', dependsOn: ['pkg:npm/semver@5.0.0', 'pkg:npm/semver@5.0.0#owned-by-node-semver'] },
      ],
      compositions: [{ aggregate: 'incomplete', assemblies: ['urn:openinspector:image:sha256:1'] }],
    })
  })

  it('keeps to what 1.4 has: a tool is no component, and evidence has no places', () => {
    const { metadata, components } = JSON.parse(writeCycloneDx(bill, '1.4'))
    expect(metadata.tools).toEqual([{ vendor: 'OpenInspector', name: 'openinspector', version: '0.1.0' }])
    expect(components.filter((one: object) => 'evidence' in one)).toEqual([])
  })

  it.each([
    ['1.4', Spec.Version.v1dot4],
    ['1.6', Spec.Version.v1dot6],
    ['1.7', Spec.Version.v1dot7],
  ] as const)('is valid by the published schema of %s', async (version, schema) => {
    const validator = new Validation.JsonStrictValidator(schema)
    expect(await validator.validate(writeCycloneDx(bill, version))).toBeNull()
    const empty = { resource: bill.resource, occurrences: [], gaps: [], tool: '0.1.0', at: bill.at }
    expect(await validator.validate(writeCycloneDx(empty, version))).toBeNull()
  })

  it('gives the same text for the same inventory, in any order', () => {
    const text = writeCycloneDx(bill, '1.6')
    fc.assert(
      fc.property(fc.shuffledSubarray([...bill.occurrences], { minLength: 5 }), (occurrences) => {
        expect(writeCycloneDx({ ...bill, occurrences }, '1.6')).toBe(text)
      }),
    )
  })
})
