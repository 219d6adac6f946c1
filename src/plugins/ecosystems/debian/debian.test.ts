import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { extractorContract, fileOf, near } from '../../../../test/contracts/extractor.ts'
import type { Component } from '../../../model/component.ts'
import type { Extractor } from '../../../model/seams.ts'
import { dpkgFiles } from './dpkg-files.ts'
import { dpkgStatus } from './dpkg-status.ts'
import { debian } from './index.ts'
import { osRelease } from './os-release.ts'

const fixture = (name: string) => readFileSync(join(import.meta.dirname, 'fixtures', name), 'utf8')
const STATUS = 'var/lib/dpkg/status'
const read = (extractor: Extractor, path: string, content: string) => extractor.read(fileOf(path, content), near())
const gap = (extractor: string, path: string, reason: string) => ({ extractor, path, reason })

extractorContract(dpkgStatus, {
  path: STATUS,
  content: fixture('status-states'),
  wants: ['var/lib/dpkg/status.d/tzdata'],
  refuses: ['var/lib/dpkg/status-old', 'var/lib/dpkg/status.d/tzdata.md5sums', 'home/var/lib/dpkg/status', 'var/lib/dpkg/available'],
})
extractorContract(dpkgFiles, {
  path: 'var/lib/dpkg/info/libtwin:amd64.list',
  content: fixture('libtwin.list'),
  wants: ['var/lib/dpkg/status.d/tzdata.md5sums'],
  refuses: ['var/lib/dpkg/info/libtwin:amd64.md5sums', 'etc/apt/sources.list'],
})
extractorContract(osRelease, {
  path: 'etc/os-release',
  content: fixture('os-release-12'),
  wants: ['usr/lib/os-release', 'etc/debian_version'],
  refuses: ['opt/etc/os-release', 'etc/lsb-release'],
})

