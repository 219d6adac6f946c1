import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { extractorContract, fileOf, near } from '../../../../test/contracts/extractor.ts'
import { elfOf, machOOf, peOf, type ProgramParts } from '../../../../test/programs.ts'
import type { Extractor } from '../../../model/seams.ts'
import { binaries } from './index.ts'
import { jdkRelease } from './jdk-release.ts'
import { program } from './program.ts'
import { pythonHeaders } from './python-headers.ts'

/** A program that has these texts, and numbers around them, among what never changes. */
const texts = (...all: readonly string[]): Buffer => Buffer.from(`\x01\x02\0${all.join('\0')}\0\x07`, 'latin1')
const having = (text: readonly string[], more: ProgramParts = {}): Buffer =>
  elfOf({ sections: { '.text': Buffer.from('x'), '.rodata': texts(...text) }, ...more })
const read = async (extractor: Extractor, path: string, content: string | Uint8Array) => {
  const { occurrences, gaps, ...more } = await extractor.read(fileOf(path, content), near())
  return { found: occurrences.map(({ component }) => component.purl), gaps: gaps.map(({ reason }) => reason), ...more }
}

extractorContract(program, {
  path: 'usr/local/sbin/nginx',
  content: having(['nginx version: nginx/1.25.3']),
  mode: 0o755,
  wants: ['opt/nginx/nginx', 'lib/libx.so.1'],
  refuses: ['x.sh'],
})
extractorContract(jdkRelease, {
  path: 'opt/java/release',
  content: 'IMPLEMENTOR="Eclipse Adoptium"\nJAVA_VERSION="17.0.9"\n',
  wants: ['release', 'usr/lib/jvm/x/release'],
  refuses: ['etc/os-release', 'releases'],
})
extractorContract(pythonHeaders, {
  path: 'usr/local/include/python3.12/patchlevel.h',
  content: '/* x */\n#define PY_VERSION              "3.12.1"\n',
  wants: ['include/python3.6m/patchlevel.h'],
  refuses: ['patchlevel.h', 'include/perl/patchlevel.h'],
})

