import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { extractorContract, fileOf, near } from '../../../../test/contracts/extractor.ts'
import type { Component } from '../../../model/component.ts'
import type { Extractor } from '../../../model/seams.ts'
import { dpkgFiles } from './dpkg-files.ts'
import { dpkgStatus } from './dpkg-status.ts'
import { debian } from './index.ts'

const fixture = (name: string) => readFileSync(join(import.meta.dirname, 'fixtures', name), 'utf8')
const STATUS = 'var/lib/dpkg/status'
const read = (extractor: Extractor, path: string, content: string) => extractor.read(fileOf(path, content), near())

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
