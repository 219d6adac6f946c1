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