describe('dpkg-status', () => {
  it('reads packages whose files are, or may be, on disk', async () => {
    const { occurrences } = await read(dpkgStatus, STATUS, fixture('status-states'))
    const deb = (name: string, version: string, arch: string, purl: string, source?: Component['source']) => ({
      component: { purl, type: 'deb', name, version, arch, ...(source && { source }) },
      at: { path: STATUS },
      extractor: 'debian/dpkg-status',
    })
    const twin = { name: 'twin', version: '1:2.0-1+deb12u1' }
    expect(occurrences).toEqual([
      deb('plain', '1.2-3', 'amd64', 'pkg:deb/debian/plain@1.2-3?arch=amd64'),
      deb('libtwin', '1:2.0-1+deb12u1', 'amd64', 'pkg:deb/debian/libtwin@1:2.0-1+deb12u1?arch=amd64', twin),
      deb('libtwin', '1:2.0-1+deb12u1', 'i386', 'pkg:deb/debian/libtwin@1:2.0-1+deb12u1?arch=i386', twin),
      deb('rebuilt', '3.0~rc1-1+b1', 'amd64', 'pkg:deb/debian/rebuilt@3.0~rc1-1+b1?arch=amd64', { name: 'origin', version: '3.0~rc1-1' }),
      ...['held', 'unpacked', 'half-configured', 'half-installed', 'triggers-awaited', 'triggers-pending'].map((name) =>
        deb(name, '1.0-1', 'all', `pkg:deb/debian/${name}@1.0-1?arch=all`),
      ),
    ])
  })

  it('reads status.d, which has no states and may lack the last newline', async () => {
    const path = 'var/lib/dpkg/status.d/tzdata'
    const expected = {
      occurrences: [
        {
          component: {
            purl: 'pkg:deb/debian/tzdata@2024a-0+deb12u1?arch=all',
            type: 'deb',
            name: 'tzdata',
            version: '2024a-0+deb12u1',
            arch: 'all',
          },
          at: { path },
          extractor: 'debian/dpkg-status',
        },
      ],
      gaps: [],
    }
    expect(await read(dpkgStatus, path, fixture('status.d-tzdata'))).toEqual(expected)
    expect(await read(dpkgStatus, path, 'Package: tzdata\nArchitecture: all\nVersion: 2024a-0+deb12u1')).toEqual(expected)
  })

  const good = 'Package: good\nStatus: install ok installed\nVersion: 1\n\n'
  const names = async (text: string) => (await read(dpkgStatus, STATUS, text)).occurrences.map(({ component }) => component.name)
  const reasons = async (text: string) => (await read(dpkgStatus, STATUS, text)).gaps.map(({ reason }) => reason)

  it.each([
    ['no version', 'Package: bad\nStatus: install ok installed\n', 'line 5 (package "bad"): no Version field'],
    [
      'an empty version',
      'Package: bad\nStatus: install ok installed\nVersion:\n',
      'line 5 (package "bad"): expected a version of printable ASCII without blanks',
    ],
    ['no name', 'Status: install ok installed\nVersion: 1\n', 'line 5: no Package field'],
    ['no status', 'Package: bad\nVersion: 1\n', 'line 5 (package "bad"): no Status field'],
    [
      'an unknown state',
      'Package: bad\nStatus: install ok odd\nVersion: 1\n',
      'line 5 (package "bad"): expected "want flag state" in Status, got "install ok odd"',
    ],
    [
      'a name that is none',
      'Package: ../bad\nStatus: install ok installed\nVersion: 1\n',
      'line 5 (package "../bad"): expected a package name of letters, digits and + - . _',
    ],
    [
      'a version with a blank',
      'Package: bad\nStatus: install ok installed\nVersion: 1 2\n',
      'line 5 (package "bad"): expected a version of printable ASCII without blanks',
    ],
    [
      'a source that is none',
      'Package: bad\nStatus: install ok installed\nVersion: 1\nSource: a b c\n',
      'line 5 (package "bad"): expected "name" or "name (version)" in Source',
    ],
    [
      'an architecture that is none',
      'Package: bad\nStatus: install ok installed\nVersion: 1\nArchitecture: a&b\n',
      'line 5 (package "bad"): expected the name of an architecture',
    ],
    ['binary garbage', '\u0001\u0002\ufffd\ufffd\n', 'line 5: no Package field'],
  ])('keeps the good stanzas beside %s', async (_title, bad, reason) => {
    const text = `${good}${bad}\n${good}`
    expect([await names(text), await reasons(text)]).toEqual([['good', 'good'], [reason]])
  })

  it('refuses absurdly long fields', async () => {
    const text = `Package: bad\nStatus: install ok installed\nVersion: ${'1'.repeat(5_000_000)}\n\n${good}`
    expect([await names(text), await reasons(text)]).toEqual([
      ['good'],
      ['line 1 (package "bad"): expected a version of printable ASCII without blanks'],
    ])
  })
  it('does not believe the field in which a file was cut, and says so', async () => {
    expect(await reasons(`${good}Package: cut\nStatus: install ok installed\nVersion: 1.2`)).toEqual([
      'line 7: ends in mid-line (dpkg ends every file with a newline); what followed is not known',
      'line 5 (package "cut"): no Version field',
    ])
    expect(await names(`${good}Package: cut\nStatus: install ok installed\nVersion: 1.2\nDescr`)).toEqual(['good', 'cut'])
  })
  it('tells a hundred broken stanzas and counts the others', async () => {
    const told = await reasons('Package: bad\nStatus: install ok installed\n\n'.repeat(250))
    expect([told.length, told.at(-1)]).toEqual([101, '150 more problems'])
  })
  it('reads a line only once, whether or not a colon follows anywhere', async () => {
    expect(await names(`${'p\n'.repeat(8_000_000)}\n${good}`)).toEqual(['good'])
  })
  it('takes field names in any case and lines that end with CR', async () => {
    expect(await names('PACKAGE: crlf\r\nstatus: install ok installed\r\nversion: 1\r\n\r\n')).toEqual(['crlf'])
  })
  it('is empty for an empty database', async () => expect(await read(dpkgStatus, STATUS, '')).toEqual({ occurrences: [], gaps: [] }))
})

describe('dpkg-files', () => {
  it('lists the files of a package, without folders', async () => {
    expect(await read(dpkgFiles, 'var/lib/dpkg/info/libtwin:amd64.list', fixture('libtwin.list'))).toEqual({
      occurrences: [],
      gaps: [],
      owned: [
        {
          owner: 'libtwin',
          paths: [
            'usr/lib/x86_64-linux-gnu/libtwin.so.2',
            'usr/lib/x86_64-linux-gnu/libtwin.so.2.0',
            'usr/share/doc/libtwin/a name with blanks',
            'usr/share/doc/libtwin-notes',
          ],
        },
      ],
    })
  })
  it('reads the sums beside status.d', async () => {
    expect((await read(dpkgFiles, 'var/lib/dpkg/status.d/tzdata.md5sums', fixture('tzdata.md5sums'))).owned).toEqual([
      { owner: 'tzdata', paths: ['usr/share/zoneinfo/UTC', 'usr/share/doc/tzdata/a name'] },
    ])
  })
  it('owns nothing by an empty list', async () => expect((await read(dpkgFiles, 'var/lib/dpkg/info/x.list', '/.\n')).owned).toEqual([]))
})

