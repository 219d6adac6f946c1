import { expect, it } from 'vitest'
import { rpmPurl } from './rpm-name.ts'
import { componentOfPurl } from './sbom-component.ts'

it('writes the epoch, the module and a vendor as qualifiers, and none that is empty', () => {
  expect(rpmPurl('rhel', 'npm', '1:8.19-1.el9', { arch: 'x86_64', rpmmod: 'nodejs:18:1:a', vendor: 'A & B' })).toBe(
    'pkg:rpm/rhel/npm@8.19-1.el9?arch=x86_64&epoch=1&rpmmod=nodejs%3A18%3A1%3Aa&vendor=A%20%26%20B',
  )
  expect(rpmPurl(undefined, 'bash', '5.1-1.el9', { vendor: '' })).toBe('pkg:rpm/bash@5.1-1.el9')
})

it('takes a package of an SBOM as our own extractor would have written it', () => {
  const given = 'pkg:rpm/rhel/openssl-libs@3.0.7-27.el9?arch=x86_64&epoch=1&upstream=openssl-3.0.7-27.el9.src.rpm&distro=rhel-9.4'
  expect(componentOfPurl(given, {})).toEqual({
    ...{ purl: 'pkg:rpm/rhel/openssl-libs@3.0.7-27.el9?arch=x86_64&epoch=1', type: 'rpm', name: 'openssl-libs' },
    ...{ version: '1:3.0.7-27.el9', distro: 'rhel:9.4', arch: 'x86_64', source: { name: 'openssl', version: '1:3.0.7-27.el9' } },
  })
  const module = 'pkg:rpm/rocky/npm@8.19-1.module%2Bel8?rpmmod=nodejs:18:1:a&upstream=nodejs-18.1-1.src.rpm'
  expect(componentOfPurl(module, { os: { id: 'rocky', version: '8.9' } })).toEqual({
    ...{ purl: 'pkg:rpm/rocky/npm@8.19-1.module+el8?rpmmod=nodejs%3A18%3A1%3Aa', type: 'rpm', name: 'npm' },
    ...{ version: '8.19-1.module+el8', distro: 'rocky:8.9', source: { name: 'nodejs', version: '18.1-1' } },
  })
})

it.each([
  ['pkg:rpm/redhat/bash@5.1.8-6.el9?distro=redhat-9.4', 'rhel:9.4'],
  ['pkg:rpm/alma/bash@5.1.8-6.el9?distro=alma-9.4', 'almalinux:9.4'],
  ['pkg:rpm/opensuse/bash@4.4-1?distro=opensuse-leap-15.5', 'opensuse-leap:15.5'],
  ['pkg:rpm/opensuse/bash@4.4-1?distro=opensuse.leap-15.5', 'opensuse-leap:15.5'],
  ['pkg:apk/alpine/musl@1.2.4-r4?distro=3.19.1', 'alpine:3.19.1'],
  ['pkg:apk/alpine/musl@1.2.4-r4?distro=alpine-3.19.1', 'alpine:3.19.1'],
  ['pkg:deb/debian/bash@5.2-2?distro=debian-sid', 'debian:sid'],
  ['pkg:rpm/oracle/bash@5.1.8-6.el9', 'ol:9.4'],
])('knows the distribution of %s', (purl, distro) => {
  const component = componentOfPurl(purl, { os: { id: 'oracle', version: '9.4' } })
  expect('distro' in component && component.distro).toBe(distro)
})

it('keeps the category in the name of an ebuild', () => {
  expect(componentOfPurl('pkg:ebuild/dev-libs/openssl@3.0.13-r2', {})).toEqual({
    ...{ purl: 'pkg:ebuild/dev-libs/openssl@3.0.13-r2', type: 'ebuild', name: 'dev-libs/openssl', version: '3.0.13-r2' },
  })
})