/** As builds of these projects have it. */
const programs: readonly (readonly [purl: string, ...texts: readonly string[]])[] = [
  ['apache@2.4.71', 'Apache/2.4', 'Apache/2.4.71 (Debian)'],
  ['bash@5.2.15', '@(#)Bash version 5.2.15(1) release GNU'],
  ['bun@1.1.38', 'bun/1.1.38 npm/? node/v22.6.0 linux x64'],
  ['busybox@1.35.0', 'BusyBox v1.35.0 (Debian 1:1.35.0-4+deb12u1+b1)'],
  ['curl@7.88.1', 'curl 7.88.1 (x86_64-pc-linux-gnu) %s'],
  [
    'deno@2.9.6',
    'DENO_DIR',
    'https://nodejs.org/download/release/v21.2.0/node-v21.2.0-headers.tar.gz',
    'OTel-OTLP-Exporter-Deno/0.80.0',
    '2.9.6+e518fbdDeno/2.9.6Deno/2.9.6+e518fbde518fbd66dda',
  ],
  ['git@2.39.5', 'git/2.39.5', 'GIT_USER_AGENT', '2.39.5'],
  ['haproxy@2.6.12', '2.6.12-1+deb12u4', '<a href="http://www.haproxy.org/" style="text-decoration: none;">HAProxy%s</a>'],
  ['mariadb@10.11.19', '10.11.19-MariaDB', '10.11.19'],
  ['memcached@1.6.18', 'udp-port', 'memcached 1.6.18', 'memcached 1.6.18\n'],
  ['nginx@1.22.1', 'nginx version: nginx/1.22.1', 'could not send data to memcached server'],
  ['node@20.20.2', 'https://nodejs.org/download/release/v20.20.2/node-v20.20.2-headers.tar.gz'],
  ['perl@5.36.0', 'This is perl 5, version 36, subversion 0 (%-p) built for x86_64-linux-gnu'],
  ['php@8.2.36', 'X-Powered-By: PHP/8.2.36', 'PostgreSQL JDBC'],
  [
    'postgresql@15.20',
    'PostgreSQL 15.20 (Debian 15.20-0+deb12u1) on x86_64-pc-linux-gnu, compiled by gcc (Debian 12.2.0-14) 12.2.0, 64-bit',
  ],
  ['python@3.11.2', '3.11.2', '3.2.0', 'PYTHONHOME   : alternate <prefix> directory (or <prefix>%lc<exec_prefix>).'],
  ['dnsmasq@2.90', '/etc/dnsmasq.conf', 'dnsmasq-2.90', 'version.bind'],
  ['dovecot@2.3.19.1', '2.3.19.1', 'DOVECOT_VERSION', 'Dovecot v2.3.19.1 (9b53102964) starting up'],
  ['erts@13.1.5', '(BEAM) emulator version 13.1.5\n', '13.1.5', 'Erlang (%s) emulator version 13.1.5\n'],
  ['exim@4.96', '4.96', '<<eximversion>>', 'version_init'],
  ['lighttpd@1.4.69', 'lighttpd/1.4.69', 'server', 'lighttpd/1.4.69 (ssl) - a light and fast webserver\n'],
  ['lua@5.4.4', '  -         stop handling options and execute stdin\n', '', 'Lua 5.4.4  Copyright (C) 1994-2022 Lua.org, PUC-Rio'],
  ['mysql@9.7.4', '9.7.4.0', 'listed_files.empty()', 'MySQL 9.7.4', 'ndb-9.7.4'],
  ['openldap@2.5.13', '@(#) $OpenLDAP: slapd 2.5.13+dfsg-5 (Feb  8 2023 01:56:12) $'],
  ['openssh@9.2p1', 'OpenSSH_9.2', 'sshd version %s, %s', 'OpenSSH_9.2p1 Debian-2+deb12u10', 'OpenSSH_9.2p1'],
  ['openvpn@2.6.14', '2.6.14', 'OpenVPN 2.6.14 x86_64-pc-linux-gnu [SSL (OpenSSL)] [LZO] [LZ4]'],
  ['pgbouncer@1.18.0', 'memtotal', 'PgBouncer 1.18.0', '1.18.0/bouncer'],
  ['pgpool@4.3.5', 'tamahomeboshi', '4.3.5', 'pgpool-II', '%s version %s (%s),\n'],
  ['proftpd@1.3.8', 'ProFTPD Version 1.3.8', '1.3.8 (stable)\n'],
  ['rsync@3.5.0', '\n  "%s": "%s"', '3.5.0', 'copyright', 'url'],
  ['squid@5.7', 'missing protocol prefix (', 'squid/5.7', 'HTTP/'],
  ['sudo@1.9.13p3', 'Sudo version %s\n', '1.9.13p3', 'Configure options: %s\n'],
  ['tor@0.4.9.11', 'tor 0.4.9.11', ' (on Tor 0.4.9.11 )'],
  ['unbound@1.17.1', 'READY=1', 'unbound 1.17.1'],
  ['valkey@9.1.2', '9.1.2', 'include', 'valkey9.1.21789267002000000000'],
  ['valkey@8.0.1', '7.2.4', '8.0.1', 'c11-builtin', 'valkey8.0.1buildkitsandbox-1727740200000000000'],
  ['varnish@7.1.1', '7.1.1', 'varnish-7.1.1 revision 7cee1c581bead20e88d101ab3d72afb29f14d87a'],
  ['vsftpd@3.0.3', 'vsftpd: version 3.0.3\n', '(vsFTPd 3.0.3)'],
  ['redis@7.0.15', '2.8.0', '7.0.15', 'c11-builtin', 'Redis version=%s, bits=%d, commit=%s'],
  ['ruby@3.1.2', 'ruby 3.1.2p20 (2022-04-12 revision 4491bb740a) [x86_64-linux-gnu]'],
]
const libraries: readonly (readonly [purl: string, soname: string, ...texts: readonly string[]])[] = [
  ['curl@7.88.1', 'libcurl.so.4', 'libcurl/7.88.1'],
  ['libressl@3.8.2', 'libcrypto.so.52', 'LibreSSL 3.8.2'],
  ['node@18.20.4', 'libnode.so.108', 'https://nodejs.org/download/release/v18.20.4/node-v18.20.4.tar.gz'],
  ['lua@5.3.6', 'liblua5.3.so.0', '$LuaVersion: Lua 5.3.6  Copyright (C) 1994-2020 Lua.org, PUC-Rio $$LuaAuthors: R. Ierusalimschy'],
  ['modsecurity@3.0.9', 'libmodsecurity.so.3', 'Linux', 'ModSecurity v3.0.9 (', 'v([0-9]+),([0-9]+)'],
  ['postfix@3.7.11', 'libpostfix-global.so', 'mail_version', '3.7.11', 'multi_instance_group'],
  ['openssl@3.0.22', 'libcrypto.so.3', 'OpenSSL 3.0.22 25 Aug 2026'],
  ['openssl@1.1.1w', 'libcrypto.so.1.1', 'OpenSSL 1.1.1w  11 Sep 2023'],
  ['perl@5.36.0', 'libperl.so.5.36', 'This is perl 5, version 36, subversion 0 (%-p) built for x86_64-linux-gnu'],
  ['php@8.3.0', 'libphp.so', 'X-Powered-By: PHP/8.3.0'],
  ['python@2.7.18', 'libpython2.7.so.1.0', '2.7.18', 'PYTHONHOME   : alternate <prefix> directory (or <prefix>%c<exec_prefix>).'],
  [
    'python@3.13.0rc2',
    'libpython3.13.so.1.0',
    '3.13.0rc2+',
    'PYTHONHOME      : alternate <prefix> directory (or <prefix>%lc<exec_prefix>).',
  ],
  ['ruby@3.1.2', 'libruby-3.1.so.3.1', 'ruby 3.1.2p20 (2022-04-12 revision 4491bb740a) [x86_64-linux-gnu]'],
  ['sqlite@3.40.1', 'libsqlite3.so.0', '3.40.1', 'SQLITE_BUSY'],
  ['zlib@1.2.13', 'libz.so.1', ' deflate 1.2.13 Copyright 1995-2022 Jean-loup Gailly and Mark Adler '],
]

