import type { Occurrence } from '../src/model/component.ts'
import type { SbomSubject } from '../src/model/sbom.ts'

const layer = `sha256:${'a'.repeat(64)}`
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
  at: { path: 'var/lib/dpkg/status', layer },
  extractor: 'debian/dpkg-status',
}
const core: Occurrence = {
  component: { purl: 'pkg:npm/%40babel/core@7.1.0', type: 'npm', name: '@babel/core', version: '7.1.0' },
  at: { path: 'app/package-lock.json' },
  extractor: 'npm/package-lock',
  scope: 'dev',
  direct: true,
  dependsOn: ['pkg:npm/absent@1.0.0', 'pkg:npm/semver@5.0.0'],
  licences: ['MIT'],
  hashes: [`sha512:${'0b'.repeat(64)}`],
}
const semver: Occurrence = {
  component: { purl: 'pkg:npm/semver@5.0.0', type: 'npm', name: 'semver', version: '5.0.0' },
  at: { path: 'app/package-lock.json' },
  extractor: 'npm/package-lock',
  scope: 'runtime',
  licences: ['ISC', "The Author's Licence"],
}
const owned: Occurrence = {
  component: semver.component,
  at: { path: 'usr/share/nodejs/semver/package.json', layer },
  extractor: 'npm/installed',
  ownedBy: 'node-semver',
  licences: ['(MIT OR Apache-2.0)'],
}
const declared: Occurrence = {
  component: { purl: 'pkg:npm/left-pad', type: 'npm', name: 'left-pad', version: '' },
  at: { path: 'lib/package.json' },
  extractor: 'npm/package-json',
  scope: 'declared',
  requirement: '^1.0.0',
  direct: true,
}

/** One of everything that a document may have to tell. */
export const bill: SbomSubject = {
  resource: { arn: 'urn:openinspector:image:sha256:1', id: 'demo:1', type: 'OPENINSPECTOR_CONTAINER_IMAGE' },
  occurrences: [openssl, core, declared, semver, owned],
  gaps: [{ path: 'app/broken.lock', extractor: 'npm/yarn-classic', reason: 'line 7: expected a version' }],
  os: { id: 'debian', version: '12', name: 'Debian GNU/Linux 12' },
  tool: '0.1.0',
  at: '2026-01-02T03:04:05Z',
}
