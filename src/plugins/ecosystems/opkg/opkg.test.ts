import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { extractorContract, fileOf } from '../../../../test/contracts/extractor.ts'
import { opkgFiles, opkgPackages } from './status.ts'

const status = readFileSync(join(import.meta.dirname, 'fixtures/status'), 'utf8')
const PATH = 'usr/lib/opkg/status'
const refuses = ['usr/lib/opkg/lists/base', 'usr/lib/opkg/info/busybox.control', 'home/usr/lib/opkg/status']

extractorContract(opkgPackages, { path: PATH, content: status, wants: ['var/lib/opkg/status'], refuses })
extractorContract(opkgFiles, {
  path: 'usr/lib/opkg/info/busybox.list',
  content: '/bin/ash\n',
  wants: ['var/lib/opkg/info/a.list'],
  refuses,
})

it('lists what is installed', async () => {
  const { occurrences, gaps } = await opkgPackages.read(fileOf(PATH, status))
  expect(gaps).toEqual([])
  const opkg = (name: string, version: string, arch: string) => ({
    purl: `pkg:opkg/${name}@${version}?arch=${arch}`,
    type: 'opkg',
    name,
    version,
    arch,
  })
  const place = { at: { path: PATH }, extractor: 'opkg/status' }
  expect(occurrences).toEqual([
    { component: opkg('libopenssl3', '3.0.13-1', 'mipsel_24kc'), ...place },
    { component: opkg('kmod-lib-crc-ccitt', '5.15.150-1', 'mipsel_24kc'), ...place, direct: false },
    {
      component: { ...opkg('busybox', '1.36.1-r0', 'cortexa57'), source: { name: 'busybox', version: '1.36.1-r0' } },
      ...{ ...place, licences: ['GPL-2.0-only & bzip2-1.0.4'] },
    },
  ])
})

it('knows the files of a package, in both forms', async () => {
  const text = '/bin/ash\n/usr/\n/usr/bin/vi\t0100755\n//odd\nrelative\n'
  expect((await opkgFiles.read(fileOf('var/lib/opkg/info/busybox.list', text))).owned).toEqual([
    { owner: 'busybox', paths: ['bin/ash', 'usr/bin/vi'] },
  ])
})

it('tells broken stanzas and keeps the others', async () => {
  const text =
    'Package: a\nStatus: install ok installed\n\nPackage: b c\nVersion: 1\nStatus: install ok installed\n\nPackage: d\nVersion: 1\n\nPackage: e\nVersion: 1\nStatus: x\n\nPackage: f\nVersion: 2\nStatus: install ok installed\nArch'
  const { occurrences, gaps } = await opkgPackages.read(fileOf(PATH, text))
  expect(occurrences.map(({ component: { purl } }) => purl)).toEqual(['pkg:opkg/f@2'])
  expect(gaps.map(({ reason }) => reason)).toEqual([
    'line 1: package a: no Version field',
    'line 4: expected a package name of letters, digits and + - . _',
    'line 8: no Status field',
    'line 11: expected "want flag state" in Status, got "x"',
    'line 18: ends in mid-line (opkg ends every file with a newline); what followed is not known',
  ])
})