describe('known programs and libraries', () => {
  it.each(programs)('%s', async (purl, ...all) => {
    expect(await read(program, 'opt/anything', having(all))).toEqual({ found: [`pkg:generic/${purl}`], gaps: [], program: 'program' })
  })
  it.each(libraries)('%s by the library %s', async (purl, soname, ...all) => {
    expect(await read(program, 'opt/any.so', having(all, { type: 3, soname }))).toEqual({
      found: [`pkg:generic/${purl}`],
      gaps: [],
      program: 'library',
    })
  })
  it.each([
    ['PE', peOf({ sections: { '.rdata': texts('nginx version: nginx/1.25.3') } })],
    ['Mach-O', machOOf({ sections: { __cstring: texts('nginx version: nginx/1.25.3') } })],
  ])('in %s', async (_, bytes) => expect((await read(program, 'opt/x', bytes)).found).toEqual(['pkg:generic/nginx@1.25.3']))
  it('no library is known by the texts alone: programs have those of what they are linked with', async () => {
    expect(await read(program, 'bin/client', having(['OpenSSL 3.0.22 25 Aug 2026', 'libcurl/7.88.1']))).toEqual({
      found: [],
      gaps: [],
      program: 'program',
    })
  })
  it('nothing that was made out of Redis is Redis', async () => {
    expect((await read(program, 'bin/valkey', having(['7.2.4', 'c11-builtin', 'valkey_version']))).found).toEqual([])
  })
  it('no version ends in the middle of a number', async () => {
    expect((await read(program, 'bin/valkey', having(['9.1.3', 'valkey9.1.21789267002000000000']))).found).toEqual([])
  })
  it('no program is Lua that has the language in it', async () => {
    expect((await read(program, 'bin/game', having(['$LuaVersion: Lua 5.4.4  Copyright (C) 1994-2022 Lua.org, PUC-Rio $']))).found).toEqual(
      [],
    )
  })
  it('no version is guessed where two could be it', async () => {
    expect((await read(program, 'bin/python', having(['3.11.2', '3.11.3', ': alternate <prefix> directory (or <prefix>']))).gaps).toEqual([
      'this is python, and its version was not found in it',
    ])
  })
})

