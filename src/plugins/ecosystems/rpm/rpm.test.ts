import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { execFileSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import { extractorContract, fileOf, near } from '../../../../test/contracts/extractor.ts'
import { sharedPath } from '../../../../test/shared.ts'
import { scanFile, type Range } from '../../../kit/scan-file.ts'
import { readSqliteTable } from '../../../formats/sqlite-table.ts'
import type { Component } from '../../../model/component.ts'
import { bottlerocketInventory } from './bottlerocket-inventory.ts'
import { rpm } from './index.ts'
import { rpmDatabase, rpmLargeDatabase } from './rpm-database.ts'
import { rpmManifest } from './rpm-manifest.ts'

const unpacked = (name: string) => gunzipSync(readFileSync(join(import.meta.dirname, 'fixtures', name)))
const sqlite = unpacked('rpmdb.sqlite.gz')
const berkeley = unpacked('Packages.gz')
const headers = [...readSqliteTable(sqlite, undefined, 'Packages', () => undefined)].map(([, blob]) => Buffer.from(blob as Uint8Array))
const ndb = ndbOf(headers)
const SQLITE = 'var/lib/rpm/rpmdb.sqlite'
const read = (path: string, content: Uint8Array, beside: Readonly<Record<string, string>> = {}) =>
  rpmDatabase.read(fileOf(path, content), near(beside))

/** A Packages.db by rpm's own layout: Debian's rpm, which made the other fixtures, is built without this carrier. */
function ndbOf(blobs: readonly Buffer[]): Buffer {
  const slots = Buffer.alloc(4096)
  slots.write('RpmP', 0, 'latin1')
  slots.writeUInt32LE(1, 12)
  slots.writeUInt32LE(blobs.length + 1, 16)
  for (let at = 32; at < 4096; at += 16) slots.write('Slot', at, 'latin1')
  const parts = [slots]
  let block = 256
  for (const [at, blob] of blobs.entries()) {
    const blocks = Math.ceil((blob.length + 28) / 16)
    const stored = Buffer.alloc(blocks * 16)
    stored.write('BlbS', 0, 'latin1')
    stored.writeUInt32LE(at + 1, 4)
    stored.writeUInt32LE(blob.length, 12)
    blob.copy(stored, 16)
    stored.writeUInt32LE(blob.length, stored.length - 8)
    stored.write('BlbE', stored.length - 4, 'latin1')
    slots.writeUInt32LE(at + 1, 36 + at * 16)
    slots.writeUInt32LE(block, 40 + at * 16)
    slots.writeUInt32LE(blocks, 44 + at * 16)
    parts.push(stored)
    block += blocks
  }
  return Buffer.concat(parts)
}

const elsewhere = ['home/var/lib/rpm/Packages', 'var/lib/rpm/Name', 'var/lib/rpm/rpmdb.sqlite-shm', 'rpmdb.sqlite']
extractorContract(rpmDatabase, {
  path: SQLITE,
  content: sqlite,
  wants: ['usr/lib/sysimage/rpm/rpmdb.sqlite', 'usr/share/rpm/rpmdb.sqlite', 'var/lib/rpm/Packages', 'usr/lib/sysimage/rpm/Packages.db'],
  refuses: elsewhere,
})
extractorContract(rpmDatabase, { path: 'var/lib/rpm/Packages', content: berkeley, wants: [], refuses: elsewhere })
extractorContract(rpmDatabase, { path: 'usr/lib/sysimage/rpm/Packages.db', content: ndb, wants: [], refuses: elsewhere })

const acorn = { name: 'acorn', version: '2:1.4.2-7.el9_4' }
const tree = 'oak@18.20.4-1.module+el9.4.0+22195+c221878e?arch=noarch&rpmmod=oak%3A18%3A9040020240723094435%3Arhel9'
const vendor = 'vendor=Beech%20Packaging%20%3Cbeech%40example.org%3E'
const component = (purl: string, name: string, version: string, source: Component['source'] = { name, version }) => ({
  ...{ purl: `pkg:rpm/${purl}`, type: 'rpm', name, version, arch: 'noarch' },
  ...(source && { source }),
})
const expected = [
  component('acorn-libs@1.4.2-7.el9_4?arch=noarch&epoch=2', 'acorn-libs', '2:1.4.2-7.el9_4', acorn),
  component('acorn@1.4.2-7.el9_4?arch=noarch&epoch=2', 'acorn', '2:1.4.2-7.el9_4', acorn),
  component(`beech@1.25.3-1.el9.ngx?arch=noarch&${vendor}`, 'beech', '1.25.3-1.el9.ngx'),
  component(tree, 'oak', '18.20.4-1.module+el9.4.0+22195+c221878e'),
  component('perl-Acorn@0.9-3.el9?arch=noarch', 'perl-Acorn', '0.9-3.el9', acorn),
]

describe('the rpm database', () => {
  it.each([
    ['SQLite', SQLITE, sqlite],
    ['Berkeley DB', 'var/lib/rpm/Packages', berkeley],
    ['ndb', 'usr/lib/sysimage/rpm/Packages.db', ndb],
  ])('gives the same from %s', async (_, path, content) => {
    const { occurrences, gaps, owned } = await read(path, content)
    expect(gaps).toEqual([])
    expect(occurrences.map((one) => one.component).toSorted((a, b) => (a.purl < b.purl ? -1 : 1))).toEqual(expected)
    expect(occurrences.every(({ at, extractor }) => at.path === path && extractor === 'rpm/database')).toBe(true)
    expect(occurrences.map(({ component: { name }, licences }) => `${name} ${licences}`).toSorted()).toEqual([
      'acorn MIT AND BSD-3-Clause',
      'acorn-libs MIT AND BSD-3-Clause',
      'beech 2-clause BSD-like license',
      'oak ASL 2.0',
      'perl-Acorn MIT AND BSD-3-Clause',
    ])
    expect(owned?.toSorted((a, b) => (a.owner < b.owner ? -1 : 1))).toEqual([
      { owner: 'acorn', paths: ['usr/lib/python3.9/site-packages/acorn-1.4.2.dist-info/METADATA'] },
      { owner: 'acorn-libs', paths: ['usr/lib64/libacorn.so.1'] },
      { owner: 'oak', paths: ['usr/share/oak'] },
      { owner: 'perl-Acorn', paths: ['usr/share/perl5/Acorn.pm'] },
    ])
  })

  it('passes over one that rpm has converted, unless the new one is empty', async () => {
    expect(await read('var/lib/rpm/Packages', berkeley, { [SQLITE]: 'x' })).toEqual({ occurrences: [], gaps: [] })
    expect((await read('var/lib/rpm/Packages', berkeley, { [SQLITE]: '' })).occurrences).toHaveLength(5)
  })

  it('reads a large one alone, and says so of its log', async () => {
    const path = 'var/lib/rpm/Packages'
    // What follows the last page of the database is none of it.
    const large = Buffer.concat([berkeley, Buffer.alloc(65 << 20)])
    const entry = { path, size: large.length, mode: 0o644 }
    expect([rpmDatabase.wants(entry), rpmLargeDatabase.wants(entry), rpmLargeDatabase.wants({ ...entry, size: 1 })]).toEqual([
      false,
      true,
      false,
    ])
    const content = {
      all: () => Promise.reject(new Error('asked for as a whole')),
      part: async ({ offset, length }: Range) => large.subarray(offset, offset + length),
    }
    const { occurrences, gaps } = await rpmLargeDatabase.read(scanFile(entry, content, 64 << 20))
    expect([occurrences.length, gaps, occurrences[0]?.extractor]).toEqual([5, [], 'rpm/large-database'])
    const huge = scanFile({ ...entry, size: 300 << 20 }, content, 64 << 20)
    await expect(rpmLargeDatabase.read(huge)).rejects.toThrow('314572800 bytes, at most 268435456 of an rpm database are read')
    const beside = { open: async (asked: string) => (asked === SQLITE ? scanFile({ ...entry, path: SQLITE }, content, 1) : undefined) }
    expect((await rpmDatabase.read(fileOf(`${SQLITE}-wal`, 'x'), beside)).gaps.map(({ reason }) => reason)).toEqual([
      'a write-ahead log of a database of more than 67108864 bytes: the changes of packages it holds are unknown',
    ])
  })

  it('says of a log without its database that changes are unknown', async () => {
    const reason = 'a write-ahead log without its database beside it: the changes of packages it holds are unknown'
    const gaps = [{ path: `${SQLITE}-wal`, extractor: 'rpm/database', reason }]
    expect(await read(`${SQLITE}-wal`, Buffer.from('x'))).toEqual({ occurrences: [], gaps })
    expect(await read(`${SQLITE}-wal`, Buffer.from('x'), { [SQLITE]: 'x' })).toEqual({ occurrences: [], gaps: [] })
  })

  it.each([
    [SQLITE, 'expected an SQLite 3 database, got 4 bytes that begin otherwise'],
    ['var/lib/rpm/Packages', 'expected a Berkeley DB hash file, got 4 bytes that begin otherwise'],
    ['var/lib/rpm/Packages.db', 'expected a Packages.db of rpm, version 0, got 4 bytes that begin otherwise'],
  ])('does not take anything for %s', async (path, reason) => {
    await expect(read(path, Buffer.from('none'))).rejects.toThrow(reason)
  })

  it('keeps the other packages where one is damaged, and says so', async () => {
    const lying = headers.map((header, at) => {
      const copy = Buffer.from(header)
      if (at === 2) copy.writeUInt32BE(0xffff_ffff, 4)
      return copy
    })
    const { occurrences, gaps } = await read('var/lib/rpm/Packages.db', ndbOf(lying))
    expect(occurrences).toHaveLength(4)
    expect(gaps.map(({ reason }) => reason.replace(/\d{2,}/g, 'N'))).toEqual([
      'a package cannot be read: expected an rpm header of N entries and N bytes of data, got N bytes in all',
    ])
  })

  it('does not read one blob for many slots', async () => {
    const shared = Buffer.from(ndb)
    for (let at = 48; at < 4096; at += 16) shared.copy(shared, at, 32, 48)
    const { occurrences, gaps } = await read('var/lib/rpm/Packages.db', shared)
    expect(occurrences.length).toBeLessThan(20)
    expect(gaps).toHaveLength(101)
  })

  const conformance = sharedPath('conformance/rpmdb/centos7-plain.tar.gz')
  it.skipIf(conformance === undefined)(`lists a CentOS 7 ${conformance ? '' : ' (skipped: shared data absent)'}`, async () => {
    const member = (name: string) =>
      execFileSync('tar', ['-xzOf', conformance ?? '', `centos7-plain/${name}`], { maxBuffer: 1 << 28, encoding: 'buffer' })
    type Listed = { epoch: number; name: string; version: string; release: string; arch: string; license: string; sourceRpm: string }
    const listed: Listed[] = JSON.parse(member('expected.json').toString())
    const { occurrences, gaps } = await read('var/lib/rpm/Packages', member('Packages'))
    expect(gaps).toEqual([])
    const lines = listed.map(({ name, epoch, version, release, arch, license }) =>
      [name, `${epoch ? `${epoch}:` : ''}${version}-${release}`, arch, license].join(' '),
    )
    expect(occurrences.map(({ component: c, licences }) => [c.name, c.version, c.arch, licences?.[0]].join(' ')).toSorted()).toEqual(
      lines.toSorted(),
    )
    expect(occurrences.filter(({ component: { source } }) => source === undefined)).toEqual([])
    const needs = new Map(occurrences.map((one) => [one.component.name, one.dependsOn]))
    expect(needs.get('bash')).toEqual(['pkg:rpm/glibc@2.17-222.el7?arch=x86_64', 'pkg:rpm/ncurses-libs@5.9-14.20130511.el7_4?arch=x86_64'])
    // Nothing of the source's own version is installed beside device-mapper: its epoch stays unknown.
    const sourceOf = (name: string) => occurrences.find((one) => one.component.name === name)?.component.source
    expect([sourceOf('openssl-libs'), sourceOf('device-mapper')]).toEqual([
      { name: 'openssl', version: '1:1.0.2k-12.el7' },
      { name: 'lvm2', version: '2.02.177-4.el7' },
    ])
  })
})

const MANIFEST = 'var/lib/rpmmanifest/container-manifest-2'
const line = (...columns: string[]) => columns.join('\t')
const manifest = [
  line(
    ...['openssl-libs', '3.3.0-2.azl3', '1717000000', '1716000000', 'Microsoft Corporation'],
    ...['(none)', '12', 'x86_64', '0'],
    'openssl-3.3.0-2.azl3.src.rpm',
  ),
  line(
    ...['shadow-utils', '4.14-1.azl3', '1717000000', '1716000000', 'Microsoft Corporation'],
    ...['2', '12', 'x86_64', '2'],
    'shadow-utils-4.14-1.azl3.src.rpm',
  ),
  line(...['gpg-pubkey', '1-2', '0', '0', '(none)', '(none)', '0', '(none)', '0', '(none)']),
  '',
].join('\n')
extractorContract(rpmManifest, {
  path: MANIFEST,
  content: manifest,
  wants: ['var/lib/rpmmanifest/container-manifest-1'],
  refuses: ['var/lib/rpmmanifest/container-manifest-3', 'rpmmanifest/container-manifest-2'],
})

describe('the manifest of images without rpm', () => {
  it('reads the columns', async () => {
    const { occurrences, gaps } = await rpmManifest.read(fileOf(MANIFEST, `${manifest}broken\n`), near())
    expect(gaps).toEqual([{ path: MANIFEST, extractor: 'rpm/manifest', reason: 'line 4: expected 10 columns between tabs, got 1' }])
    expect(occurrences.map((one) => one.component)).toEqual([
      {
        ...{ purl: 'pkg:rpm/openssl-libs@3.3.0-2.azl3?arch=x86_64', type: 'rpm', name: 'openssl-libs', version: '3.3.0-2.azl3' },
        ...{ arch: 'x86_64', source: { name: 'openssl', version: '3.3.0-2.azl3' } },
      },
      {
        ...{ purl: 'pkg:rpm/shadow-utils@4.14-1.azl3?arch=x86_64&epoch=2', type: 'rpm', name: 'shadow-utils', version: '2:4.14-1.azl3' },
        ...{ arch: 'x86_64', source: { name: 'shadow-utils', version: '2:4.14-1.azl3' } },
      },
    ])
  })
  it('reads names alone where there is nothing more', async () => {
    const path = 'var/lib/rpmmanifest/container-manifest-1'
    const { occurrences } = await rpmManifest.read(fileOf(path, 'ca-certificates-base-3.0.0-8.azl3.noarch\n'), near())
    expect(occurrences.map((one) => one.component)).toEqual([
      {
        ...{ purl: 'pkg:rpm/ca-certificates-base@3.0.0-8.azl3?arch=noarch', type: 'rpm', name: 'ca-certificates-base' },
        ...{ version: '3.0.0-8.azl3', arch: 'noarch' },
      },
    ])
    expect(await rpmManifest.read(fileOf(path, 'a-1-1.x\n'), near({ [MANIFEST]: manifest }))).toEqual({ occurrences: [], gaps: [] })
  })
})

const INVENTORY = 'usr/share/bottlerocket/application-inventory.json'
const entry = { Name: 'bottlerocket-openssl', Publisher: 'Bottlerocket', InstalledTime: '2024-05-01T00:00:00Z', Version: '3.0.13' }
const whole = { ...entry, Release: '1.1714521600.abc.br1', Epoch: '1', Architecture: 'x86_64', Url: 'https://example.org' }
extractorContract(bottlerocketInventory, {
  path: INVENTORY,
  content: JSON.stringify({ Content: [whole] }),
  wants: [`x86_64-bottlerocket-linux-gnu/sys-root/${INVENTORY}`],
  refuses: ['usr/share/bottlerocket/logdog.json', `home/${INVENTORY}`],
})

describe('the inventory of Bottlerocket', () => {
  it('lists packages, and tells what is none', async () => {
    const given = JSON.stringify({
      Content: [whole, { ...entry, Release: '2', Epoch: '0' }, 1, { ...whole, Epoch: 'x' }, { ...whole, Name: 'a b' }],
    })
    const { occurrences, gaps } = await bottlerocketInventory.read(fileOf(INVENTORY, given))
    const version = '3.0.13-1.1714521600.abc.br1'
    expect(occurrences.map((one) => one.component)).toEqual([
      {
        ...{ purl: `pkg:rpm/bottlerocket-openssl@${version}?arch=x86_64&epoch=1`, type: 'rpm', name: 'bottlerocket-openssl' },
        ...{ version: `1:${version}`, arch: 'x86_64' },
      },
      { purl: 'pkg:rpm/bottlerocket-openssl@3.0.13-2', type: 'rpm', name: 'bottlerocket-openssl', version: '3.0.13-2' },
    ])
    expect(gaps.map(({ reason }) => reason)).toEqual([
      'entry 3: expected an object',
      'entry 4: expected a number in Epoch, got "x"',
      'entry 5: expected a name, printable and without blanks',
    ])
  })
  it.each(['[]', '{"Content":{}}', 'null'])('does not take %s for one', async (text) => {
    await expect(bottlerocketInventory.read(fileOf(INVENTORY, text))).rejects.toThrow('expected a JSON object with a list in Content')
  })
})

describe('by whose advisories a package is judged', () => {
  const plain = component('acorn-libs@1.4.2-7.el9_4?arch=noarch&epoch=2', 'acorn-libs', '2:1.4.2-7.el9_4', acorn)
  const built = component(tree, 'oak', '18.20.4-1.module+el9.4.0+22195+c221878e')
  const unlabelled = component('oak@1-1.module+el9', 'oak', '18.20.4-1.module+el9.4.0+22195+c221878e')
  const foreign = component(`beech@1.25.3-1.el9.ngx?${vendor}`, 'beech', '1.25.3-1.el9.ngx')
  const key = (ecosystem: string, name: string, version: string) => ({ ecosystem, name, version })
  const inStream = ['oak:18/oak', '18.20.4-1.module+el9.4.0+22195+c221878e'] as const
  it.each([
    ['almalinux:9.4', plain, key('AlmaLinux:9', 'acorn-libs', '2:1.4.2-7.el9_4')],
    ['rhel:9.4', plain, key('Red Hat:enterprise_linux:9', 'acorn-libs', '2:1.4.2-7.el9_4')],
    ['rhel:10.0', plain, key('Red Hat:enterprise_linux:10', 'acorn-libs', '2:1.4.2-7.el9_4')],
    ['centos:7', plain, key('Red Hat:enterprise_linux:7', 'acorn-libs', '2:1.4.2-7.el9_4')],
    ['rocky:9.4', plain, key('Rocky Linux:9', 'acorn', '2:1.4.2-7.el9_4')],
    ['rocky:9.4', built, key('Rocky Linux:9', ...inStream)],
    ['rhel:9.4', built, key('Red Hat:enterprise_linux:9', ...inStream)],
    ['centos:9', built, undefined],
    ['almalinux:9.4', unlabelled, undefined],
    ['almalinux:9.4', foreign, undefined],
    ['rocky:9.4', { ...plain, source: undefined }, undefined],
    ['rocky:9.4', component('nspr@4.35-1', 'nspr', '4.35-1', { name: 'nss', version: '3.90-1' }), undefined],
    [
      'rocky:9.4',
      component('nspr@4.35-1', 'nspr', '4.35-1', { name: 'nss', version: '0:3.90-1' }),
      key('Rocky Linux:9', 'nss', '0:3.90-1'),
    ],
    ['fedora:40', plain, undefined],
    ['amzn:2023', plain, undefined],
    ['almalinux', plain, undefined],
    [undefined, plain, undefined],
  ])('on %s', (distro, one, judged) => {
    const { source, ...rest } = one
    expect(rpm.advisoryKey({ ...rest, ...(source && { source }), ...(distro !== undefined && { distro }) })).toEqual(judged)
  })
})