describe('os-release', () => {
  const os = async (path: string, text: string) => (await read(osRelease, path, text)).os
  it.each([
    [
      'etc/os-release',
      fixture('os-release-12'),
      { id: 'debian', version: '12', codename: 'bookworm', name: 'Debian GNU/Linux 12 (bookworm)' },
    ],
    [
      'etc/os-release',
      'ID=debian\nPRETTY_NAME="Debian GNU/Linux forky/sid"\nVERSION_CODENAME=forky\n',
      { id: 'debian', codename: 'forky', name: 'Debian GNU/Linux forky/sid' },
    ],
    [
      'etc/os-release',
      'ID=debian\nPRETTY_NAME="Debian GNU/Linux trixie/sid"\nVERSION_CODENAME=trixie\n',
      { id: 'debian', codename: 'trixie', name: 'Debian GNU/Linux trixie/sid' },
    ],
    ['etc/os-release', 'ID=debian\nVERSION_CODENAME=constructor\n', { id: 'debian', codename: 'constructor' }],
    ['etc/os-release', `ID=x\nVERSION_ID=${'1'.repeat(60_000)}\n`, { id: 'x', version: '1'.repeat(256) }],
    ['etc/os-release', 'ID=debian\nVERSION_CODENAME=bookworm\n', { id: 'debian', version: '12', codename: 'bookworm' }],
    [
      'usr/lib/os-release',
      "ID='alpine'\nVERSION_ID=3.20.1\nNAME='Alpine Linux'\n",
      { id: 'alpine', version: '3.20.1', name: 'Alpine Linux' },
    ],
    [
      'usr/lib/os-release',
      '# a comment\n  ID="Ubuntu"\nVERSION_ID="24.04"\nPRETTY_NAME="a \\"b\\" \\$c"\n',
      { id: 'ubuntu', version: '24.04', name: 'a "b" $c' },
    ],
    ['usr/lib/os-release', 'NAME=Something\n', { id: 'linux', name: 'Something' }],
    ['etc/debian_version', '12.5\n', { id: 'debian', version: '12' }],
    ['etc/debian_version', '9\n', { id: 'debian', version: '9' }],
    ['etc/debian_version', '6.0.10\n', { id: 'debian', version: '6.0' }],
    ['etc/debian_version', '3.1\n', { id: 'debian', version: '3.1' }],
    ['etc/debian_version', 'forky/sid\n', { id: 'debian', codename: 'forky' }],
    ['etc/debian_version', 'bullseye\n', { id: 'debian', codename: 'bullseye', version: '11' }],
  ])('%s %j', async (path, text, expected) => expect(await os(path, text)).toEqual(expected))

  it.each([
    ['etc/os-release', 'ID=$(reboot)\n', 'expected lower case letters, digits and . _ - in ID, got "$(reboot)"'],
    ['etc/debian_version', '<html>\n', 'expected a release number or codename, got "<html>"'],
    ['etc/os-release', ' '.repeat(70_000), 'expected at most 65536 bytes, got 70000'],
  ])('says what is wrong with %s', async (path, text, reason) => {
    expect(await read(osRelease, path, text)).toEqual({ occurrences: [], gaps: [gap('debian/os-release', path, reason)] })
  })
})

describe('debian advisory key', () => {
  const component = (distro: string | undefined, source?: Component['source']): Component => ({
    purl: 'pkg:deb/debian/libssl3@3.0.11-1+b1',
    type: 'deb',
    name: 'libssl3',
    version: '3.0.11-1+b1',
    ...(distro !== undefined && { distro }),
    ...(source && { source }),
  })
  it.each([
    ['debian:12', { name: 'openssl', version: '3.0.11-1' }, { ecosystem: 'Debian:12', name: 'openssl', version: '3.0.11-1' }],
    ['debian:12', undefined, { ecosystem: 'Debian:12', name: 'libssl3', version: '3.0.11-1+b1' }],
    ['debian:12.5', undefined, { ecosystem: 'Debian:12', name: 'libssl3', version: '3.0.11-1+b1' }],
    ['debian:6', undefined, { ecosystem: 'Debian:6.0', name: 'libssl3', version: '3.0.11-1+b1' }],
    ['debian:3.1', undefined, { ecosystem: 'Debian:3.1', name: 'libssl3', version: '3.0.11-1+b1' }],
    ['debian', undefined, undefined],
    ['debian:sid', undefined, undefined],
    ['ubuntu:24.04', undefined, undefined],
    ['raspbian:12', undefined, undefined],
    [undefined, undefined, undefined],
  ])('%s, source %j', (distro, source, expected) => expect(debian.advisoryKey(component(distro, source))).toEqual(expected))
})