describe('.NET, which has its number among what may be written to', () => {
  const number = (text: string) => ({ '.data': texts(`@(#)Version ${text} @Commit: 901ca941248413c79832d2fdbd709da0c4386353`) })
  const of = (text: string, build: string, more: ProgramParts = {}) =>
    elfOf({ sections: { '.rodata': texts(...text.split(' ')), ...number(build) }, ...more })
  it.each<[string, Uint8Array, readonly string[]]>([
    ['in one file with an application', of('hostfxr_main SystemNative_FStat', '10.0.926.27113'), ['dotnet@10.0.9']],
    ['of a first release', of('SystemNative_FStat', '8.0.23.53103'), ['dotnet@8.0.0']],
    ['its host', of('hostfxr_main', '8.0.1124.51707'), ['dotnet-host@8.0.11']],
    ['its library', of('x', '8.0.1124.51707', { type: 3, soname: 'libcoreclr.so' }), ['dotnet@8.0.11']],
    ['something else that has such a number', of('x', '8.0.1124.51707'), []],
  ])('%s', async (_, bytes, found) => expect((await read(program, 'opt/x', bytes)).found).toEqual(found.map((one) => `pkg:generic/${one}`)))
})

describe('other programs', () => {
  const counted = { found: [], gaps: [], program: 'program' }
  const uncounted = { found: [], gaps: [] }
  it.each<[string, Uint8Array, object]>([
    ['a program is counted', having(['x']), counted],
    ['a library is not', having(['x'], { type: 3, soname: 'libx.so' }), uncounted],
    ['nor what only starts a known library', having(['x'], { needs: ['libpython3.12.so.1.0', 'libc.so.6'] }), uncounted],
    ['nor a kernel module', having(['x'], { type: 1 }), uncounted],
  ])('%s', async (_, bytes, expected) => expect(await read(program, 'bin/x', bytes)).toEqual(expected))
  it.each<[string, Uint8Array, string]>([
    ['packed ELF', elfOf({ bare: true, sections: { x: Buffer.from('UPX!') } }), 'packed by UPX: what is in it is unknown'],
    ['packed PE', peOf({ sections: { UPX0: Buffer.from('x') } }), 'packed by UPX: what is in it is unknown'],
    [
      'a cut program',
      having(['x']).subarray(0, 200),
      'begins as a program, and its headers cannot be read: its table of 4 sections does not lie in the file: it is cut',
    ],
  ])('says so of %s', async (_, bytes, gap) => expect((await read(program, 'bin/x', bytes)).gaps).toEqual([gap]))
})

describe('package notes', () => {
  const note = (text: string, little = true) => {
    const head = Buffer.alloc(12)
    const content = Buffer.concat([Buffer.from(`${text}\0`), Buffer.alloc(3)])
    for (const [at, value] of [4, Math.floor(content.length / 4) * 4, 0xcafe1a7e].entries())
      (little ? head.writeUInt32LE : head.writeUInt32BE).call(head, value, at * 4)
    return Buffer.concat([head, Buffer.from('FDO\0'), content])
  }
  const of = (text: string, little = true) => elfOf({ little, sections: { '.note.package': note(text, little) } })
  const component = async (bytes: Uint8Array) =>
    (await program.read(fileOf('bin/ls', bytes))).occurrences.map((occurrence) => occurrence.component)
  const fedora = (version: string) => ({
    ...{ purl: `pkg:rpm/fedora/coreutils@${version}?arch=x86_64`, type: 'rpm', name: 'coreutils', version, arch: 'x86_64' },
    ...{ distro: 'fedora:40', source: { name: 'coreutils', version } },
  })
  const json = '{"type":"rpm","name":"coreutils","version":"9.4-6.fc40","architecture":"x86_64","osCpe":"cpe:/o:fedoraproject:fedora:40"}'
  it.each([true, false])('name the source package it was built from, little-endian: %s', async (little) => {
    expect(await component(of(json, little))).toEqual([fedora('9.4-6.fc40')])
  })
  it('are read as a linker writes them', async () => {
    expect(await component(gunzipSync(readFileSync(join(import.meta.dirname, 'fixtures/noted.elf.gz'))))).toEqual([fedora('9.4-7.fc40')])
  })
  it('stand in a section of a PE file', async () => {
    expect(await component(peOf({ sections: { '.pkgnote': Buffer.from(`${json}\0`) } }))).toEqual([fedora('9.4-6.fc40')])
  })
  it.each([
    ['"os":"debian","osVersion":"12"', 'deb', 'pkg:deb/debian/a@1', 'debian:12'],
    ['"os":"Debian"', 'deb', 'pkg:deb/debian/a@1', 'debian'],
    ['"os":"ubuntu"', 'deb', 'pkg:deb/ubuntu/a@1', 'ubuntu'],
    ['"osCpe":"cpe:/o:redhat:enterprise_linux:10::baseos"', 'rpm', 'pkg:rpm/rhel/a@1', 'rhel:10'],
    ['"osCpe":"cpe:2.3:o:rocky:rocky:9.3:*:*:*:*:*:*:*"', 'rpm', 'pkg:rpm/rocky/a@1', 'rocky:9.3'],
    ['"osCpe":"cpe:/o:acme:acme_os:3"', 'rpm', 'pkg:rpm/acme_os/a@1', 'acme_os:3'],
    ['"os":"gentoo"', 'ebuild', 'pkg:ebuild/a@1', 'gentoo'],
    ['"os":"../x","osCpe":7', 'apk', 'pkg:apk/a@1', undefined],
  ])('say which system it was built for: %s', async (system, type, purl, distro) => {
    const found = await component(of(`{"type":"${type}","name":"a","version":"1",${system}}`))
    expect(found.map((one) => [one.purl, one.distro])).toEqual([[purl, distro]])
  })
  it.each([
    ['"osCpe":"cpe:/o:redhat:enterprise_linux:10::baseos"', true],
    ['"os":"almalinux","osVersion":"10.0"', true],
    ['"architecture":"x86_64"', true],
    ['"osCpe":"cpe:2.3:o:rocky:rocky:9.3"', false],
    ['"osCpe":"cpe:/o:fedoraproject:fedora:40"', false],
  ])('of a system whose advisories name installed packages are no whole answer: %s', async (system, doubted) => {
    const reason = 'built from the source package a: advisories that name other packages built from it are not applied'
    const { gaps } = await read(program, 'bin/x', of(`{"type":"rpm","name":"a","version":"1",${system}}`))
    expect(gaps).toEqual(doubted ? [reason] : [])
  })
  it.each([
    ['{"type":"rpm","name":"a b","version":"1"}', 'expected a name and a version, got "a b" and "1"'],
    ['{"type":"rpm","name":"a","version":{}}', 'expected a name and a version, got "a" and an object'],
    ['[]', 'expected a JSON object'],
    ['{"type":"other","name":"a","version":"1"}', 'expected a type of package that is known, got "other"'],
    ['{"type":["rpm"]}', 'expected a type of package that is known, got a list'],
  ])('%s', async (text, reason) =>
    expect(await read(program, 'bin/x', of(text))).toEqual({
      found: [],
      gaps: [`its package note cannot be read: ${reason}`],
      program: 'program',
    }),
  )
})

describe('installed runtimes', () => {
  it.each([
    ['IMPLEMENTOR="Azul Systems, Inc."\nJAVA_VERSION="21.0.1"\n', 'java@21.0.1'],
    ['JAVA_VERSION="1.8.0_392"\nOS_NAME="Linux"\n', 'java@1.8.0_392'],
  ])('%j', async (text, purl) =>
    expect(await read(jdkRelease, 'opt/jdk/release', text)).toEqual({ found: [`pkg:generic/${purl}`], gaps: [], covers: true }),
  )
  it('says what is wrong', async () => {
    expect(await read(jdkRelease, 'release', 'JAVA_VERSION="x"\n')).toEqual({
      found: [],
      gaps: ['expected a release of Java in JAVA_VERSION, got "x"'],
    })
    expect(await read(jdkRelease, 'release', 'NAME="other"\n')).toEqual({ found: [], gaps: [] })
    expect(await read(pythonHeaders, 'include/python3.9/patchlevel.h', '#define X 1\n')).toEqual({
      found: [],
      gaps: ['expected PY_VERSION "number" among the definitions'],
    })
  })
})

describe('advisories of Bitnami', () => {
  const key = (type: string, name: string, version: string) => binaries.advisoryKey({ purl: '', type, name, version })
  it.each([
    ['generic', 'nginx', '1.25.3', '1.25.3'],
    ['bitnami', 'nginx', '1.25.3-4', '1.25.3'],
    ['generic', 'java', '17.0.9', '17.0.9'],
    ['generic', 'java', '1.8.0_392', '8.0.392'],
    ['generic', 'java', '11.0.20.1', '11.0.20'],
    ['bitnami', 'wordpress', '6.4.2-0', '6.4.2'],
  ])('%s/%s %s', (type, name, version, asked) => expect(key(type, name, version)).toEqual({ ecosystem: 'Bitnami', name, version: asked }))
  it.each(['openssl', 'busybox', 'zlib', 'anything'])('know nothing of %s', (name) => expect(key('generic', name, '1.0.0')).toBe(undefined))
})
